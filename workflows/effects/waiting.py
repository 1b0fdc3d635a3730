"""Waiting for the clock and for events, and waiting no more."""

from datetime import UTC, date, datetime, time

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import User
from accounts.refusals import Refusal
from workflows import calendars, circles, clock, durations, happenings, service_orders, timers
from workflows.effects import ending
from workflows.engine.talk import Came, Forget, Listen, SetTimer, StartClock
from workflows.models import Subscription
from workflows.sla import clocks, due_dates
from workflows.turn import Run, Turn

TIMED = frozenset({"timer"})
FURTHEST = 100
"""Years from now; at the ends of the calendar a time has no other zone's form."""
STEP = "step"
"""The kind of timer whose ringing the engine hears (`Rang`)."""


class NoTime(Refusal):
    """The step's time cannot be told; the token has an incident."""

    code, title = "no_time", "This is no time"


def set_timer(turn: Turn, run: Run, effect: SetTimer, by: User | None) -> None:
    """Raises NoTime, NotFound (no such calendar)."""
    due_at = moment(effect.at) if effect.at else _after(turn, run, effect.after)
    turn.timers.append(
        timers.draft(instance=run.instance, token=effect.token, kind=STEP, name=effect.timer, due_at=due_at)
    )


def listen(turn: Turn, run: Run, effect: Listen, by: User | None) -> None:
    """A subscription; written at the end of the turn, when nobody can slip in between.

    Who waits for the end of a run that has ended hears it at once: it comes once only. One that ends between this look
    and the end of the turn is told by `ending.missed`. Raises WaitsForItself: then the token has an incident.
    """
    key = str(effect.key)
    if effect.event == circles.FINISHED:
        key = str(happenings.run_of(key) or key)  # as its end is told
        for over in ending.ended([key]):
            turn.say(run.pk, Came(effect.token, event=effect.event, data=ending.told_of(over)), by=by)
            return
        circles.refuse_listening(turn, run, effect.step, key)
    row = Subscription(instance=run.instance, token=effect.token, event=effect.event[:60], key=key[:120])
    turn.subscriptions.append(row)


def start_clock(turn: Turn, run: Run, effect: StartClock, by: User | None) -> None:
    """The step's own `sla` begins to count. For a human step it is bound to the task, which is there already."""
    task = None
    if effect.step.get("kind") in ("human", "acknowledge"):
        task = run.instance.tasks.filter(token=effect.token, state__in=["open", "claimed"]).first()
    clocks.start(
        instance=run.instance,
        token=effect.token,
        step=effect.step.get("id", ""),
        spec=effect.step["sla"],
        task=task,
    )


def forget(turn: Turn, run: Run, effect: Forget, by: User | None) -> None:
    """Drop what the token had: asks only for what a step of its kind can have."""
    step, kind = effect.step, effect.step.get("kind")
    if kind in TIMED or step.get("on_timeout") or step.get("sla") or step.get("due"):
        turn.write_new()
    if kind in TIMED or step.get("on_timeout") or step.get("sla"):
        timers.drop(instance=run.instance, token=effect.token)
    if step.get("sla"):
        clocks.stop(instance=run.instance, token=effect.token)
    elif step.get("due"):
        due_dates.unwatch(instance=run.instance, token=effect.token)
    if kind == "wait_event":
        mine = [row for row in turn.subscriptions if (row.instance_id, row.token) == (run.instance.pk, effect.token)]
        for row in mine:
            turn.subscriptions.remove(row)
        if not mine:
            turn.unsubscribed.append((run.pk, effect.token))
    if kind in ("service", "compensate") and (run.pk, effect.token) not in turn.answered:
        service_orders.withdraw(instance=run.instance, token=effect.token)


def _after(turn: Turn, run: Run, text: str) -> datetime:
    try:
        duration = durations.read(text)
    except ValueError as wrong:
        raise NoTime(str(wrong)) from wrong
    return calendars.add(duration, turn.now, calendars.named(run.body.calendar) if duration.working else None)


def moment(text: str) -> datetime:
    """An ISO time, or a date: its first moment where the house is. Without a zone it is the house's time."""
    try:
        found: datetime | date | None = parse_datetime(text) or parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise NoTime(f"“{text[:60]}” is no time: write it as 2026-11-05 or 2026-11-05T14:30:00+05:30.")
    if abs(found.year - clock.now().year) > FURTHEST:
        raise NoTime(f"“{text[:60]}” is more than {FURTHEST} years away, beyond what the clock is asked for.")
    if not isinstance(found, datetime):
        found = datetime.combine(found, time.min)
    if timezone.is_naive(found):
        found = timezone.make_aware(found)
    return found.astimezone(UTC)
