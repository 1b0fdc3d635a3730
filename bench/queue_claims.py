"""What one claim costs: alone, with much behind it, with nothing vacuumed, while somebody holds a snapshot."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connection, transaction

from accounts import prepared
from bench import processes
from bench.measures import Figures
from bench.queue_app import BATCHED, SINGLE
from jobs import claiming, enqueueing, finishing, horizon, kinds, turns
from jobs.enqueueing import Order
from jobs.kinds import Done

CHUNK = 1_000
MEASURED = 3_000
STARTED = 300  # of these: until then a new process finds out where to look
WORKER = "bench"


def all_conditions(*, finished: int, claims: int, snapshot: float, rounds: int) -> list[Figures]:
    """Median and 95th percentile of one claim in milliseconds, in each condition; `snapshot` in seconds.

    A machine's speed moves by more within minutes than a condition may cost. So the quick conditions are measured in
    turn, `rounds` times, each round in another order; the snapshot is held once and a claim below it measured as often,
    with as many measured alone right after it. The figures of all rounds are returned; their median counts.
    """
    prepared.use_only_indexes()  # as every worker does
    connection.close()
    conditions: list[Callable[[], Figures]] = [_alone, lambda: _finished(finished), lambda: _not_vacuumed(claims)]
    figures = []
    for turn in range(rounds):
        first = turn % len(conditions)
        for measured in (*conditions[first:], *conditions[:first]):
            figures.append(measured())
    figures += _below_a_snapshot(snapshot, rounds)
    figures += [_alone() for _ in range(rounds)]
    return figures


def _alone() -> Figures:
    with _without_vacuum():
        _empty()
        return _latency("alone")


def _finished(number: int) -> Figures:
    _empty()
    _make_finished(number)
    return _latency("1,000,000 finished")


def _not_vacuumed(claims: int) -> Figures:
    with _without_vacuum():
        _empty()
        _work_through(claims)
        return _latency("not vacuumed")


def _below_a_snapshot(seconds: float, rounds: int) -> list[Figures]:
    _empty()
    with _horizon_watched(), _snapshot_held():
        began, worked = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            worked += _work_through(20 * CHUNK)
        return [{"claims under the snapshot": worked}, *(_latency("snapshot held") for _ in range(rounds))]


def _latency(condition: str) -> Figures:
    """Claim and finish one after another, as a hand does, and take the time of the claims.

    The first tenth has a line of its own, for CPU: it is a process that has just begun and does not know its floor.
    """
    turns.MARKS.forget()
    _enqueue(SINGLE, MEASURED)
    kind, times = kinds.get(SINGLE), []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = int(cursor.fetchone()[0])
    before = processes.look(server)
    for done in range(MEASURED):
        if done == STARTED:
            started = processes.look(server)
        turns.MARKS.look_near()
        began = time.perf_counter()
        jobs = claiming.claim("default", worker=WORKER)
        times.append((time.perf_counter() - began) * 1000)
        with transaction.atomic():
            finishing.succeed(kind, [Done(job, None) for job in jobs], [0.0] * len(jobs))
    after = processes.look(server)
    if not (before and started and after):
        raise RuntimeError("PostgreSQL has ended our connection.")
    times = sorted(times[STARTED:])
    return {
        f"claim {condition} CPU us": (after.cpu - started.cpu) / (MEASURED - STARTED) * 1e6,
        f"claim {condition} first CPU us": (started.cpu - before.cpu) / STARTED * 1e6,
        f"claim {condition} p50 ms": times[len(times) // 2],
        f"claim {condition} p95 ms": times[len(times) * 95 // 100],
    }


def _enqueue(kind: str, number: int) -> None:
    for done in range(0, number, CHUNK):
        with transaction.atomic():
            enqueueing.enqueue_many(Order(kind=kind) for _ in range(min(CHUNK, number - done)))


def _work_through(number: int) -> int:
    """Enqueue, claim and finish so many, in batches; nothing is left."""
    for _ in range(60):
        claiming.remember_pace(BATCHED, 0.0001)
    _enqueue(BATCHED, number)
    jobs, worked = claiming.claim("default", worker=WORKER), 0
    while jobs:
        worked += len(jobs)
        turns.MARKS.look_near()
        done = [Done(job, None) for job in jobs]
        jobs = claiming.finish_and_claim(done, [0.0] * len(done), "default", worker=WORKER)
    return worked


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE jobs_job CASCADE")


def _make_finished(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO jobs_job ({enqueueing.COLUMNS}, started_at, finished_at, took_ms)
            SELECT uuidv7(-make_interval(secs => n * 0.1)), %s, '{{}}', 'default', 2, 2, 0, false, 'succeeded', 1, 1,
                   3, NULL, 'w', 100, '', '', '', '', '[]', '{{}}', NULL, 'document', 'of ' || n, NULL, 0,
                   now() - make_interval(secs => n * 0.1), now() - make_interval(secs => n * 0.1),
                   now() - make_interval(secs => n * 0.1), 5
            FROM generate_series(1, %s) AS n
            """,  # noqa: S608 (our own text)
            [SINGLE, number],
        )
        cursor.execute("ANALYZE jobs_job")


@contextmanager
def _without_vacuum() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_job SET (autovacuum_enabled = false)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_job RESET (autovacuum_enabled)")


@contextmanager
def _horizon_watched() -> Iterator[None]:
    """As every worker process does beside its claims, on a thread of its own."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(horizon.EVERY):
            horizon.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield
    ended.set()
    watcher.join()


@contextmanager
def _snapshot_held() -> Iterator[None]:
    """Somebody's long report: nothing that ends from now on can be vacuumed."""
    with psycopg.connect(settings.DATABASE_URL) as other:
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.execute("SET idle_in_transaction_session_timeout = 0")  # else our server ends it before ten minutes
        other.execute("SELECT count(*) FROM jobs_queue")
        yield
