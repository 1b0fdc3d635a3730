"""The calendars of the house as schedules. Holidays are looked up again after some seconds, not for every deadline."""

from datetime import date
from functools import lru_cache
from time import monotonic

import orjson
from django.conf import settings

from accounts.refusals import NotFound
from workflows.calendars import hours
from workflows.calendars.hours import NeverOpen, Schedule, Window
from workflows.models import Holiday, WorkCalendar

DEFAULT = "office"
HELD_SECONDS = 10.0

_holidays: dict[int, tuple[float, frozenset[date]]] = {}
_calendars: dict[str, tuple[float, WorkCalendar]] = {}


def named(key: str = DEFAULT) -> WorkCalendar:
    """The calendar with this key, as it was at most so long ago as credentials are held.

    Raises NotFound with the advice to make it.
    """
    now, held = monotonic(), _calendars.get(key)
    if held is not None and now < held[0]:
        return held[1]
    found = WorkCalendar.objects.filter(key=key or DEFAULT).first()
    if found is None:
        raise NotFound(f"There is no calendar “{key}”. Make it under Calendars, or name another one.")
    _calendars[key] = (now + settings.CREDENTIALS_HELD_SECONDS, found)
    return found


def schedule_of(calendar: WorkCalendar | None) -> Schedule:
    """How this calendar runs; None is round the clock where the house is.

    A change of holidays is known everywhere within ten seconds. Raises NeverOpen when the hours cannot be read.
    """
    if calendar is None:
        return Schedule(settings.TIME_ZONE, always=True)
    if calendar.always:
        return Schedule(calendar.time_zone, always=True, name=calendar.name)
    try:
        windows = _windows(orjson.dumps(calendar.hours))
    except ValueError as wrong:
        raise NeverOpen(f"The hours of the calendar “{calendar.name}” cannot be read. {wrong}") from wrong
    return Schedule(
        calendar.time_zone, False, windows, calendar.second_saturdays_off, _holidays_of(calendar), calendar.name
    )


def forget() -> None:
    """Look calendars and holidays up anew from now on, in this process."""
    _holidays.clear()
    _calendars.clear()


@lru_cache(maxsize=128)
def _windows(written: bytes) -> tuple[Window, ...]:
    return hours.read(orjson.loads(written))


def _holidays_of(calendar: WorkCalendar) -> frozenset[date]:
    now = monotonic()
    held = _holidays.get(calendar.pk)
    if held is None or held[0] < now:
        days = Holiday.objects.filter(calendar_id=calendar.pk).values_list("day", flat=True)
        held = _holidays[calendar.pk] = (now + HELD_SECONDS, frozenset(days))
    return held[1]
