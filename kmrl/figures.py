"""The questions behind /metrics, and what their answers are called.

Each question's cost is bounded whatever the number of finished jobs: unfinished jobs are counted by partial indexes,
the dead and documents of each status up to a limit, what ended by the minutes that were counted already.
"""
# ruff: noqa: S608 - the SQL below is our own text.

from collections.abc import Iterator
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

Rows = dict[str, list[tuple[Any, ...]]]
Values = dict[tuple[str, ...], float]

COUNTED_TO = 100_000
STATUSES = ("queued", "processing", "processed", "failed", "cancelled", "quarantined")
QUEUES = ("high", "default", "low")
PRIORITIES = ("emergency", "high", "normal", "low")
STATES = ("queued", "waiting", "running", "failed", "dead")
ENDS = ("succeeded", "dead", "cancelled")

QUESTIONS = {
    "in work": "SELECT status, count(*) FROM documents_document WHERE status IN ('queued', 'processing')"
    " GROUP BY status",
    # the planner's own statistics, which vacuum and analyze keep: counting a million rows is no scrape's business
    "settled": """
        SELECT s.status, s.share * c.reltuples FROM pg_class c, pg_stats p,
            unnest(p.most_common_vals::text::text[], p.most_common_freqs) AS s (status, share)
        WHERE c.oid = 'documents_document'::regclass AND c.reltuples > 10000 AND p.attname = 'status'
          AND p.tablename = 'documents_document' AND p.schemaname = current_schema()
    """,
    "few": "SELECT status, count(*) FROM (SELECT status FROM documents_document LIMIT 20001) AS d"
    " WHERE (SELECT reltuples FROM pg_class WHERE oid = 'documents_document'::regclass) <= 10000 GROUP BY status",
    "waiting": f"SELECT queue, priority, count(*) FROM (SELECT queue, priority FROM jobs_job"
    f" WHERE state = 'queued' AND run_after IS NULL LIMIT {COUNTED_TO}) AS w GROUP BY queue, priority",
    "jobs": f"""
        SELECT queue, state, count(*) FROM (
            (SELECT queue, state FROM jobs_job WHERE state IN ('queued', 'failed') LIMIT {COUNTED_TO})
            UNION ALL (SELECT queue, state FROM jobs_job WHERE state = 'running')
            UNION ALL (SELECT queue, state FROM jobs_job WHERE state = 'waiting' LIMIT {COUNTED_TO})
            UNION ALL (SELECT queue, state FROM jobs_job WHERE state = 'dead' LIMIT {COUNTED_TO})
        ) AS unfinished GROUP BY queue, state
    """,
    "oldest": f"SELECT queue, extract(epoch FROM clock_timestamp() - min(created_at)) FROM ("
    f"SELECT queue, created_at FROM jobs_job WHERE state = 'queued' AND run_after IS NULL LIMIT {COUNTED_TO}"
    ") AS w GROUP BY queue",
    "workers": "SELECT COALESCE(queues ->> 0, ''), count(*), sum(concurrency), sum(busy) FROM jobs_worker"
    " WHERE seen_at > clock_timestamp() - interval '15 seconds' GROUP BY 1",
    "ended": "SELECT queue, sum(succeeded), sum(dead), sum(cancelled), sum(work_ms), sum(wait_ms), count(DISTINCT at)"
    " FROM jobs_minute WHERE at > clock_timestamp() - interval '6 minutes' GROUP BY queue",
    "alerts": "SELECT name, subject, level FROM jobs_alert WHERE cleared_at IS NULL",
    "paused": "SELECT name, paused FROM jobs_queue",
    "size": "SELECT pg_database_size(current_database()), (SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database()), current_setting('max_connections')::int",
}
"""By name. No question writes; together they take some milliseconds."""


def of(rows: Rows) -> Iterator[Metric]:
    """All figures of the house."""
    yield from _of_documents(rows)
    yield from _of_waiting(rows)
    yield from _of_workers(rows["workers"])
    yield from _of_ended(rows["ended"])
    samples, seconds, share = rows["eta"][0]
    if samples:
        yield one("kmrl_eta_error_seconds", "How far off the time left was that people were told: median.", seconds)
        yield one("kmrl_eta_error_share", "The same as a share of what it took: median, last hour.", share)
    alerts = dict.fromkeys(rows["alerts"], 1.0)
    yield _by("kmrl_alert", "1 for every open alert.", ("name", "subject", "level"), alerts)
    size, connections, most = rows["size"][0]
    yield one("kmrl_database_bytes", "What the database holds on disk.", size)
    yield one("kmrl_database_connections", "Connections to the database, of all processes.", connections)
    yield one("kmrl_database_connections_limit", "How many the server allows.", most)


