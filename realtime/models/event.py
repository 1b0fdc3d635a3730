from django.contrib.postgres.fields import ArrayField
from django.db import models


class Event(models.Model):
    """Something that happened, told to an audience. Written unnumbered in the transaction of the change.

    `position` is given after commit by `realtime.sequencer`; what has none is not yet told.
    """

    id = models.BigAutoField(primary_key=True)
    position = models.BigIntegerField(null=True, unique=True)
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    audience = ArrayField(models.CharField(max_length=80))
    data = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(position__isnull=True), name="event_unnumbered"),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.type}"


class Head(models.Model):
    """The single row that holds the last position given and the oldest one still kept."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)
    pruned_to = models.BigIntegerField(default=0, help_text="positions up to this one are gone")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_head")]

    def __str__(self) -> str:
        return str(self.position)
