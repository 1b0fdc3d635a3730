import socket
import threading
import time
import uuid

import pytest
import redis
from django.conf import settings as configured
from django.db import transaction

from jobs import enqueueing, running, unasked, waking
from jobs.models import Job, Priority


@pytest.fixture
def clean(monkeypatch):
    waking.forget()
    waking._redis().delete(*(waking._mark(queue) for queue in ("high", "default", "low")))
    yield
    waking.forget()


def test_many_enqueued_wake_once_until_a_worker_begins_to_look(recorder, heard, clean):
    work = recorder()
    for _ in range(5):
        work.enqueue(3)
    assert heard == ["default"]
    waking.heard("default")
    work.enqueue()
    assert heard == ["default", "default"]


def test_work_of_low_priority_gathers_and_wakes_once(recorder, heard, clean, monkeypatch):
    monkeypatch.setattr(waking, "GATHER", 0.05)
    work = recorder()
    for _ in range(3):
        enqueueing.enqueue(work.kind.name, payload={}, priority=Priority.LOW)
    assert heard == []
    until = time.monotonic() + 5
    while not heard and time.monotonic() < until:
        time.sleep(0.01)
    assert heard == ["low"]
    waking.heard("low")
    enqueueing.enqueue(work.kind.name, payload={}, priority=Priority.LOW)
    while len(heard) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert heard == ["low", "low"]


def test_nobody_is_woken_before_the_commit(recorder, heard, clean):
    work = recorder()
    with transaction.atomic():
        enqueueing.enqueue(work.kind.name, payload={})
        transaction.set_rollback(True)
    assert heard == []
    assert not Job.objects.exists()


def test_a_worker_that_finds_more_passes_the_wake_up_on(recorder, heard, clean):
    work = recorder()
    work.enqueue(3)
    running.drain("default")
    assert heard == ["default", "default"]


def test_a_paused_queue_wakes_one_worker_and_not_one_a_job(recorder, heard, clean):
    work = recorder()
    unasked.pause(queue="default", by=None)
    for _ in range(3):
        work.enqueue()
        running.drain("default")
    assert heard == ["default"]
    assert not Job.objects.filter(state="succeeded").exists()
    unasked.resume(queue="default", by=None)
    assert heard == ["default", "default"], "who resumes wakes, whatever mark stands"
    running.drain("default")
    assert Job.objects.filter(state="succeeded").count() == 3


def test_enqueueing_returns_at_once_while_redis_is_away(recorder, settings, clean):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{closed.getsockname()[1]}/0"
    waking.forget()
    work = recorder()
    began = time.monotonic()
    work.enqueue()
    assert time.monotonic() - began < 0.5
    assert running.drain("default") == 1


def test_a_redis_that_accepts_and_says_nothing_costs_a_fifth_of_a_second_once(recorder, settings, clean):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.REDIS_URL = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
        waking.forget()
        began = time.monotonic()
        assert waking.wake("default") is False
        assert time.monotonic() - began < 0.5
        began = time.monotonic()
        assert all(waking.wake("default") is False for _ in range(100))
        assert time.monotonic() - began < 0.05


def test_what_is_begun_is_said_at_once_and_wakes_when_redis_has_answered(heard, clean):
    said = waking._redis().pubsub(ignore_subscribe_messages=True)
    channel = f"said-{uuid.uuid4()}"
    said.subscribe(channel)
    said.get_message(timeout=1)  # that it is subscribed
    assert waking.begin(["default"], [("PUBLISH", channel, "first")])()  # on a new line
    end = waking.begin(["default", "low"], [("PUBLISH", channel, "second")])
    assert [said.get_message(timeout=1)["data"] for _ in range(2)] == [b"first", b"second"]
    assert heard == ["default"]
    assert end()
    assert heard == ["default", "low"], "the mark of the first stood"
    assert len(waking._lines) == 1
    said.close()


def test_a_line_that_was_closed_is_noticed_and_what_follows_is_heard(heard, clean):
    waking.begin(["low"])()
    waking._lines[-1]._sock.shutdown(socket.SHUT_RDWR)
    assert waking.begin(["default"])() is False
    assert heard == ["low"] and not waking._lines
    assert waking.wake("default") and heard == ["low", "default"]


def test_nobody_takes_the_answers_that_another_did_not_wait_for(heard, clean):
    waking.begin(["low"])()
    forgotten = waking.begin(["default"])
    assert not waking._lines
    assert waking.begin(["low"])(), "its own line, and its own answer"
    assert heard == ["low"]
    assert forgotten() and heard == ["low", "default"]


def test_to_begin_never_waits_for_a_redis_that_says_nothing(settings, heard, clean):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.REDIS_URL = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
        waking.forget()
        began = time.monotonic()
        end = waking.begin(["default"])
        assert time.monotonic() - began < 0.1
        assert end() is False
        assert time.monotonic() - began < 0.5
        assert waking.begin(["default"])() is False and waking.wake("default") is False
        assert time.monotonic() - began < 0.6, "it rests"
    assert heard == []


def test_a_message_goes_to_the_queues_own_list_in_redis(recorder, clean, monkeypatch):
    monkeypatch.setattr(waking, "_publish", waking._publish_now)
    client = redis.Redis.from_url(configured.REDIS_URL)
    name = f"{configured.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}low"
    client.delete(name)  # what another test's work left
    assert waking.wake("low")
    assert client.llen(name) == 1
    client.delete(name)


def test_a_wake_up_that_found_no_free_hand_makes_a_busy_one_look_again(recorder):
    gate, begun = threading.Event(), threading.Event()

    def wait(run):
        begun.set()
        gate.wait(5)

    work = recorder(work=wait)
    work.enqueue()
    ended = []
    busy = threading.Thread(target=lambda: ended.append(running.drain("default")))
    busy.start()
    begun.wait(5)
    work.enqueue()
    assert running.drain("default") == 0
    gate.set()
    busy.join(5)
    assert ended == [2]


def test_inline_work_is_done_when_the_commit_returns(recorder, settings):
    settings.PROCESS_INLINE = True
    work = recorder()
    work.enqueue(2)
    assert len(work.settled) == 2
    failing = recorder(work=lambda run: 1 / 0)
    job = failing.enqueue()[0]
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("dead", 3)
