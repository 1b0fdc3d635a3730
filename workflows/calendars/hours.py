"""When a calendar is open, as plain numbers: exact to the microsecond, a year at a time, and remembered.

A stretch of open time belongs to the day on which it begins: a night shift of Monday is Monday's, also at 02:00 on
Tuesday, and a holiday closes what would begin on it, not what runs on into it. Stretches never overlap.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from accounts.refusals import Conflict

SECOND = 1_000_000  # microseconds, in which everything here is counted
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SATURDAY = 5
EMPTY_YEARS = 5  # so many in a row without an open minute: it never opens again
FURTHEST = 200  # years that anything is counted ahead


class NeverOpen(Conflict):
    """A calendar without any open time ahead: nothing can become due in it."""

    code, title = "never_open", "This calendar has no open hours"


@dataclass(frozen=True)
class Window:
    """From `begins` to `ends` on these days of the week (Monday 0); `overnight`: `ends` is the next day's."""

    days: frozenset[int]
    begins: time
    ends: time

    @property
    def overnight(self) -> bool:
        return self.ends <= self.begins


@dataclass(frozen=True)
class Year:
    """One year's open stretches in order: `opens` and `closes` in microseconds since 1970, `before` the open time of
    this year ahead of each, `day_of` the index in `days` of the working day to which each belongs."""

    opens: list[int]
    closes: list[int]
    before: list[int]
    day_of: list[int]
    days: list[date]
    total: int


@dataclass(frozen=True)
class Schedule:
    """A calendar's hours with its holidays; equal ones share what they remember."""

    zone: str
    always: bool = False
    windows: tuple[Window, ...] = ()
    second_saturdays_off: bool = False
    holidays: frozenset[date] = frozenset()
    name: str = field(default="", compare=False)

    def never_open(self) -> NeverOpen:
        return NeverOpen(
            f"The calendar “{self.name}” has no open hours from then on, so nothing can become due in it. "
            "Give it hours, or name another calendar."
        )

    def works_on(self, day: date) -> bool:
        """Whether hours that begin on this day are kept at all."""
        if self.always:
            return True
        second_saturday = day.weekday() == SATURDAY and 8 <= day.day <= 14
        return day not in self.holidays and not (second_saturday and self.second_saturdays_off)

    def raw(self, day: date) -> list[tuple[int, int]]:
        """The stretches that begin on the day, as written: they may overlap."""
        if not self.works_on(day):
            return []
        if self.always:
            return [(self.instant(day, time()), self.instant(day + timedelta(days=1), time()))]
        weekday = day.weekday()
        found = [
            (self.instant(day, one.begins), self.instant(day + timedelta(days=one.overnight), one.ends))
            for one in self.windows
            if weekday in one.days
        ]
        return sorted((begin, end) for begin, end in found if begin < end)

    def instant(self, day: date, at: time) -> int:
        """The moment at which clocks there show that time; of two (clocks put back) the first."""
        return micros(datetime.combine(day, at, tzinfo=ZoneInfo(self.zone)))

    def local_day(self, at: int) -> date:
        return moment(at).astimezone(ZoneInfo(self.zone)).date()

    def year(self, number: int) -> Year:
        """The open stretches that begin on that year's days. Raises NeverOpen far beyond what anybody plans."""
        if not 2 <= number <= 9990:
            raise self.never_open()
        return _year(self, number)

    def mean_day(self) -> int:
        """The open time of a working day on average over an ordinary week: what half a working day is half of."""
        plain = Schedule(self.zone, self.always, self.windows)
        week = [sum(end - begin for begin, end in _on(plain, date(2026, 6, day))) for day in range(1, 8)]
        working = [opened for opened in week if opened]
        if not working:
            raise self.never_open()
        return sum(working) // len(working)


@lru_cache(maxsize=256)
def _year(schedule: Schedule, number: int) -> Year:
    opens: list[int] = []
    closes: list[int] = []
    day_of: list[int] = []
    days: list[date] = []
    day = date(number, 1, 1)
    before = schedule.raw(day - timedelta(days=1))
    while day.year == number:
        written = schedule.raw(day)
        stretches = _cut(written, before)
        for begin, end in stretches:
            opens.append(begin)
            closes.append(end)
            day_of.append(len(days))
        if stretches:
            days.append(day)
        before, day = written, day + timedelta(days=1)
    sums = list(accumulate((end - begin for begin, end in zip(opens, closes, strict=True)), initial=0))
    return Year(opens, closes, sums[:-1], day_of, days, sums[-1])


def _on(schedule: Schedule, day: date) -> list[tuple[int, int]]:
    return _cut(schedule.raw(day), schedule.raw(day - timedelta(days=1)))


def _cut(written: list[tuple[int, int]], before: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A day's stretches, joined where they overlap, without what those of the day before already cover.

    No stretch is longer than a day, so only the day before reaches into this one.
    """
    covered = max((end for _, end in before), default=0)
    joined: list[tuple[int, int]] = []
    for begin, end in written:
        begin = max(begin, covered)
        if begin >= end:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def read(hours: Any) -> tuple[Window, ...]:
    """The windows of a calendar's `hours`. Raises ValueError with a sentence for what is no such list."""
    if not isinstance(hours, list):
        raise ValueError("The hours are a list of entries with days, from and to.")
    return tuple(_window(entry, place) for place, entry in enumerate(hours, start=1))


def _window(entry: Any, place: int) -> Window:
    if not isinstance(entry, dict) or set(entry) != {"days", "from", "to"}:
        raise ValueError(f"Entry {place} of the hours needs exactly: days, from, to.")
    days = entry["days"]
    if not isinstance(days, list) or not days or not all(type(day) is int and 0 <= day <= 6 for day in days):
        raise ValueError(f"The days of entry {place} are a list of numbers from 0 (Monday) to 6 (Sunday).")
    return Window(frozenset(days), _clock(entry["from"], place), _clock(entry["to"], place))


def _clock(text: Any, place: int) -> time:
    if text == "24:00":
        return time()
    try:
        found = time.fromisoformat(text)
    except (TypeError, ValueError):
        found = None
    if found is None or found.tzinfo is not None:
        raise ValueError(f"Entry {place} of the hours has a time that is not written like 10:00: {text!r}.")
    return found


def micros(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def moment(at: int) -> datetime:
    return EPOCH + at * MICROSECOND


def place_of(year: Year, at: int) -> int:
    """The index of the last stretch that has begun at that moment; -1 before the first of the year."""
    return bisect_right(year.opens, at) - 1
