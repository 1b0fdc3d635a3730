from django.conf import settings
from django.db import models


class Trial(models.Model):
    """A definition that a worker tries on the past: what was asked, and what it found. Its id is its job's."""

    id = models.UUIDField(primary_key=True, editable=False)
    definition = models.CharField(max_length=40, help_text="key")
    last = models.PositiveIntegerField(help_text="documents, the newest first")
    department = models.CharField(max_length=40, blank=True, help_text="key; empty: all")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, blank=True, help_text="how it ended: succeeded, dead or cancelled")
    result = models.JSONField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index("definition", models.F("asked_at").desc(), name="trial_of_definition"),
            models.Index(fields=["asked_at"], name="trial_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.definition} {self.id}"
