"""Whole worker processes, as the supervisor starts them."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection, transaction

from jobs import enqueueing, kinds, leases, presence, waking
from jobs.kinds import Kind
from jobs.models import Job, Priority, Worker
from jobs.offspring import remove_left_folders


def until(condition, seconds=60.0):
    """What `condition` says as soon as it is true. A whole worker needs its time on a busy machine."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


def children_of(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(parts[1]) == pid and parts[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def address() -> str:
    given = connection.get_connection_params()
    host = f"{given.get('host', '')}:{given.get('port', '')}".rstrip(":")
    secret = f":{given['password']}" if given.get("password") else ""
    if given.get("host", "").startswith("/"):
        port = given.get("port", 5432)
        return f"postgresql://{given['user']}{secret}@/{given['dbname']}?host={given['host']}&port={port}"
    return f"postgresql://{given['user']}{secret}@{host}/{given['dbname']}"


@pytest.fixture
def start(queues, tmp_path):
    started = []

    def begin(redis_url: str, queues: str = "default,high") -> subprocess.Popen:
        environment = {
            **os.environ,
            "DATABASE_URL": address(),
            "REDIS_URL": redis_url,
            "KMRL_DATA": str(tmp_path),
            "KMRL_SECRET_KEY": "for-this-test",
        }
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "tests.work.worker_app", "worker", "--queues", queues),
                *("--pool", "threads", "--concurrency", "2", "--hostname", f"t{os.getpid()}@%h"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
            ],
            env=environment,
            cwd=configured.BASE_DIR,
            stdout=subprocess.DEVNULL,
            stderr=(tmp_path / "worker.log").open("ab"),
        )
        started.append(process)
        return process

    kinds.register(Kind("worker.quick", perform=lambda run: None, settle=lambda done: None))
    kinds.register(Kind("worker.hang", perform=lambda run: None, settle=lambda done: None))
    yield begin
    for process in started:
        process.kill()
        process.wait()


def nobody() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{free.getsockname()[1]}/0"


def enqueue(kind: str) -> Job:
    with transaction.atomic():
        return enqueueing.enqueue(kind, payload={})


def state_of(job) -> str:
    return Job.objects.get(pk=job.pk).state


def test_work_starts_without_redis_by_the_workers_own_poll(start, settings):
    settings.REDIS_URL = nobody()
    job = enqueue("worker.quick")
    start(settings.REDIS_URL)
    until(lambda: state_of(job) == "succeeded")
    later = enqueue("worker.quick")
    until(lambda: state_of(later) == "succeeded", 5)
    assert list(Job.objects.order_by("pk").values_list("pk", "attempt")) == [(job.pk, 1), (later.pk, 1)]
    assert set(Job.objects.values_list("worker", flat=True)) == {Worker.objects.get().pk}


@pytest.mark.parametrize(("serves", "expected"), [("default,high", 10), ("high", 0)])
def test_all_but_urgent_work_steps_back_for_uploads_and_pages(start, serves, expected):
    before = os.getpriority(os.PRIO_PROCESS, 0)
    process = start(configured.REDIS_URL, serves)
    with transaction.atomic():
        job = enqueueing.enqueue("worker.hang", payload={}, priority=Priority.HIGH)
    until(lambda: state_of(job) == "running")
    child = until(lambda: children_of(process.pid))[0]
    assert os.getpriority(os.PRIO_PROCESS, child) == min(before + expected, 19)


def test_a_stopped_worker_hands_its_work_back_unspent_and_leaves_nothing(start):
    process = start(configured.REDIS_URL)
    until(lambda: Worker.objects.exists())
    job = enqueue("worker.hang")
    until(lambda: state_of(job) == "running")
    until(lambda: children_of(process.pid))
    orphans = children_of(process.pid)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.worker) == ("queued", 0, "")
    assert not any(presence.is_alive(pid) for pid in orphans)
    assert not Worker.objects.exists()


def test_a_killed_worker_leaves_no_child_and_its_work_goes_on(start):
    process = start(configured.REDIS_URL)
    job = enqueue("worker.hang")
    until(lambda: state_of(job) == "running")
    orphans = until(lambda: children_of(process.pid))
    process.kill()
    process.wait()
    until(lambda: not any(presence.is_alive(pid) for pid in orphans), 3)
    until(lambda: leases.sweep().get("expired"), 8)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("queued", 1)
    assert remove_left_folders() == len(orphans)
    assert remove_left_folders() == 0


def test_what_nobody_serves_is_done_by_the_workers_of_another_queue_until_somebody_does(start):
    start(configured.REDIS_URL)
    until(lambda: Worker.objects.filter(queues=["default", "low"]).exists())
    with transaction.atomic():
        job = enqueueing.enqueue("worker.quick", payload={}, priority=Priority.LOW)
    waking._publish_now("low")
    until(lambda: state_of(job) == "succeeded", 5)
    start(configured.REDIS_URL, "low,default,high")
    until(lambda: set(Worker.objects.values_list("queues__0", "queues__1")) == {("default", None), ("low", None)})


def test_a_wake_up_through_celery_starts_idle_work_in_milliseconds(start, monkeypatch):
    monkeypatch.setenv("WORKER_APP_POLL_EVERY", "600")  # the worker finds nothing by itself
    start(configured.REDIS_URL)
    until(lambda: Worker.objects.exists())
    waits = []
    for _ in range(8):
        job = enqueue("worker.quick")
        waking._publish_now("default")
        until(lambda job=job: state_of(job) == "succeeded", 5)
        job.refresh_from_db()
        waits.append((job.started_at - job.created_at).total_seconds())
    assert sorted(waits)[3] < 0.25
