"""PostgreSQL away: connections are cut under the worker's hands."""

import threading
import time

import pytest
from django.db import connection

from jobs import polling, running
from jobs.models import Job


def cut_everybody_else_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@pytest.fixture(autouse=True)
def _whole_again(queues):
    """Whoever comes next finds no connection that was cut."""
    yield
    polling._drop_broken_connections()


def test_work_is_settled_once_although_the_connection_was_cut_meanwhile(recorder):
    def cut(run):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
        cut_from_another_thread()

    def cut_from_another_thread() -> None:
        def cut_off() -> None:
            cut_everybody_else_off()
            connection.close()

        thread = threading.Thread(target=cut_off)
        thread.start()
        thread.join()

    work = recorder(work=cut)
    work.enqueue()
    runner = threading.Thread(target=running.drain, args=["default"])
    runner.start()
    runner.join(20)
    assert not runner.is_alive()
    polling._drop_broken_connections()
    assert Job.objects.get().state == "succeeded"
    assert len(work.settled) == 1


def test_the_poll_survives_an_outage_and_finds_the_work_afterwards(recorder, monkeypatch):
    monkeypatch.setattr(polling, "EVERY", 0.1)
    monkeypatch.setattr(polling, "_thread", None)
    work = recorder()
    polling.begin(queues=["default"], concurrency=1)
    try:
        time.sleep(0.5)
        cut_everybody_else_off()
        polling._drop_broken_connections()
        work.enqueue()
        until = time.monotonic() + 10
        while Job.objects.get().state != "succeeded" and time.monotonic() < until:
            time.sleep(0.05)
        assert Job.objects.get().state == "succeeded"
    finally:
        polling.end()
        polling._thread.join(5)


def test_administrators_hear_the_queues_figures_when_they_change(recorder, monkeypatch):
    told = []
    monkeypatch.setattr(polling.events, "tell", lambda event, *, to: told.append((event, list(to))))
    monkeypatch.setattr(polling, "_told", {})
    recorder().enqueue(3)
    polling._tell_status()
    polling._tell_status()
    assert len(told) == 1
    event, to = told[0]
    assert event.queues["default"] == {"queued": 3}
    assert to == ["admin"]
