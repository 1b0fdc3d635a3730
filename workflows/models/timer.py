from django.db import models

from workflows.models.instance import Instance


class TimerState(models.TextChoices):
    PENDING = "pending", "Pending"
    FIRED = "fired", "Fired"
    DROPPED = "dropped", "Dropped"


class Timer(models.Model):
    """Something due at a time. `kind` says who handles it (`workflows.timers.on`)."""

    instance = models.ForeignKey(Instance, null=True, blank=True, on_delete=models.CASCADE, related_name="timers")
    token = models.PositiveIntegerField(null=True, blank=True)
    task_id = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField()
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=TimerState.choices, default=TimerState.PENDING)
    fired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state="pending"), name="timer_due"),
            models.Index(fields=["instance", "token"], condition=models.Q(state="pending"), name="timer_of_instance"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.due_at}"
