"""Workflows that start by the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.workflows.clock.conftest import NOON
from workflows import schedules, timers
from workflows.models import Holiday, Instance, Timer, WorkCalendar

WAITS = "- {id: rest, kind: timer, wait: 90 days}"
ENDS = "- {id: done, kind: end, outcome: done}"


@pytest.fixture
def office(db):
    hours = [{"days": [0, 1, 2, 3, 4, 5], "from": "10:00", "to": "17:00"}]
    calendar, _ = WorkCalendar.objects.update_or_create(
        key="office", defaults={"name": "Office", "hours": hours, "second_saturdays_off": True}
    )
    return calendar


def scheduled(publish, steps=ENDS, key="nightly", **trigger):
    return publish(key, steps, triggers=[{"on": "schedule", **trigger}])


def pending() -> list[datetime]:
    found = Timer.objects.filter(kind="schedule", state="pending").order_by("due_at")
    return list(found.values_list("due_at", flat=True))


def test_every_so_often_and_moved_on(publish):
    definition = scheduled(publish, every="6 hours", reason="Each shift.")
    assert schedules.ensure(now=NOON) == 1
    assert schedules.ensure(now=NOON) == 0
    assert pending() == [NOON + timedelta(hours=6)]
    assert timers.sweep(now=NOON + timedelta(hours=6, seconds=1)) == 1
    instance = Instance.objects.get()
    assert (instance.definition, instance.document, instance.reason["trigger"]) == (definition, None, "schedule")
    assert instance.reason["words"] == "Each shift."
    assert pending() == [NOON + timedelta(hours=12)]
    assert Timer.objects.get(state="fired").data["instance"] == str(instance.pk)


def test_times_that_were_missed_are_made_up_for_once(publish):
    scheduled(publish, every="1 hours")
    schedules.ensure(now=NOON)
    assert timers.sweep(now=NOON + timedelta(hours=9, minutes=30)) == 1
    assert Instance.objects.count() == 1
    assert pending() == [NOON + timedelta(hours=10)]


def test_at_a_time_of_every_working_day(publish, office):
    Holiday.objects.create(calendar=office, day="2026-11-09", name="Movable")
    scheduled(publish, at="08:00")
    friday = datetime(2026, 11, 13, 3, 0, tzinfo=UTC)  # 08:30 in Kochi, the 14th is a second Saturday, then Sunday
    schedules.ensure(now=friday)
    assert pending() == [datetime(2026, 11, 16, 2, 30, tzinfo=UTC)]
    Timer.objects.all().delete()
    schedules.ensure(now=datetime(2026, 11, 7, 2, 31, tzinfo=UTC))  # Saturday; Sunday and the holiday follow
    assert pending() == [datetime(2026, 11, 10, 2, 30, tzinfo=UTC)]
    timers.sweep(now=datetime(2026, 11, 10, 2, 31, tzinfo=UTC))
    assert (Instance.objects.count(), pending()) == (1, [datetime(2026, 11, 11, 2, 30, tzinfo=UTC)])


def test_another_version_replaces_the_schedule_and_switching_off_ends_it(publish):
    definition = scheduled(publish, every="1 hours")
    schedules.ensure(now=NOON)
    scheduled(publish, every="2 hours")
    timers.sweep(now=NOON + timedelta(hours=1, minutes=1))  # the old one, before anybody saw to it
    assert Instance.objects.count() == 0
    schedules.ensure(now=NOON)
    assert pending() == [NOON + timedelta(hours=2)]
    definition.refresh_from_db()
    definition.active = False
    definition.save()
    assert schedules.ensure(now=NOON) == 1
    assert pending() == []


def test_one_at_a_time(publish):
    scheduled(publish, WAITS, every="1 hours")
    schedules.ensure(now=NOON)
    timers.sweep(now=NOON + timedelta(hours=1))
    timers.sweep(now=NOON + timedelta(hours=2))
    assert Instance.objects.count() == 1
    assert "one at a time" in Timer.objects.filter(state="fired").order_by("pk").last().data["skipped"]
    assert pending() == [NOON + timedelta(hours=3)]


def test_what_cannot_start_is_skipped_and_tried_the_next_time(publish):
    scheduled(publish, every="1 hours", **{"with": {"unknown": 1}})
    scheduled(publish, key="never", every="1 hours", when="false")
    schedules.ensure(now=NOON)
    timers.sweep(now=NOON + timedelta(hours=1))
    assert Instance.objects.count() == 0
    skipped = {timer.name: timer.data["skipped"] for timer in Timer.objects.filter(state="fired")}
    assert "unknown" in skipped["nightly"]
    assert skipped["never"] == "Its condition does not hold."
    assert pending() == [NOON + timedelta(hours=2)] * 2
