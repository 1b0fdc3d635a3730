from django.db import models

from workflows.models.calendar import WorkCalendar
from workflows.models.instance import Instance
from workflows.models.task import HumanTask


class ClockState(models.TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    STOPPED = "stopped", "Stopped"


class SlaClock(models.Model):
    """A target that runs: of a whole run (`step` empty) or of one token's step; of a task where there is one.

    `spec` is the definition's `sla`. Times are exact; `target_seconds` counts working seconds where a calendar says so.
    """

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="clocks")
    token = models.PositiveIntegerField(null=True, blank=True)
    step = models.CharField(max_length=40, blank=True)
    task = models.ForeignKey(HumanTask, null=True, blank=True, on_delete=models.CASCADE, related_name="clocks")
    calendar = models.ForeignKey(WorkCalendar, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    spec = models.JSONField(default=dict)
    target_seconds = models.PositiveIntegerField()
    spent_seconds = models.PositiveIntegerField(default=0, help_text="before the last pause")
    state = models.CharField(max_length=8, choices=ClockState.choices, default=ClockState.RUNNING)
    pause_reason = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    resumed_at = models.DateTimeField(help_text="since when it runs")
    paused_seconds = models.PositiveIntegerField(default=0, help_text="that it has stood still, by the wall clock")
    paused_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="null while paused")
    warned_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    rungs_taken = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["instance"], condition=~models.Q(state="stopped"), name="sla_clock_alive"),
        ]

    def __str__(self) -> str:
        return f"{self.instance_id} {self.step} {self.due_at}"
