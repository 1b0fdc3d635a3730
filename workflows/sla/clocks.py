"""Clocks of runs, steps and tasks: they start, stand still, go on and stop with what they measure.

The caller holds the run (and its document). One timer at a time is set for a clock: for what is due next on its way;
its handler (`workflows.escalation`) sets the one after it, so that nothing overtakes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts import history, writing
from accounts.models import User
from workflows import calendars, timers
from workflows import clock as time
from workflows.calendars import DEFAULT
from workflows.deeds import SUBJECT
from workflows.models import ClockState, HumanTask, Instance, InstanceStatus, SlaClock, Timer, WorkCalendar
from workflows.sla import marking, milestones
from workflows.sla.marking import Missed

DEADLINE, RUNG = "sla", "rung"
"""The kinds of its timers."""
PAUSED, RESUMED, MOVED = "sla_paused", "sla_resumed", "sla_moved"
"""What is written into the run's history."""
PAUSED_BY_RUN = "The workflow is paused."


def start(
    *, instance: Instance, token: int | None, step: str, spec: dict[str, Any], task: HumanTask | None = None
) -> SlaClock:
    """The clock of a token's step and its task, or of the whole run (`token=None`), runs from now.

    Raises BadDeadline; NotFound when there is no such calendar; NeverOpen. Then nothing was written.
    """
    clock = draft(instance=instance, token=token, step=step, spec=spec, task=task)
    write([clock])
    _show(clock, instance, before=None)
    return clock


def draft(
    *, instance: Instance, token: int | None, step: str, spec: dict[str, Any], task: HumanTask | None = None
) -> SlaClock:
    """As `start`, not written yet (`write`); the caller shows its deadline on a new run."""
    now = task.opened_at if task is not None else time.now()  # to the microsecond what the task says itself
    target = milestones.duration(spec.get("target"))
    calendar = calendars.named(spec.get("calendar") or DEFAULT) if target.working else None
    due_at = calendars.add(target, now, calendar)
    clock = SlaClock(
        id=writing.numbers(SlaClock, 1)[0],
        instance=instance,
        token=token,
        step=step,
        task=task,
        calendar=calendar,
        spec=spec,
        target_seconds=calendars.seconds_between(now, due_at, calendar),
        started_at=now,
        resumed_at=now,
        due_at=due_at,
    )
    milestones.of(clock)  # a ladder that cannot be read is refused now, not when it is needed
    return clock


def write(clocks: Sequence[SlaClock]) -> None:
    """Write new clocks, each with the timer for what comes first on its way."""
    writing.insert(clocks)
    writing.insert(first_timers(clocks))


def first_timers(clocks: Sequence[SlaClock]) -> list[Timer]:
    """For what comes first on the way of each, not written yet."""
    return [timer for clock in clocks if (timer := _next_timer(clock)) is not None]


def stop(*, instance: Instance, token: int | None = None) -> int:
    """Nothing more is due on the clocks of this token, or on any of the run's; how many. What they show stays.

    One that is over its target without anybody having noticed (the sweeper was down) is marked now.
    """
    found = list(_alive(instance, token))
    now = time.now()
    for clock in found:
        if clock.state == ClockState.RUNNING:
            clock.spent_seconds = shown(clock, now)
            _mark_if_late(clock, instance, now)
        clock.state, clock.stopped_at = ClockState.STOPPED, now
        _forget_timer(clock, instance)
    SlaClock.objects.bulk_update(found, ["state", "spent_seconds", "stopped_at", "breached_at"])
    return len(found)


def pause(*, instance: Instance, reason: str = PAUSED_BY_RUN, token: int | None = None) -> int:
    """The run's clocks (or the token's) stand still, and say why; what they have shown is kept. How many stopped."""
    running = [clock for clock in _alive(instance, token) if clock.state == ClockState.RUNNING]
    for clock in running:
        _stand_still(clock, instance, reason)
    return len(running)


def resume(*, instance: Instance, token: int | None = None) -> int:
    """The run's clocks (or the token's) go on from what they showed, but for those that wait for a step; how many."""
    held = [clock for clock in _alive(instance, token) if clock.state == ClockState.PAUSED]
    going = [clock for clock in held if not _waits_for(clock, instance)]
    for clock in going:
        _go_on(clock, instance)
    return len(going)


def follow(*, instance: Instance) -> int:
    """After a move: each clock stands still exactly while a token stands in one of its `pause_while` steps; how many
    changed. While the run itself is paused nothing changes."""
    if instance.status == InstanceStatus.PAUSED:
        return 0
    changed = 0
    for clock in _alive(instance):
        waits_for = _waits_for(clock, instance)
        if waits_for and clock.state == ClockState.RUNNING:
            _stand_still(clock, instance, f"The workflow waits at {waits_for}.")
        elif not waits_for and clock.state == ClockState.PAUSED:
            _go_on(clock, instance)
        else:
            continue
        changed += 1
    return changed