def one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=float(value))


def _of_documents(rows: Rows) -> Iterator[Metric]:
    counts = dict.fromkeys(STATUSES, 0.0)
    counts |= {status: float(number) for status, number in (rows["settled"] or rows["few"]) if status in counts}
    counts |= dict.fromkeys(("queued", "processing"), 0.0)
    counts |= {status: float(number) for status, number in rows["in work"]}
    about = "Documents by status: in work exactly, others by the planner's statistics from 10,000 documents on."
    yield _by("kmrl_documents", about, ("status",), {(status,): number for status, number in counts.items()})


def _of_waiting(rows: Rows) -> Iterator[Metric]:
    waiting: Values = {(queue, name): 0.0 for queue in QUEUES for name in PRIORITIES}
    waiting |= {(queue, PRIORITIES[priority]): float(number) for queue, priority, number in rows["waiting"]}
    yield _by("kmrl_jobs_waiting", "Jobs that could begin now, counted to 100,000.", ("queue", "priority"), waiting)
    jobs: Values = {
        (queue, state): 0.0 for queue in QUEUES for state in ("queued", "waiting", "running", "failed", "dead")
    }
    jobs |= {(queue, state): float(number) for queue, state, number in rows["jobs"]}
    yield _by("kmrl_jobs", "Jobs that are not done, by queue and state.", ("queue", "state"), jobs)
    ages = _each_queue(rows["oldest"])
    yield _by("kmrl_oldest_waiting_seconds", "Age of the oldest waiting job by queue.", ("queue",), ages)
    paused = _each_queue(rows["paused"])
    yield _by("kmrl_queue_paused", "1 for a queue of which nothing more is begun.", ("queue",), paused)


def _of_workers(rows: list[tuple[Any, ...]]) -> Iterator[Metric]:
    hands: Values = {(queue, state): 0.0 for queue in QUEUES for state in ("busy", "idle")}
    processes: Values = {(queue,): 0.0 for queue in QUEUES}
    for queue, number, all_hands, busy in rows:
        processes[queue,] = float(number)
        if queue in QUEUES:
            hands[queue, "busy"] = float(min(busy, all_hands))
            hands[queue, "idle"] = float(max(all_hands - busy, 0))
    yield one("kmrl_workers", "Workers that reported lately.", sum(processes.values()))
    yield _by("kmrl_worker_processes", "Workers by the queue that they stand for.", ("queue",), processes)
    about = "Hands by the queue that their worker stands for (it serves more urgent ones too), 2 s late."
    yield _by("kmrl_hands", about, ("queue", "state"), hands)
    yield one("kmrl_workers_busy", "Hands that work.", sum(n for (_, state), n in hands.items() if state == "busy"))


def _of_ended(rows: list[tuple[Any, ...]]) -> Iterator[Metric]:
    ended: Values = {(queue, end): 0.0 for queue in QUEUES for end in ENDS}
    work, wait = _each_queue([]), _each_queue([])
    for queue, succeeded, dead, cancelled, work_ms, wait_ms, minutes in rows:
        for end, number in zip(ENDS, (succeeded, dead, cancelled), strict=True):
            ended[queue, end] = float(number) / (60.0 * max(int(minutes), 1))
        if succeeded:
            work[queue,], wait[queue,] = float(work_ms) / succeeded / 1000, float(wait_ms) / succeeded / 1000
    yield _by(
        "kmrl_jobs_ended_per_second",
        "Jobs that ended, by queue and end, over the last minutes that are over.",
        ("queue", "end"),
        ended,
    )
    yield _by("kmrl_job_seconds", "Mean work of a job that succeeded in those minutes.", ("queue",), work)
    yield _by("kmrl_job_wait_seconds", "Mean wait of a job that succeeded in those minutes.", ("queue",), wait)


def _each_queue(rows: list[tuple[Any, ...]]) -> Values:
    known = dict(rows)
    return {(queue,): float(known.get(queue) or 0) for queue in QUEUES}


def _by(name: str, about: str, labels: tuple[str, ...], values: Values) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for words, value in values.items():
        family.add_metric(words, value)
    return family
