"""Arithmetic over calendars: what is due when, and how much open time has gone by.

Working hours and minutes count open time alone. A working day is a day of the calendar: from within the hours, `n`
working days end at the same clock time `n` working days later (Monday 15:00 and two: Wednesday 15:00), at that day's
nearest earlier open moment when it closes sooner; from outside the hours the days to come count whole, and the last one
ends at its close (Saturday evening and two: Tuesday at the close). A part of a day is that part of a mean day's hours.
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from math import floor
from zoneinfo import ZoneInfo

from django.utils import timezone

from workflows.calendars.hours import EMPTY_YEARS, FURTHEST, SECOND, Schedule, Year, micros, moment, place_of
from workflows.calendars.known import schedule_of
from workflows.durations import SECONDS, Duration
from workflows.models import WorkCalendar


def add(duration: Duration, start: datetime, calendar: WorkCalendar | None) -> datetime:
    """When `duration` from `start` is over, in UTC; one that does not say `working` runs by the wall clock.

    Raises NeverOpen when the calendar has no open time left for it.
    """
    if not duration.working:
        return start.astimezone(UTC) + timedelta(seconds=duration.seconds)
    schedule = schedule_of(calendar)
    if duration.unit != "day":
        return moment(_forward(schedule, micros(start), round(duration.number * SECONDS[duration.unit] * SECOND)))
    whole = floor(duration.number)
    at = _days_on(schedule, micros(start), whole) if whole else micros(start)
    if duration.number == whole:
        return moment(at)
    return moment(_forward(schedule, at, round((duration.number - whole) * schedule.mean_day())))


def add_seconds(seconds: float, start: datetime, calendar: WorkCalendar | None) -> datetime:
    """When so many open seconds have gone by, in UTC; a stretch used to its end gives its close, not the next opening.

    No seconds give the start, or the next opening after it. Raises NeverOpen.
    """
    return moment(_forward(schedule_of(calendar), micros(start), round(seconds * SECOND)))


def seconds_between(start: datetime, end: datetime, calendar: WorkCalendar | None) -> int:
    """The whole open seconds from `start` to `end`; negative when `end` is the earlier one."""
    if end < start:
        return -seconds_between(end, start, calendar)
    return _between(schedule_of(calendar), micros(start), micros(end)) // SECOND


def seconds_of(duration: Duration, start: datetime, calendar: WorkCalendar | None) -> int:
    """What a duration that begins at `start` is in seconds of this calendar."""
    if not duration.working:
        return seconds_between(start, add(duration, start, calendar), calendar)
    if duration.unit != "day":
        return round(duration.number * SECONDS[duration.unit])
    return seconds_between(start, add(duration, start, calendar), calendar)


def open_now(calendar: WorkCalendar | None, *, at: datetime | None = None) -> bool:
    """Whether the calendar's people are there; at the moment of closing no longer."""
    schedule, now = schedule_of(calendar), micros(at or timezone.now())
    if schedule.always:
        return True
    for number in _years_at(schedule, now):
        year = schedule.year(number)
        place = place_of(year, now)
        if place >= 0:
            return now < year.closes[place]
    return False


def next_opening(at: datetime, calendar: WorkCalendar | None) -> datetime:
    """`at` itself while it is open, else when it opens next, in UTC. Raises NeverOpen."""
    return moment(_forward(schedule_of(calendar), micros(at), 0))


def _years_at(schedule: Schedule, at: int) -> tuple[int, int]:
    """The years in whose stretches a moment may lie, the likelier first: New Year's Eve reaches into the new year."""
    number = schedule.local_day(at).year
    return number, number - 1


def _position(schedule: Schedule, at: int) -> tuple[int, int]:
    """Year and index of the stretch that is open at a moment or closes then, else of the next one.

    The index may be one past the year's last.
    """
    number = schedule.local_day(at).year
    for one in (number - 1, number):
        year = schedule.year(one)
        place = place_of(year, at)
        if place >= 0 and at <= year.closes[place]:
            return one, place
        if place + 1 < len(year.opens):
            return one, place + 1
    return number, len(schedule.year(number).opens)


