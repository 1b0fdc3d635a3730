"""What happens when a clock's timer rings: the one thing that is due next on its way, and a timer for the one after.

The sweep holds the run and its document. A timer that is set for a moment that has passed is rung in the same sweep,
so after an outage everything happens in the order in which it was due, each once.
"""

from uuid import UUID

from realtime import events
from realtime.notices import telling as notifying
from realtime.workflow_events import SlaWarning
from workflows import clock, notices, telling, timers
from workflows.escalation import concerned, ladder
from workflows.escalation import notices as late_notices
from workflows.models import UNDECIDED, ClockState, HumanTask, Instance, SlaClock, Timer
from workflows.sla import clocks, marking, milestones
from workflows.sla.marking import Missed
from workflows.sla.milestones import Milestone

WARNED = "sla_warning"


def register() -> None:
    """Make the timers known."""
    timers.on(clocks.DEADLINE, rang)
    timers.on(clocks.RUNG, rang)


def rang(timer: Timer) -> None:
    """What is due next on the clock of this timer; nothing when it stands still, or its task is decided."""
    instance = timer.instance
    if instance is None:
        return
    if "clock" not in timer.data:
        _due(timer, instance)
        return
    found = SlaClock.objects.select_related("calendar").filter(pk=timer.data["clock"], state=ClockState.RUNNING).first()
    if found is None:
        return
    task = _task(found.task_id, instance)
    if found.task_id and task is None:
        return
    milestone = milestones.next_of(found)
    if milestone is not None and milestone.due_at <= clock.now():  # a new holiday may have moved it
        _pass(found, milestone, instance, task)
    _set_next(found, instance)


def _task(pk: UUID | None, instance: Instance) -> HumanTask | None:
    """Locked, while it is undecided."""
    if pk is None:
        return None
    rows = HumanTask.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("document__newest", "department", "assignee")
    task = rows.filter(pk=pk, state__in=UNDECIDED).first()
    if task is not None:
        task.instance = instance
    return task


def _pass(found: SlaClock, milestone: Milestone, instance: Instance, task: HumanTask | None) -> None:
    missed = Missed.by_clock(found, instance, task, milestone.due_at)
    if milestone.kind == milestones.RUNG:
        found.rungs_taken = milestone.number
        found.save(update_fields=["rungs_taken"])
        ladder.take(missed, found.spec["ladder"][milestone.number - 1], milestone.number)
    elif milestone.kind == milestones.WARNING:
        found.warned_at = clock.now()
        found.save(update_fields=["warned_at"])
        _warn(missed, found)
    else:
        found.breached_at = clock.now()
        found.save(update_fields=["breached_at"])
        _breach(missed)


def _warn(near: Missed, found: SlaClock) -> None:
    """Whoever it waits for is told that the deadline comes near."""
    task, deadline = near.task, found.due_at or near.due_at
    if task is not None:
        task.warned = True
        task.save(update_fields=["warned"])
    marking.record(near, WARNED, deadline=deadline)
    told = SlaWarning(due_at=deadline.isoformat(), **near.said())  # type: ignore[arg-type]
    events.tell(told, to=telling.audience_of_run(near.instance))
    to = concerned.asked(near.instance, task)
    notifying.notify_many(notices.of_warning(near.instance, to=to, task=task))


def _breach(missed: Missed) -> None:
    """Whoever it waits for hears of it, and the head of the department."""
    marking.breach(missed)
    instance, task = missed.instance, missed.task
    to = concerned.asked(instance, task) | concerned.heads(instance, task)
    notifying.notify_many(late_notices.of_breached(instance, task, to=to))


def _due(timer: Timer, instance: Instance) -> None:
    """A task's due date has passed, which has no clock of its own."""
    task = _task(timer.task_id, instance)
    if task is None or task.breached or task.due_at is None or task.due_at > clock.now():
        return
    _breach(Missed.by_task(task, instance, task.due_at))


def _set_next(found: SlaClock, instance: Instance) -> None:
    """What this did may have ended the run, or stopped the clock."""
    runs = SlaClock.objects.filter(pk=found.pk, state=ClockState.RUNNING).exists()
    if runs and instance.is_alive:
        clocks.set_next(found, instance)
