"""Due dates without a clock: a task with `due` and no `sla` is late when that has passed. They pause with the run.

Only of decisions: who confirms to have read does so before his shift, which begins whether the run is paused or not.
"""

from collections.abc import Mapping
from typing import Any

from accounts import history, writing
from workflows import bodies, calendars, clock, durations, timers
from workflows.deeds import SUBJECT
from workflows.models import UNDECIDED, HumanTask, Instance, TaskKind, TaskState, Timer, TimerState, WorkCalendar
from workflows.sla import marking
from workflows.sla.clocks import DEADLINE, PAUSED, RESUMED
from workflows.sla.marking import Missed

NAME = "due"


def watch(task: HumanTask, *, step: Mapping[str, Any], instance: Instance) -> list[Timer]:
    """The timer, to be written, that sees to the task's due date, which its step (without an `sla`) gave it."""
    text = str(step.get("due") or "")
    working = bool(text) and durations.read(text).working
    return _timers(task, instance, calendar=bodies.of(instance.version_id).calendar if working else "")


def unwatch(*, instance: Instance, token: int) -> None:
    """The token's task with a due date alone is done with; when that was too late, and nobody noticed, it is marked."""
    timers.drop(instance=instance, token=token, kind=DEADLINE)
    tasks = HumanTask.objects.filter(instance=instance, token=token, state=TaskState.COMPLETED)
    late = tasks.filter(breached=False, due_at__lt=clock.now()).first()
    if late is not None and late.due_at is not None:
        marking.breach(Missed.by_task(late, instance, late.due_at))


def stand_still(*, instance: Instance) -> int:
    """The run is paused: its decisions are due at no time, and what was left is kept; how many. The caller holds it."""
    now, stopped = clock.now(), 0
    for timer, task in _of(instance, TimerState.PENDING):
        if timer.due_at <= now:
            continue  # it is late already: let it be said
        left = calendars.seconds_between(now, timer.due_at, _calendar(timer))
        timer.state, timer.data = TimerState.DROPPED, {**timer.data, "left": left}
        timer.save(update_fields=["state", "data"])
        task.due_at = None
        task.save(update_fields=["due_at"])
        _record(task, PAUSED, left_seconds=left, was_due=timer.due_at)
        stopped += 1
    return stopped


def go_on(*, instance: Instance) -> int:
    """The run goes on: what was left is left from now; how many. The caller holds the run."""
    going = 0
    for timer, task in _of(instance, TimerState.DROPPED):
        left = timer.data.pop("left")
        timer.save(update_fields=["data"])
        task.due_at = calendars.add_seconds(left, clock.now(), _calendar(timer))
        task.save(update_fields=["due_at"])
        writing.insert(_timers(task, instance, calendar=timer.data.get("calendar", "")))
        _record(task, RESUMED, due_at=task.due_at)
        going += 1
    return going


def _timers(task: HumanTask, instance: Instance, *, calendar: str) -> list[Timer]:
    """One, not written yet; none without a due date."""
    if task.due_at is None:
        return []
    data = {"due": task.due_at.isoformat(), "calendar": calendar}
    return [
        timers.draft(
            instance=instance, token=task.token, kind=DEADLINE, name=NAME, due_at=task.due_at, data=data, task=task
        )
    ]


def _of(instance: Instance, state: TimerState) -> list[tuple[Timer, HumanTask]]:
    """The run's timers of due dates, each with its task, which is undecided. Dropped: those that stand still alone."""
    found = Timer.objects.filter(instance=instance, kind=DEADLINE, name=NAME, state=state).order_by("pk")
    if state == TimerState.DROPPED:
        found = found.filter(data__has_key="left")
    tasks = HumanTask.objects.filter(instance=instance, state__in=UNDECIDED, kind=TaskKind.HUMAN)
    by_id = {task.pk: task for task in tasks.select_for_update(of=("self",), no_key=True).order_by("pk")}
    return [(timer, by_id[timer.task_id]) for timer in found if timer.task_id in by_id]


def _calendar(timer: Timer) -> WorkCalendar | None:
    """Of the open hours in which it counts; None for the wall clock."""
    key = timer.data.get("calendar")
    return calendars.named(key) if key else None


def _record(task: HumanTask, action: str, **after: Any) -> None:
    said = {"step": task.step, "token": task.token, **after}
    history.record(SUBJECT, task.instance_id, action, by=None, after=said)
