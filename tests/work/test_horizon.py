"""Autovacuum does not go over the jobs in vain while an old snapshot is held, and comes at once when that has ended."""

import time

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from jobs import horizon, sweepers
from jobs.models import Job


def thresholds() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(reloptions) FROM pg_class WHERE oid = 'jobs_job'::regclass")
        pairs = (row[0].split("=") for row in cursor.fetchall())
        return {name: int(value) for name, value in pairs if name in horizon.USUAL}


def vacuum(times: int = horizon.PASSES) -> None:
    with connection.cursor() as cursor:
        for _ in range(times):
            cursor.execute("VACUUM jobs_job")


def hold(*, unlike: psycopg.Connection | None = None) -> psycopg.Connection:
    """Somebody's long report, with another horizon than `unlike`'s.

    Whoever writes in another database of this server, as tests beside this one do, holds that back for both.
    """
    until = time.monotonic() + 30
    while True:
        other = psycopg.connect(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"])
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.execute("SELECT count(*) FROM jobs_job")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")  # the next one's horizon is another
        if unlike is None or horizon_of(other) != horizon_of(unlike):
            return other
        other.close()
        assert time.monotonic() < until, "somebody writes for half a minute"
        time.sleep(0.05)


def horizon_of(other: psycopg.Connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT backend_xmin::text FROM pg_stat_activity WHERE pid = %s", [other.info.backend_pid])
        return cursor.fetchone()[0]


@pytest.fixture
def dead_rows(recorder, monkeypatch):
    """A table that is vacuumed as migrated; the function leaves so many dead rows."""
    monkeypatch.setattr(horizon, "MANY", 20)
    work = recorder()

    def leave(number: int) -> None:
        work.enqueue(number)
        Job.objects.update(percent=1)

    horizon.forget()
    vacuum(1)
    yield leave
    horizon.forget()
    horizon._set(horizon.USUAL)
    horizon.forget()


def test_autovacuum_waits_for_a_snapshot_that_has_outlived_two_passes_and_no_longer(dead_rows):
    with hold() as other:
        dead_rows(20)
        horizon.look()
        vacuum()
        assert thresholds() == horizon.USUAL
        horizon.look()
        assert thresholds() == horizon.NEVER
        horizon.look()
        assert thresholds() == horizon.NEVER
        other.rollback()
        horizon.look()
    assert thresholds() == horizon.USUAL


def test_a_process_that_has_just_begun_lets_it_come_again_too(dead_rows):
    horizon._set(horizon.NEVER)
    horizon.look()
    assert thresholds() == horizon.USUAL


def test_a_process_that_has_just_begun_leaves_alone_what_others_have_found(dead_rows):
    with hold():
        horizon._set(horizon.NEVER)
        horizon.look()
        horizon.look()
        assert thresholds() == horizon.NEVER


def test_reports_that_overlap_hold_up_nothing_that_may_go(dead_rows):
    """There is a snapshot at every moment, and none of them for long."""
    first = hold()
    dead_rows(20)
    horizon.look()
    vacuum()
    horizon.look()
    assert thresholds() == horizon.NEVER
    with hold(unlike=first) as second:
        first.rollback()
        horizon.look()
        assert thresholds() == horizon.USUAL
        vacuum(1)
        horizon.look()
        assert thresholds() == horizon.USUAL
        second.rollback()
    first.close()


def test_who_writes_for_long_holds_it_back_as_well(dead_rows):
    with psycopg.connect(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"]) as other:
        other.execute("SELECT pg_current_xact_id()")
        dead_rows(20)
        horizon.look()
        vacuum()
        horizon.look()
        assert thresholds() == horizon.NEVER


@pytest.mark.parametrize(("rows", "passes"), [(20, 1), (5, 3)])
def test_it_does_not_wait_before_it_was_in_vain_nor_for_a_few_rows(dead_rows, rows, passes):
    with hold():
        dead_rows(rows)
        horizon.look()
        vacuum(passes)
        horizon.look()
        assert thresholds() == horizon.USUAL


def test_without_a_snapshot_it_never_waits(dead_rows):
    dead_rows(20)
    horizon.look()
    vacuum()
    dead_rows(20)
    horizon.look()
    assert thresholds() == horizon.USUAL


def test_who_is_in_the_way_is_let_pass_and_asked_again(dead_rows, monkeypatch):
    monkeypatch.setattr(horizon, "PATIENCE", "50ms")
    with hold():
        dead_rows(20)
        horizon.look()
        vacuum()
        with psycopg.connect(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"]) as third:
            third.execute("LOCK TABLE jobs_job IN SHARE UPDATE EXCLUSIVE MODE")
            horizon.look()
            assert thresholds() == horizon.USUAL
        horizon.look()
        assert thresholds() == horizon.NEVER


def test_who_may_not_set_it_tries_once(dead_rows):
    tried = []

    def refuse(execute, sql, params, many, context):
        if sql.startswith("ALTER TABLE"):
            tried.append(sql)
            raise ProgrammingError("must be owner of table jobs_job")
        return execute(sql, params, many, context)

    with hold(), connection.execute_wrapper(refuse):
        dead_rows(20)
        horizon.look()
        vacuum()
        horizon.look()
        horizon.look()
    assert len(tried) == 1
    assert thresholds() == horizon.USUAL


def test_what_is_usual_is_what_was_migrated(db):
    assert thresholds() == horizon.USUAL


def test_every_worker_looks():
    assert sweepers._sweepers["horizon of the vacuum"].function is horizon.look
