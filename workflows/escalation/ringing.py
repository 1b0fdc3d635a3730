"""What happens when a clock's timer rings: the one thing that is due next on its way, and a timer for the one after.

The sweep holds the run and its document. A timer that is set for a moment that has passed is rung in the same sweep,
so after an outage everything happens in the order in which it was due, each once.
"""

from datetime import datetime

from realtime import events
from realtime.notices import telling as notifying
from realtime.notices.telling import News
from realtime.told import Told
from realtime.workflow_events import SlaBreached, SlaWarning
from workflows import bodies, clock, notices, telling, timers
from workflows.escalation import ladder
from workflows.escalation import notices as late_notices
from workflows.escalation.passing import Passing
from workflows.models import UNDECIDED, ClockState, HumanTask, Instance, SlaClock, StepRun, Timer
from workflows.sla import clocks, milestones
from workflows.sla.milestones import Milestone

WARNED, BREACHED = "sla_warning", "sla_breached"


def register() -> None:
    """Make the timers known."""
    timers.on(clocks.DEADLINE, rang)
    timers.on(clocks.RUNG, rang)


def rang(timer: Timer) -> None:
    """What is due next on the clock of this timer; nothing when it stands still, or its task is decided."""
    if timer.instance is None:
        return
    if "clock" not in timer.data:
        _due(timer, timer.instance)
        return
    passing = _passing(timer.data["clock"], timer.instance)
    if passing is None or passing.clock is None:
        return
    milestone = milestones.next_of(passing.clock)
    if milestone is not None and milestone.due_at <= clock.now():  # a new holiday may have moved it
        passing.due_at = milestone.due_at
        _pass(passing, passing.clock, milestone)
    _set_next(passing.clock, timer.instance)


def _passing(pk: int, instance: Instance) -> Passing | None:
    """The clock with its task, locked; None when nothing is due on it any more."""
    found = SlaClock.objects.select_related("calendar").filter(pk=pk, state=ClockState.RUNNING).first()
    if found is None:
        return None
    found.instance = instance
    if found.task_id is None:
        return Passing(instance, None, found)
    task = _task(found.task_id, instance)
    return None if task is None else Passing(instance, task, found)


def _task(pk: object, instance: Instance) -> HumanTask | None:
    """Locked, while it is undecided."""
    rows = HumanTask.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("document__newest", "department", "assignee")
    task = rows.filter(pk=pk, state__in=UNDECIDED).first()
    if task is not None:
        task.instance = instance
    return task


def _pass(passing: Passing, found: SlaClock, milestone: Milestone) -> None:
    if milestone.kind == milestones.RUNG:
        found.rungs_taken = milestone.number
        found.save(update_fields=["rungs_taken"])
        ladder.take(passing, found.spec["ladder"][milestone.number - 1], milestone.number)
    elif milestone.kind == milestones.WARNING:
        found.warned_at = clock.now()
        found.save(update_fields=["warned_at"])
        _warn(passing, found.due_at or milestone.due_at)
    else:
        found.breached_at = clock.now()
        found.save(update_fields=["breached_at"])
        _breach(passing)


def _warn(passing: Passing, due_at: datetime) -> None:
    """Whoever it waits for is told that the deadline comes near."""
    task = passing.task
    if task is not None:
        task.warned = True
        task.save(update_fields=["warned"])
    passing.record(WARNED, deadline=due_at)
    _tell(passing, SlaWarning(due_at=due_at.isoformat(), **_said(passing)))
    notifying.notify_many(notices.of_warning(passing.instance, to=passing.asked(), task=task))


def _breach(passing: Passing) -> None:
    """The deadline is missed: of the run, or of the step and its task; the head of the department hears of it too."""
    task, instance = passing.task, passing.instance
    if task is not None:
        task.breached = True
        task.save(update_fields=["breached"])
    if passing.token is None:
        instance.breached = True
        Instance.objects.filter(pk=instance.pk).update(breached=True)
    else:
        StepRun.objects.filter(instance=instance, token=passing.token).update(breached=True)
    passing.record(BREACHED)
    _tell(passing, SlaBreached(due_at=passing.due_at.isoformat(), **_said(passing)))
    to = passing.asked() | passing.heads()
    told: list[News] = late_notices.of_breached(instance, task, to=to)
    notifying.notify_many(told)


def _due(timer: Timer, instance: Instance) -> None:
    """A task's due date has passed, which has no clock of its own."""
    task = _task(timer.task_id, instance)
    if task is None or task.breached or task.due_at is None or task.due_at > clock.now():
        return
    _breach(Passing(instance, task, None, task.due_at))


def _set_next(found: SlaClock, instance: Instance) -> None:
    """What this did may have ended the run, or stopped the clock."""
    found.refresh_from_db(fields=["state"])
    if found.state == ClockState.RUNNING and instance.is_alive:
        clocks.set_next(found, instance)


def _said(passing: Passing) -> dict[str, str | None]:
    instance, task = passing.instance, passing.task
    return {
        "id": str(instance.pk),
        "workflow": bodies.of(instance.version_id).key,
        "document": str(instance.document_id) if instance.document_id else None,
        "step": passing.step,
        "task": str(task.pk) if task else None,
        "target": passing.target,
    }


def _tell(passing: Passing, told: Told) -> None:
    events.tell(told, to=telling.audience_of_run(passing.instance))
