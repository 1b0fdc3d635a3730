"""Claiming is planned once in a while, not for each claim, and no plan outlives the table that it was made for."""

from contextlib import suppress

import pytest
from django.db import connection, transaction

from accounts import prepared
from jobs import finishing
from jobs.kinds import Done

ONE = "SELECT note FROM growing WHERE id = %s::int"


@pytest.fixture
def as_a_worker(queues, monkeypatch):
    monkeypatch.setattr(prepared, "_only_indexes", True)
    _close()
    yield
    _close()


def _close() -> None:
    """And with the connections what was planned on them and set for them."""
    connection.close()
    connection.close_pool()


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_neither_claiming_nor_finishing_is_planned_for_each_job(as_a_worker, recorder, claim):
    work = recorder()
    work.enqueue(12)
    for _ in range(12):
        jobs = claim()
        with transaction.atomic():
            finishing.succeed(work.kind, [Done(job, None) for job in jobs], [0.0] * len(jobs))
    plans = {
        statement.split()[0]: (generic > 0, custom)
        for statement, generic, custom in rows(
            "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE 'WITH %head AS MATERIALIZED%' OR statement LIKE 'UPDATE jobs_job%'"
        )
    }
    assert plans == {"WITH": (True, 0), "UPDATE": (True, 0)}


def test_what_is_set_outlives_a_transaction_that_is_rolled_back(as_a_worker):
    with suppress(ZeroDivisionError), transaction.atomic():
        assert prepared.rows("SELECT %s::int", [1]) == [(1,)]
        1 / 0  # noqa: B018
    assert rows("SHOW plan_cache_mode") == [("force_generic_plan",)]
    assert rows("SHOW enable_bitmapscan") == [("off",)]


def test_a_plan_for_a_small_table_is_forgotten_within_a_second(as_a_worker, monkeypatch):
    """Nobody analyses a temporary table by the way: what was planned stays until somebody says otherwise."""
    monkeypatch.setattr(prepared, "PLANNED_EVERY", 3600.0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE growing (id int PRIMARY KEY, note text)")
        cursor.execute("INSERT INTO growing SELECT n, 'n' FROM generate_series(1, 5) AS n; ANALYZE growing")

    def plan() -> str:
        prepared.rows(ONE, [3])
        [(name,)] = rows("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%FROM growing%'")
        return rows(f'EXPLAIN EXECUTE "{name}" (3)')[0][0]

    for _ in range(prepared.AFTER + 1):
        prepared.rows(ONE, [3])
    assert plan().startswith("Seq Scan")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO growing SELECT n, 'n' FROM generate_series(6, 20000) AS n")
    assert plan().startswith("Seq Scan")
    monkeypatch.setattr(prepared, "PLANNED_EVERY", 0.0)
    assert plan().startswith("Index Scan")
