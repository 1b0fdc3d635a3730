"""Who works when: the next shift of each person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from workflows.models import Duty

AHEAD = 28  # days that are looked ahead for somebody's next shift


@dataclass(frozen=True)
class Next:
    """The shift (by key) that somebody works next, and when it begins."""

    shift: str
    begins: datetime


def next_of(user_ids: Collection[int], *, after: datetime) -> dict[int, Next]:
    """Each person's next shift that begins after that moment, where the house is; who has no duty is not in it."""
    zone = ZoneInfo(settings.TIME_ZONE)
    today = after.astimezone(zone).date()
    duties = Duty.objects.filter(user_id__in=user_ids, first_day__lte=today + timedelta(days=AHEAD))
    duties = duties.filter(Q(last_day=None) | Q(last_day__gte=today)).select_related("shift")
    found: dict[int, Next] = {}
    for duty in duties.order_by("pk"):
        begins = _first(duty, today, after, zone)
        known = found.get(duty.user_id)
        if begins is not None and (known is None or begins < known.begins):
            found[duty.user_id] = Next(duty.shift.key, begins)
    return found


def _first(duty: Duty, today: date, after: datetime, zone: ZoneInfo) -> datetime | None:
    """When this duty first begins after the moment: the day it applies to, today or tomorrow."""
    day = max(today, duty.first_day)
    begins = datetime.combine(day, duty.shift.begins, tzinfo=zone)
    if begins <= after:
        day += timedelta(days=1)
        begins = datetime.combine(day, duty.shift.begins, tzinfo=zone)
    return begins if duty.last_day is None or day <= duty.last_day else None
