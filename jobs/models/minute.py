from django.db import models

from jobs.models.queue import QueueName


class Minute(models.Model):
    """What ended in one minute in one queue: figures that stay when the jobs are cleaned away."""

    at = models.DateTimeField(help_text="when the minute began")
    queue = models.CharField(max_length=12, choices=QueueName.choices)
    succeeded = models.PositiveIntegerField(default=0)
    dead = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    work_ms = models.PositiveBigIntegerField(default=0, help_text="milliseconds of work of those that succeeded")
    wait_ms = models.PositiveBigIntegerField(default=0, help_text="milliseconds that those in `waits` waited in all")
    waits = models.JSONField(default=dict, help_text="how many waited how long before they began; see jobs.minutes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["at", "queue"], name="one_minute_by_queue")]

    def __str__(self) -> str:
        return f"{self.queue} {self.at:%Y-%m-%d %H:%M}"