def _forward(schedule: Schedule, at: int, span: int) -> int:
    """The moment when `span` of open time after `at` is used up; on the near side of a gap, unless there is no span."""
    if span < 0:
        raise ValueError("Deadlines are counted forward.")
    if schedule.always:
        return at + span
    number, place = _position(schedule, at)
    year = schedule.year(number)
    if place < len(year.opens):
        here = max(at, year.opens[place])
        left = year.closes[place] - here
        if span <= left and (span or left):
            return here + span
        used = year.before[place] + (here - year.opens[place])
    else:
        used = year.total
    wanted, empty, first = used + span, 0, number
    while wanted > year.total or (not span and wanted >= year.total):
        wanted -= year.total
        number += 1
        year = schedule.year(number)
        empty = 0 if year.total else empty + 1
        if empty >= EMPTY_YEARS or number - first > FURTHEST:
            raise schedule.never_open()
    return _within(year, wanted, opening=not span)


def _within(year: Year, used: int, *, opening: bool) -> int:
    """The moment at which so much of the year's open time is used; where that is a close and an opening: which."""
    low, high = 0, len(year.before)
    while low < high:
        middle = (low + high) // 2
        before = year.before[middle]
        if before < used or (opening and before == used):
            low = middle + 1
        else:
            high = middle
    place = low - 1
    return year.opens[place] + (used - year.before[place])


def _between(schedule: Schedule, start: int, end: int) -> int:
    if schedule.always:
        return end - start
    first, last = schedule.local_day(start).year - 1, schedule.local_day(end).year
    if last - first > FURTHEST:
        raise schedule.never_open()
    years = [schedule.year(number) for number in range(first, last + 1)]
    return sum(_used(year, end) - _used(year, start) for year in years)


def _used(year: Year, at: int) -> int:
    """The open time of the year up to a moment."""
    place = place_of(year, at)
    if place < 0:
        return 0
    return year.before[place] + min(at, year.closes[place]) - year.opens[place]


def _days_on(schedule: Schedule, at: int, days: int) -> int:
    """`days` working days on: the module's rule."""
    if schedule.always:
        return _same_clock(schedule, at, days)
    number, place = _position(schedule, at)
    year = schedule.year(number)
    if place < len(year.opens):
        index = year.day_of[place]
        begun = at >= year.opens[place] or (place > 0 and year.day_of[place - 1] == index)
    else:
        index, begun = len(year.days), False
    if begun:  # within the day, also in its break
        here = max(at, year.opens[place])
        day = year.days[index]
        offset = _wall(schedule, here) - datetime.combine(day, datetime.min.time())
        number, index = _day_after(schedule, number, index + days)
        target = schedule.year(number)
        wall = datetime.combine(target.days[index], datetime.min.time()) + offset
        return _clipped(target, index, schedule.instant(wall.date(), wall.time()))
    number, index = _day_after(schedule, number, index + days - 1)
    return _close_of(schedule.year(number), index)


def _day_after(schedule: Schedule, number: int, index: int) -> tuple[int, int]:
    """Year and index of a working day whose index may lie beyond its year's days."""
    empty, first = 0, number
    while index >= len(schedule.year(number).days):
        held = len(schedule.year(number).days)
        index -= held
        empty = 0 if held else empty + 1
        if empty >= EMPTY_YEARS or number - first > FURTHEST:
            raise schedule.never_open()
        number += 1
    return number, index


def _clipped(year: Year, index: int, at: int) -> int:
    """The latest open moment of the day at or before `at`; the day's opening when there is none."""
    first, place = bisect_left(year.day_of, index), place_of(year, at)
    if place < first:
        return year.opens[first]
    return min(at, year.closes[min(place, bisect_right(year.day_of, index) - 1)])


def _close_of(year: Year, index: int) -> int:
    return year.closes[bisect_right(year.day_of, index) - 1]


def _wall(schedule: Schedule, at: int) -> datetime:
    return moment(at).astimezone(ZoneInfo(schedule.zone)).replace(tzinfo=None)


def _same_clock(schedule: Schedule, at: int, days: int) -> int:
    wall = _wall(schedule, at) + timedelta(days=days)
    return schedule.instant(wall.date(), wall.time())
