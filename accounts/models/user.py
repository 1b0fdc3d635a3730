from django.contrib.auth.models import AbstractUser
from django.db import models

from accounts import passwords


class HouseRole(models.TextChoices):
    """A role in the whole house, beside any in departments."""

    NONE = "", "None"
    AUDITOR = "auditor", "Auditor (sees all, changes nothing)"
    ADMINISTRATOR = "administrator", "Administrator"


class User(AbstractUser):
    """A person or a machine account. A superuser counts as an administrator."""

    house_role = models.CharField(max_length=16, choices=HouseRole.choices, default=HouseRole.NONE, blank=True)

    def set_password(self, raw_password: str | None) -> None:
        """As Django's. Raises PasswordTooLong, whoever asks: nobody could sign in with such a one."""
        super().set_password(passwords.bounded(raw_password))

    @property
    def is_administrator(self) -> bool:
        return self.is_active and (self.is_superuser or self.house_role == HouseRole.ADMINISTRATOR)

    @property
    def is_auditor(self) -> bool:
        return self.is_active and self.house_role == HouseRole.AUDITOR
