from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """What a person is within one department, weakest first."""

    CLERK = "clerk", "Clerk"
    REVIEWER = "reviewer", "Reviewer"
    HEAD = "head", "Head of department"


class Department(models.Model):
    """A part of the house. Its integer key scopes documents; its `key` is what clients write."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_ml = models.CharField("name in Malayalam", max_length=120, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's role in one department; a person may have several."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.CLERK)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "department"], name="one_role_by_department")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} of {self.department}"
