"""What is due on a clock's way: the warning, the deadline itself, and the rungs of the ladder, in their order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.refusals import Refusal
from workflows import calendars, durations
from workflows.calendars import DEFAULT
from workflows.durations import Duration
from workflows.models import SlaClock

WARNING, BREACH, RUNG = "warning", "breach", "rung"


class BadDeadline(Refusal):
    """The definition's `sla` cannot be read; the sentence says what is wrong with it."""

    code, title = "bad_deadline", "This is no deadline"


@dataclass(frozen=True)
class Milestone:
    """Something that happens once on a clock's way; `number` counts the rungs from 1."""

    kind: str
    due_at: datetime
    number: int = 0

    @property
    def name(self) -> str:
        return f"{self.kind} {self.number}" if self.number else self.kind


def duration(text: Any) -> Duration:
    """Raises BadDeadline with the sentence of what is wrong."""
    try:
        return durations.read(text)
    except ValueError as wrong:
        raise BadDeadline(str(wrong)) from wrong


def of(clock: SlaClock) -> list[Milestone]:
    """All of a running clock, in the order in which they happen.

    At one moment the warning comes first, then the breach, then the rungs; no rung comes before the one below it.
    """
    found = list(_first_two(clock))
    latest = clock.started_at
    for number, rung in enumerate(clock.spec.get("ladder") or [], start=1):
        latest = max(latest, _rung_due(clock, rung.get("after")))
        found.append(Milestone(RUNG, latest, number))
    order = (WARNING, BREACH, RUNG)
    return sorted(found, key=lambda one: (one.due_at, order.index(one.kind), one.number))


def next_of(clock: SlaClock) -> Milestone | None:
    """The first that has not happened; None when all have."""
    return next((one for one in of(clock) if not taken(clock, one)), None)


def taken(clock: SlaClock, milestone: Milestone) -> bool:
    """Whether it has happened."""
    if milestone.kind == WARNING:
        return clock.warned_at is not None
    if milestone.kind == BREACH:
        return clock.breached_at is not None
    return clock.rungs_taken >= milestone.number


def due(clock: SlaClock, seconds: float) -> datetime:
    """When the running clock shows so many seconds; the moment from which it runs, when it shows them already."""
    return calendars.add_seconds(max(0.0, seconds - clock.spent_seconds), clock.resumed_at, clock.calendar)


def share_of(text: Any) -> float | None:
    """0.5 for `50 %`; None for what is no share."""
    if not isinstance(text, str) or not text.strip().endswith("%"):
        return None
    try:
        share = float(text.strip().removesuffix("%"))
    except ValueError:
        share = -1.0
    if share < 0:
        raise BadDeadline(f"“{text}” is no share of the target: write it as 75 %.")
    return share / 100


def _first_two(clock: SlaClock) -> Iterator[Milestone]:
    warn_at = clock.spec.get("warn_at")
    if warn_at is not None:
        yield Milestone(WARNING, due(clock, float(warn_at) * clock.target_seconds))
    yield Milestone(BREACH, clock.due_at or due(clock, clock.target_seconds))


def _rung_due(clock: SlaClock, after: Any) -> datetime:
    """A share, and a duration that counts as the target does, by what the clock shows; another as if the clock had
    started later by what it stood still."""
    share = share_of(after)
    if share is not None:
        return due(clock, share * clock.target_seconds)
    wanted = duration(after)
    calendar = clock.calendar
    if wanted.working == (calendar is not None):
        return due(clock, calendars.seconds_of(wanted, clock.started_at, calendar))
    named = calendars.named(clock.spec.get("calendar") or DEFAULT) if wanted.working else None
    return calendars.add(wanted, clock.started_at + timedelta(seconds=clock.paused_seconds), named)
