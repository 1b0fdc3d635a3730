"""An alert is raised once and cleared once, whoever looks, however often, and whatever is started again."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import HistoryEntry
from accounts.refusals import NotAllowed, NotFound
from jobs.alerts import lookout, raising, readings
from jobs.models import Alert
from realtime import audiences
from realtime.models import Event
from tests.alerts.conftest import open_names


def told() -> list[tuple[str, bool]]:
    events = Event.objects.filter(type="system.alert").order_by("pk")
    assert all(event.audience == [audiences.ADMIN] for event in events)
    return [(event.data["code"], event.data["cleared"]) for event in events]


def test_bad_raises_once_and_fine_clears_once(db, gauge, look):
    assert look() == [] and told() == []
    gauge.value = 10
    assert look() == ["pressure (boiler) raised"]
    gauge.value = 12
    assert [look(after=20) for _ in range(3)] == [[], [], []]
    alert = Alert.objects.get()
    assert (alert.value, alert.threshold, alert.text) == (12, 10, "Open the valve.")
    gauge.value = 3
    assert look() == []  # fine, and not for long enough
    assert look(after=31) == ["pressure (boiler) cleared"]
    assert [look(after=60) for _ in range(3)] == [[], [], []]
    assert told() == [("pressure", False), ("pressure", True)]
    event = Event.objects.filter(type="system.alert").first()
    assert event.data["detail"] == "Open the valve." and event.data["subject"] == "boiler"


def test_what_swings_between_bad_and_fine_is_said_once(db, gauge, look):
    for value in (10, 9, 11, 8, 12, 9, 10):
        gauge.value = value
        look(after=40)
    assert told() == [("pressure", False)]
    for value in (7, 9, 7, 11, 7):  # fine for a moment each time
        gauge.value = value
        look(after=20)
    assert open_names() == ["pressure (boiler)"] and told() == [("pressure", False)]


def test_what_is_bad_for_a_moment_is_not_told_when_it_may_be(db, gauge, look):
    gauge.after = 30
    gauge.value = 10
    assert look() == [] and look(after=20) == []
    gauge.value = 0
    assert look(after=5) == []
    gauge.value = 10
    assert look(after=5) == [] and look(after=29) == []
    assert look(after=2) == ["pressure (boiler) raised"]


def test_a_second_time_is_a_second_alert(db, gauge, look):
    for _ in range(2):
        gauge.value = 10
        look()
        gauge.value = 0
        look()
        look(after=31)
    assert told() == [("pressure", False), ("pressure", True)] * 2
    assert Alert.objects.filter(cleared_at__isnull=False).count() == 2


def test_of_processes_that_ask_at_once_one_looks(transactional_db, gauge):
    gauge.value, looked, start = 10, [], threading.Barrier(6)

    def process() -> None:
        start.wait()
        try:
            looked.append(len(lookout.look(every=60)))
        finally:
            connection.close()

    threads = [threading.Thread(target=process) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(looked) == [0, 0, 0, 0, 0, 1]
    assert told() == [("pressure", False)]


def test_two_that_settle_the_same_at_once_raise_one(transactional_db, gauge):
    """Even without a turn: the database holds one open alert by name and subject."""
    gauge.value, start, moved = 11, threading.Barrier(4), []

    def process() -> None:
        start.wait()
        try:
            moved.extend(raising.settle_now(gauge.read()[0]))
        finally:
            connection.close()

    threads = [threading.Thread(target=process) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(moved) == 1 and told() == [("pressure", False)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(name="pressure", subject="boiler", text="", value=1, threshold=1, raised_at=timezone.now())


def test_who_looked_too_long_says_nothing(db, gauge):
    gauge.value = 10
    mine = lookout.take_turn(readings.HOUSE, 0)
    assert lookout.take_turn(readings.HOUSE, 0) == mine + 1  # somebody else's, meanwhile
    assert raising.settle(gauge.read(), scope=readings.HOUSE, turn=mine) == []
    assert raising.settle(gauge.read(), scope=readings.HOUSE, turn=mine + 1) != []


def test_a_check_that_breaks_leaves_the_others_and_what_was_said(db, gauge, only, look):
    gauge.value = 10
    assert look() == ["pressure (boiler) raised"]

    def broken() -> list[readings.Reading]:
        raise OSError("no such disk")

    only(broken)
    assert look(after=60) == [] and open_names() == ["pressure (boiler)"]
    only(broken, gauge.read)
    gauge.value = 0
    assert look() == [] and look(after=31) == ["pressure (boiler) cleared"]


def test_administrators_acknowledge_and_the_first_is_kept(db, gauge, look, administrator, clerk, person):
    gauge.value = 10
    look()
    alert = Alert.objects.get()
    with pytest.raises(NotAllowed):
        raising.acknowledge(alert_id=alert.pk, by=clerk)
    raising.acknowledge(alert_id=alert.pk, by=administrator)
    raising.acknowledge(alert_id=alert.pk, by=person("second", is_superuser=True))
    alert.refresh_from_db()
    assert alert.acknowledged_by == administrator and alert.cleared_at is None
    assert HistoryEntry.objects.filter(subject_kind="alert", actor=administrator).count() == 1
    with pytest.raises(NotFound):
        raising.acknowledge(alert_id=0, by=administrator)


def test_what_was_said_about_a_machine_that_is_gone_is_cleared(db, only, look):
    Alert.objects.create(
        name="disk", subject="originals on elsewhere", text="", value=99, threshold=90, raised_at=timezone.now()
    )
    for subject in ("elsewhere", "another"):
        Alert.objects.create(
            name="storage_away", subject=subject, text="", value=1, threshold=1, raised_at=timezone.now()
        )
    assert lookout.take_turn("machine elsewhere", 0) == 1
    only()
    look()
    assert open_names() == ["disk (originals on elsewhere)", "storage_away (another)", "storage_away (elsewhere)"]
    look(after=3700)
    assert open_names() == ["storage_away (another)"]
