"""What counts as wrong, by the thresholds of the environment."""

import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.alerts import queue
from jobs.models import Alert, Job, Queue
from kmrl import postbox, watched
from kmrl.environment import BadSetting
from tests.alerts.conftest import open_names

Disk = namedtuple("Disk", "total used free")


@pytest.fixture
def watch_queue(only, worker):
    only(queue.waiting, queue.failures)
    return worker("low")


def test_backlog_by_queue(watch_queue, look, waiting, settings):
    settings.ALERT_BACKLOG = 5
    waiting(4, queue="default")
    waiting(5, queue="low")
    assert look() == ["backlog (low) raised"]
    Job.objects.filter(queue="low").first().delete()
    look(after=60)
    assert open_names() == ["backlog (low)"]  # four of five: not much, and not little
    Job.objects.filter(queue="low").first().delete()
    look()
    assert look(after=31) == ["backlog (low) cleared"]


def test_the_oldest_that_waits_by_queue(watch_queue, look, waiting, settings):
    settings.ALERT_OLDEST = {"high": 60, "default": 900, "low": 0}
    waiting(1, queue="high", for_seconds=59 - 5)
    waiting(1, queue="default", for_seconds=901)
    waiting(1, queue="low", for_seconds=90_000)
    assert look() == ["oldest_waiting (default) raised"]
    Queue.objects.filter(name="default").update(paused=True)
    look()
    assert "15 min" in Alert.objects.get().text and "paused" in Alert.objects.get().text


def test_jobs_that_are_due_later_do_not_wait(watch_queue, look, waiting, settings):
    settings.ALERT_OLDEST = {"high": 60, "default": 60, "low": 60}
    waiting(1, for_seconds=600)
    Job.objects.update(run_after=timezone.now() + timedelta(hours=1))
    assert look() == []


def test_the_share_of_jobs_that_were_given_up(watch_queue, look, settings):
    settings.ALERT_FAILURE_PERCENT = 10

    def ended(state: str, count: int, minutes_ago: int = 1) -> None:
        at = timezone.now() - timedelta(minutes=minutes_ago)
        Job.objects.bulk_create(
            [
                Job(kind="document.process", queue="default", state=state, created_at=at, finished_at=at)
                for _ in range(count)
            ]
        )

    ended("dead", 19)
    assert look() == []  # too few to speak of a share
    Job.objects.all().delete()
    ended("dead", 50, minutes_ago=20)
    ended("succeeded", 18)
    ended("dead", 1)
    assert look() == []
    ended("dead", 1)
    assert look() == ["failures raised"]
    ended("succeeded", 30)
    look()
    assert look(after=31) == ["failures cleared"]


def test_a_queue_that_nobody_serves(only, look, waiting, worker):
    only(queue.waiting)
    worker("high")
    waiting(1, queue="high")
    waiting(1, queue="low")
    assert look() == []  # a worker may be about to start
    assert look(after=31) == ["no_worker (low) raised"]
    worker("low")
    look()
    assert look(after=31) == ["no_worker (low) cleared"]


def test_nobody_alive_at_all_is_told_without_anything_that_waits(only, look, worker):
    only(queue.waiting)
    worker("low", seen_seconds_ago=60)
    worker("low", draining=True)
    look()
    assert look(after=31) == ["no_worker raised"]


def test_nobody_is_missed_where_work_is_done_in_the_request(only, look, db, settings):
    settings.PROCESS_INLINE = True
    only(queue.waiting)
    look()
    assert look(after=31) == []


def test_redis_away_and_redis_full(db, only, look, settings, monkeypatch):
    only(watched.of_redis)
    memory = watched.health.Memory(used=91 << 20, limit=100 << 20)
    with monkeypatch.context() as full:
        full.setattr(watched.health, "redis_memory", lambda: memory)
        assert look() == ["redis_memory raised"]
    address, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    look()
    assert look(after=16) == ["redis_away raised"]
    assert open_names() == ["redis_away", "redis_memory"]  # nobody knows how full it is
    settings.REDIS_URL = address
    look()
    assert sorted(look(after=31)) == ["redis_away cleared", "redis_memory cleared"]


def test_a_storage_that_is_away_for_longer_is_told_with_why_and_cleared_when_it_is_back(db, only, look, place):
    only(watched.of_storage)
    assert look() == []
    (place / "originals").rename(place / "unmounted")
    assert look() == []
    [raised] = look(after=16)
    assert raised.startswith("storage_away") and raised.endswith("raised")
    assert "its disk is not mounted" in Alert.objects.get().text
    (place / "unmounted").rename(place / "originals")
    look()
    assert [said.rpartition(" ")[2] for said in look(after=31)] == ["cleared"]


def test_redis_says_how_full_it_is():
    memory = watched.health.redis_memory()
    assert 0 < memory.used < memory.limit


def test_the_disk_of_the_originals_and_of_a_private_postgresql(db, place, settings, monkeypatch):
    (place / "services" / "postgres").mkdir(parents=True)
    settings.ORIGINALS = {"OPTIONS": {"location": str(place / "not there yet")}}
    asked = []
    monkeypatch.setattr(shutil, "disk_usage", lambda where: asked.append(where) or Disk(100, 89, 11))
    assert [(one.name, one.bad) for one in watched.of_disks()] == [("disk", False)] * 2
    assert asked == [place, place / "services" / "postgres"]
    monkeypatch.setattr(shutil, "disk_usage", lambda where: Disk(100, 95, 5))
    found = list(watched.of_disks())
    assert [one.bad for one in found] == [True, True]
    assert [one.subject.split(" on ")[0] for one in found] == ["originals", "PostgreSQL"]
    settings.ALERT_DISK_PERCENT = 0
    assert list(watched.of_disks()) == []


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, "", "", False, False)),
        ("smtp://mail.example.com:2525/?tls=true", ("mail.example.com", 2525, "", "", True, False)),
        ("submission://me:p%40ss@mail.example.com", ("mail.example.com", 587, "me", "p@ss", True, False)),
        ("smtps://me:pass@mail.example.com", ("mail.example.com", 465, "me", "pass", False, True)),
    ],
)
def test_the_mail_server_in_one_address(url, found):
    box = postbox.from_url(url)
    assert (box.host, box.port, box.user, box.password, box.starttls, box.tls) == found


def test_an_address_of_no_mail_server_is_refused():
    with pytest.raises(BadSetting):
        postbox.from_url("https://mail.example.com")
