"""Marking what missed its deadline: on the run, the step and the task, in the history, and told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts import history
from realtime import events
from realtime.workflow_events import SlaBreached
from workflows import bodies, telling
from workflows import clock as time
from workflows.deeds import SUBJECT
from workflows.models import HumanTask, Instance, SlaClock, StepRun

BREACHED = "sla_breached"


@dataclass
class Missed:
    """A deadline of a run that is held: of the whole (no token), of a token's step, or of a task."""

    instance: Instance
    step: str
    token: int | None
    task: HumanTask | None
    due_at: datetime
    target: str = ""

    @classmethod
    def by_clock(cls, clock: SlaClock, instance: Instance, task: HumanTask | None, due_at: datetime) -> "Missed":
        return cls(instance, clock.step, clock.token, task, due_at, str(clock.spec.get("target", "")))

    @classmethod
    def by_task(cls, task: HumanTask, instance: Instance, due_at: datetime) -> "Missed":
        return cls(instance, task.step, task.token, task, due_at)

    @property
    def late_seconds(self) -> int:
        """How long ago that was."""
        return max(0, int((time.now() - self.due_at).total_seconds()))

    def said(self) -> dict[str, str | None]:
        """What the events of deadlines have in common."""
        instance = self.instance
        return {
            "id": str(instance.pk),
            "workflow": bodies.of(instance.version_id).key,
            "document": str(instance.document_id) if instance.document_id else None,
            "step": self.step,
            "task": str(self.task.pk) if self.task else None,
            "target": self.target,
        }


def record(missed: Missed, action: str, *, note: str = "", **after: Any) -> None:
    """An entry of the run's history that says how late it came."""
    told: dict[str, Any] = {"step": missed.step, "token": missed.token, "due_at": missed.due_at, **after}
    if missed.task is not None:
        told["task"] = str(missed.task.pk)
    told["late_seconds"] = missed.late_seconds
    history.record(SUBJECT, missed.instance.pk, action, by=None, after=told, note=note)


def breach(missed: Missed) -> None:
    """Mark it, write it down and tell it; whom to notify is the caller's to say."""
    instance, task = missed.instance, missed.task
    if task is not None:
        task.breached = True
        HumanTask.objects.filter(pk=task.pk).update(breached=True)
    if missed.token is None:
        instance.breached = True
        Instance.objects.filter(pk=instance.pk).update(breached=True)
    else:
        StepRun.objects.filter(instance=instance, token=missed.token).update(breached=True)
    record(missed, BREACHED)
    told = SlaBreached(due_at=missed.due_at.isoformat(), **missed.said())  # type: ignore[arg-type]
    events.tell(told, to=telling.audience_of_run(instance))
