"""Reading the event log: exactly what an audience missed, or that it is gone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from realtime.models import Event, Head


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered event as it is told."""

    position: int
    type: str
    at: datetime
    data: Any


@dataclass(frozen=True, slots=True)
class Missed:
    """`lines` are all that there is after the position asked for, up to and including `position`.

    `complete`: nothing more was there when it was read. `reset`: what was asked for is pruned, or of another log (a
    database that was restored); `lines` is empty then.
    """

    lines: list[Line]
    position: int
    complete: bool
    reset: bool = False


def position() -> int:
    """The last position given."""
    return Head.objects.values_list("position", flat=True).filter(pk=1).first() or 0


def pruned_to() -> int:
    return Head.objects.values_list("pruned_to", flat=True).filter(pk=1).first() or 0


def missed(
    after: int, *, keys: Collection[str], limit: int, upto: int | None = None, without: Collection[str] = ()
) -> Missed:
    """What was told to any of `keys` (and to none of `without`) after a position, in order, `limit` at most."""
    last = position()
    if after > last:
        return Missed([], last, complete=True, reset=True)
    end = last if upto is None else min(last, upto)
    found = Event.objects.defer("audience").filter(position__gt=after, position__lte=end, audience__overlap=list(keys))
    if without:
        found = found.exclude(audience__overlap=list(without))
    rows = list(found.order_by("position")[: limit + 1])
    if pruned_to() > after:  # looked up after the rows: what was pruned meanwhile counts as gone
        return Missed([], last, complete=True, reset=True)
    lines = [Line(row.position or 0, row.type, row.at.astimezone(UTC), row.data) for row in rows[:limit]]
    if len(rows) > limit:
        return Missed(lines, lines[-1].position, complete=False)
    return Missed(lines, end, complete=True)