def reckon(*, instance: Instance, calendar: WorkCalendar, by: User | None) -> int:
    """The run's running clocks of this calendar, whose hours have changed, are counted anew; how many moved."""
    moved = 0
    for clock in _alive(instance).filter(calendar=calendar, state=ClockState.RUNNING):
        before, clock.due_at = clock.due_at, milestones.due(clock, clock.target_seconds)
        _forget_timer(clock, instance)  # the warning and the rungs may have moved although the deadline has not
        set_next(clock, instance)
        if clock.due_at == before:
            continue
        clock.save(update_fields=["due_at"])
        _show(clock, instance, before=before)
        _record(clock, MOVED, by=by, note=f"The calendar {calendar.name} has changed.", due_at=clock.due_at, was=before)
        moved += 1
    return moved


def shown(clock: SlaClock, now: datetime | None = None) -> int:
    """The seconds that the clock shows: of its calendar's open time, without its pauses."""
    if clock.state != ClockState.RUNNING:
        return clock.spent_seconds
    moment = max(now or time.now(), clock.resumed_at)
    return clock.spent_seconds + calendars.seconds_between(clock.resumed_at, moment, clock.calendar)


def set_next(clock: SlaClock, instance: Instance) -> None:
    """A timer for what comes next on its way; none when nothing does."""
    if (timer := _next_timer(clock)) is not None:
        writing.insert([timer])


def _next_timer(clock: SlaClock) -> Timer | None:
    milestone = milestones.next_of(clock)
    if milestone is None:
        return None
    return Timer(
        instance_id=clock.instance_id,
        token=clock.token,
        kind=RUNG if milestone.kind == milestones.RUNG else DEADLINE,
        name=_timer_name(clock),
        due_at=milestone.due_at,
        data={"clock": clock.pk, "milestone": milestone.name},
        task_id=clock.task_id,
    )


def _alive(instance: Instance, token: int | None = None) -> QuerySet[SlaClock]:
    found = SlaClock.objects.filter(instance=instance).exclude(state=ClockState.STOPPED)
    found = found.select_related("calendar", "task").order_by("pk")
    return found if token is None else found.filter(token=token)


def _mark_if_late(clock: SlaClock, instance: Instance, now: datetime) -> None:
    if clock.breached_at is None and clock.due_at is not None and clock.due_at < now:
        clock.breached_at = now
        marking.breach(Missed.by_clock(clock, instance, clock.task, clock.due_at))


def _waits_for(clock: SlaClock, instance: Instance) -> str:
    """The step of `pause_while` in which a token stands; empty when none does."""
    wanted = clock.spec.get("pause_while") or []
    if not wanted:
        return ""
    tokens: Iterable[dict[str, Any]] = instance.state.get("tokens", {}).values()
    return next((token["step"] for token in tokens if token["step"] in wanted), "")


def _stand_still(clock: SlaClock, instance: Instance, reason: str) -> None:
    now, before = time.now(), clock.due_at
    clock.spent_seconds = shown(clock, now)
    clock.state, clock.paused_at, clock.pause_reason, clock.due_at = ClockState.PAUSED, now, reason[:200], None
    clock.save(update_fields=["spent_seconds", "state", "paused_at", "pause_reason", "due_at"])
    _forget_timer(clock, instance)
    _show(clock, instance, before=before)
    _record(clock, PAUSED, note=reason, spent_seconds=clock.spent_seconds, was_due=before)


def _go_on(clock: SlaClock, instance: Instance) -> None:
    now = time.now()
    if clock.paused_at is not None:
        clock.paused_seconds += max(0, int((now - clock.paused_at).total_seconds()))
    clock.state, clock.paused_at, clock.pause_reason, clock.resumed_at = ClockState.RUNNING, None, "", now
    clock.due_at = milestones.due(clock, clock.target_seconds)
    clock.save(update_fields=["state", "paused_at", "paused_seconds", "pause_reason", "resumed_at", "due_at"])
    _show(clock, instance, before=None)
    set_next(clock, instance)
    _record(clock, RESUMED, spent_seconds=clock.spent_seconds, due_at=clock.due_at)


def _record(clock: SlaClock, action: str, *, by: User | None = None, note: str = "", **after: Any) -> None:
    said = {"step": clock.step, "token": clock.token, **after}
    history.record(SUBJECT, clock.instance_id, action, by=by, after=said, note=note)


def _show(clock: SlaClock, instance: Instance, *, before: datetime | None) -> None:
    """The deadline where people look for it: on the run, or on the task unless that has an earlier one of its own."""
    if clock.token is None:
        instance.due_at = clock.due_at
        Instance.objects.filter(pk=instance.pk).update(due_at=clock.due_at)
    task = clock.task
    if task is None:
        return
    own = task.due_at is not None and task.due_at != before
    if own and (clock.due_at is None or (task.due_at is not None and task.due_at <= clock.due_at)):
        return
    task.due_at = clock.due_at
    HumanTask.objects.filter(pk=task.pk).update(due_at=clock.due_at)


def _timer_name(clock: SlaClock) -> str:
    return f"clock {clock.pk}"


def _forget_timer(clock: SlaClock, instance: Instance) -> None:
    timers.drop(instance=instance, name=_timer_name(clock))
