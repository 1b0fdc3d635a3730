"""The calendars and shifts that a new gateway knows: offices in Kerala, and operations round the clock.

Holidays are rows that people edit. The government's yearly list prevails; those that follow the moon may move by a day.
A year that has any is left as it is, so what people took out stays out; the year to come is added when it is near.
"""

from datetime import date, time

from django.db import transaction
from django.utils import timezone

from workflows.models import Holiday, Shift, WorkCalendar

CALENDARS = (
    WorkCalendar(
        key="office",
        name="Offices",
        hours=[{"days": [0, 1, 2, 3, 4, 5], "from": "10:00", "to": "17:00"}],
        second_saturdays_off=True,
    ),
    WorkCalendar(key="operations", name="Operations, round the clock", always=True),
)
SHIFTS = (
    ("morning", "Morning shift", time(6), time(14)),
    ("evening", "Evening shift", time(14), time(22)),
    ("night", "Night shift", time(22), time(6)),
)
EVERY_YEAR = (
    (1, 26, "Republic Day"),
    (4, 14, "Ambedkar Jayanti"),
    (5, 1, "May Day"),
    (8, 15, "Independence Day"),
    (10, 2, "Gandhi Jayanti"),
    (12, 25, "Christmas"),
)
MOVABLE = {
    2026: (
        (2, 15, "Maha Sivarathri"),
        (3, 20, "Id-ul-Fitr"),
        (4, 2, "Maundy Thursday"),
        (4, 3, "Good Friday"),
        (4, 15, "Vishu"),
        (5, 27, "Bakrid"),
        (6, 26, "Muharram"),
        (8, 25, "First Onam"),
        (8, 26, "Thiruvonam"),
        (8, 27, "Third Onam"),
        (8, 28, "Fourth Onam, Sree Narayana Guru Jayanti"),
        (9, 4, "Sree Krishna Jayanti"),
        (9, 21, "Sree Narayana Guru Samadhi"),
        (10, 20, "Mahanavami"),
        (10, 21, "Vijayadasami"),
        (11, 8, "Deepavali"),
    ),
    2027: (
        (3, 6, "Maha Sivarathri"),
        (3, 10, "Id-ul-Fitr"),
        (3, 25, "Maundy Thursday"),
        (3, 26, "Good Friday"),
        (4, 15, "Vishu"),
        (5, 17, "Bakrid"),
        (6, 16, "Muharram"),
        (9, 11, "First Onam"),
        (9, 12, "Thiruvonam"),
        (9, 13, "Third Onam"),
        (9, 14, "Fourth Onam, Sree Narayana Guru Jayanti"),
        (9, 21, "Sree Narayana Guru Samadhi"),
        (10, 29, "Deepavali"),
    ),
}


@transaction.atomic
def seed(*, today: date | None = None) -> dict[str, int]:
    """Add what is missing; how many of each were added. What exists is left as people made it."""
    calendars = [WorkCalendar.objects.get_or_create(key=one.key, defaults=_defaults(one)) for one in CALENDARS]
    shifts = [
        Shift.objects.get_or_create(key=key, defaults={"name": name, "begins": begins, "ends": ends})
        for key, name, begins, ends in SHIFTS
    ]
    year = (today or timezone.localdate()).year
    office = calendars[0][0]
    return {
        "calendars": sum(made for _, made in calendars),
        "holidays": _fill(office, year) + _fill(office, year + 1),
        "shifts": sum(made for _, made in shifts),
    }


def holidays_of(year: int) -> dict[date, str]:
    """The holidays of a year that are known here, by day; beyond the listed years the fixed ones alone."""
    return {date(year, month, day): name for month, day, name in (*EVERY_YEAR, *MOVABLE.get(year, ()))}


def _defaults(calendar: WorkCalendar) -> dict[str, object]:
    return {field: getattr(calendar, field) for field in ("name", "always", "hours", "second_saturdays_off")}


def _fill(calendar: WorkCalendar, year: int) -> int:
    if calendar.always or calendar.holidays.filter(day__year=year).exists():
        return 0
    return len(
        Holiday.objects.bulk_create(
            [Holiday(calendar=calendar, day=day, name=name) for day, name in sorted(holidays_of(year).items())]
        )
    )
