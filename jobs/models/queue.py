from django.db import models


class QueueName(models.TextChoices):
    HIGH = "high", "high"
    DEFAULT = "default", "default"
    LOW = "low", "low"


class Queue(models.Model):
    """A queue's switch."""

    name = models.CharField(max_length=12, choices=QueueName.choices, primary_key=True)
    paused = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name
