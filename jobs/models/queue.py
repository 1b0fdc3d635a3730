from django.db import models


class QueueName(models.TextChoices):
    HIGH = "high", "high"
    DEFAULT = "default", "default"
    LOW = "low", "low"


class Queue(models.Model):
    """A queue's switch and its clock of fair ranks."""

    name = models.CharField(max_length=12, choices=QueueName.choices, primary_key=True)
    paused = models.BooleanField(default=False)
    clock = models.BigIntegerField(default=0, help_text="the fair rank of the newest claim, a second late at most")

    def __str__(self) -> str:
        return self.name
