"""What a worker's poll does besides: each in its rhythm, none of them able to stop it."""

import pytest
from django.db import DatabaseError, connection

from jobs import leases, polling, presence, sweepers
from kmrl.celery import app


@pytest.fixture(autouse=True)
def _no_others(monkeypatch):
    monkeypatch.setattr(sweepers, "_sweepers", {})


def test_each_is_called_in_its_own_rhythm(monkeypatch):
    called, moment = [], [100.0]
    monkeypatch.setattr(sweepers.time, "monotonic", lambda: moment[0])
    sweepers.register("often", lambda: called.append("often"), every=2.0)
    sweepers.register("seldom", lambda: called.append("seldom"), every=60.0)
    for seconds in (0, 2, 2, 60):
        moment[0] += seconds
        sweepers.sweep()
    assert called == ["often", "seldom", "often", "often", "often", "seldom"]


def test_one_that_fails_is_logged_and_stops_nobody(caplog, db):
    called = []

    def fail():
        raise RuntimeError("boom")

    def fail_in_the_database():
        raise DatabaseError("no such table")

    sweepers.register("bad", fail)
    sweepers.register("worse", fail_in_the_database)
    sweepers.register("good", lambda: called.append("good"))
    sweepers.sweep()
    assert called == ["good"]
    assert "The sweeper bad failed" in caplog.text
    assert "The sweeper worse failed" in caplog.text


def test_when_postgresql_is_away_the_poll_hears_of_it(monkeypatch, db):
    def fail():
        raise DatabaseError("connection lost")

    monkeypatch.setattr(connection, "is_usable", lambda: False)
    sweepers.register("any", fail)
    with pytest.raises(DatabaseError):
        sweepers.sweep()


def test_the_poll_of_a_worker_calls_them(monkeypatch, transactional_db):
    monkeypatch.setattr(presence, "_mine", None)
    me, called = presence.mine(), []
    for module, name in ((polling, "_prewarm"), (polling, "_say_alive"), (polling, "_begin_work"), (leases, "sweep")):
        monkeypatch.setattr(module, name, lambda *given: None)

    def fail_and_stop():
        called.append(True)
        me.stopping.set()
        raise RuntimeError("the poll goes on without it")

    sweepers.register("any", fail_and_stop)
    polling._poll()
    assert called == [True]


def test_the_tick_of_a_house_whose_workers_are_busy_is_known():
    app.loader.import_default_modules()
    assert "workflows.sweep" in app.tasks
    assert "workflows.sweep" in app.conf.beat_schedule
