"""Schedules: workflows that start by the clock, without a document. One timer of kind `schedule` for each trigger.

`every: 1 days` counts from the publication; `at: "08:00"` is that time of every working day of the definition's
calendar. Times that were missed (nobody was there to sweep) are made up for once, not one by one.
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.refusals import Refusal
from documents.locks import try_hold
from workflows import bodies, calendars, clock, durations, running, timers, triggers
from workflows.calendars import NeverOpen
from workflows.models import ALIVE, Definition, Instance, Timer, TimerState, WorkCalendar
from workflows.triggers import Trigger

logger = logging.getLogger(__name__)

KIND, EVENT = "schedule", "schedule"
FURTHEST = 40  # days in which a calendar should have a working day


def ensure(*, now: datetime | None = None) -> int:
    """Make timers agree with what is published and active: set what is missing, drop what is over; how many changed.

    Called at boot and now and then; of several who call it at once one does it.
    """
    with transaction.atomic():
        if not try_hold(_NUMBER):
            return 0
        wanted = {(trigger.version_id, trigger.index): trigger for trigger in _published()}
        pending = Timer.objects.filter(kind=KIND, state=TimerState.PENDING, instance=None)
        there = {(timer.data.get("version"), timer.data.get("trigger")): timer for timer in pending}
        over = [timer.pk for key, timer in there.items() if key not in wanted]
        changed = Timer.objects.filter(pk__in=over).update(state=TimerState.DROPPED)
        for key in wanted.keys() - there.keys():
            changed += _set(wanted[key], _first(wanted[key], now or clock.now()))
        return changed


def fire(timer: Timer) -> None:
    """Start the workflow and set the timer of the next time. The handler of timers of this kind."""
    trigger = next((one for one in _published() if _is_of(timer, one)), None)
    if trigger is None:
        return  # another version is published, or it is switched off: `ensure` sees to it
    now = timer.fired_at or clock.now()
    said = _start(trigger)
    timer.data = {**timer.data, **said}
    timer.save(update_fields=["data"])
    _set(trigger, _next(trigger, timer.due_at, now))


_NUMBER = int.from_bytes(hashlib.sha256(b"schedules of workflows").digest()[:8], signed=True)


def _published() -> Iterator[Trigger]:
    """The schedules of everything that is active, as it stands now."""
    for pk in Definition.objects.filter(active=True).exclude(published=None).values_list("published_id", flat=True):
        body = bodies.of(pk)
        of_version = triggers.of_body(
            body.data,
            key=body.key,
            definition_id=body.definition_id,
            version_id=body.version_id,
            number=body.number,
        )
        yield from (trigger for trigger in of_version if trigger.said.get("on") == EVENT)


def _is_of(timer: Timer, trigger: Trigger) -> bool:
    return (timer.data.get("version"), timer.data.get("trigger")) == (trigger.version_id, trigger.index)


def _start(trigger: Trigger) -> dict[str, Any]:
    """What came of it: the run's id, or why there is none."""
    if trigger.one_at_a_time and _runs(trigger):
        return {"skipped": "The run before is still alive, and one at a time is wanted."}
    considered = triggers.consider([trigger], triggers.names_of(None, {"name": EVENT}, head=False))[0]
    if considered.result != "matches":
        return {"skipped": considered.error or "Its condition does not hold."}
    reason = {"trigger": EVENT, "index": trigger.index, "words": trigger.said.get("reason") or ""}
    try:
        with transaction.atomic():
            definition = Definition.objects.get(pk=trigger.definition_id)
            instance = running.start(
                definition=definition, document=None, by=None, variables=considered.variables, reason=reason
            )
    except Refusal as refusal:
        logger.warning("The workflow %s could not be started by its schedule: %s", trigger.key, refusal.detail)
        return {"skipped": refusal.detail}
    return {"instance": str(instance.pk)}


def _runs(trigger: Trigger) -> bool:
    alive = Instance.objects.filter(definition=trigger.definition_id, document=None, status__in=ALIVE)
    return alive.filter(reason__trigger=EVENT).exists()


def _set(trigger: Trigger, due_at: datetime | None) -> int:
    if due_at is None:
        return 0
    data = {"definition": trigger.key, "version": trigger.version_id, "trigger": trigger.index}
    timers.set(instance=None, token=None, kind=KIND, name=trigger.key, due_at=due_at, data=data)
    return 1


def _first(trigger: Trigger, now: datetime) -> datetime | None:
    return _next(trigger, now, now)


def _next(trigger: Trigger, due: datetime, now: datetime) -> datetime | None:
    """The next time after now; None (logged) for a schedule that has none."""
    try:
        if trigger.said.get("at"):
            return _next_morning(trigger, now)
        every = durations.read(str(trigger.said.get("every")))
        if every.working:
            return calendars.add(every, now, _calendar(trigger))
    except (ValueError, Refusal) as wrong:
        logger.error("The schedule of the workflow %s has no next time: %s", trigger.key, wrong)
        return None
    missed = floor((now - due) / timedelta(seconds=every.seconds))
    return due + timedelta(seconds=every.seconds) * (max(missed, 0) + 1)


def _next_morning(trigger: Trigger, now: datetime) -> datetime | None:
    """That time of the next working day, where the calendar's people are."""
    hour, minute = (int(part) for part in str(trigger.said["at"]).split(":"))
    calendar = _calendar(trigger)
    zone = ZoneInfo(calendar.time_zone)
    today = now.astimezone(zone).date()
    for days in range(FURTHEST):
        day = today + timedelta(days=days)
        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        if at > now and calendars.next_opening(midnight, calendar).astimezone(zone).date() == day:
            return at.astimezone(timezone.get_default_timezone())
    raise NeverOpen(f"The calendar “{calendar.name}” has no working day in {FURTHEST} days.")


def _calendar(trigger: Trigger) -> WorkCalendar:
    return calendars.named(bodies.of(trigger.version_id).calendar)
