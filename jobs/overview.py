"""How the queue is doing: one look for the API, the pages and the command line."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from jobs.models import Job, JobState, Queue, QueueName, Worker
from jobs.registry import GONE_AFTER

COUNTED_TO = 100_000
DEAD_LOOKED_AT = 1_000


def status() -> dict[str, Any]:
    """Counts by queue and state, the oldest that waits, rates of the last minute and hour, workers with their jobs."""
    now = timezone.now()
    open_counts, oldest = _open(), _oldest()
    paused = dict(Queue.objects.values_list("name", "paused"))
    queues = {
        str(name): {
            **dict.fromkeys(("queued", "waiting", "running", "failed"), 0),
            **open_counts.get(str(name), {}),
            "paused": paused.get(name, False),
            "oldest_waiting_seconds": _age(oldest.get(str(name)), now),
        }
        for name in QueueName
    }
    return {
        "queues": queues,
        "rates": {"minute": _rate(now, timedelta(minutes=1)), "hour": _rate(now, timedelta(hours=1))},
        "dead": _dead(),
        "workers": _workers(now),
    }


def counts() -> dict[str, dict[str, int]]:
    """Unfinished jobs by queue and state: what `queue.status` tells live."""
    found = _open()
    return {str(name): found.get(str(name), {}) for name in QueueName}


def _open() -> dict[str, dict[str, int]]:
    """Waiting ones are counted to 100,000 (two partial indexes, no finished row is touched)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT queue, state, count(*) FROM (
                (SELECT queue, state FROM jobs_job WHERE state IN ('queued', 'failed') LIMIT %s)
                UNION ALL (SELECT queue, state FROM jobs_job WHERE state = 'running')
                UNION ALL (SELECT queue, state FROM jobs_job WHERE state = 'waiting' LIMIT %s)
            ) AS unfinished GROUP BY queue, state
            """,
            [COUNTED_TO, COUNTED_TO],
        )
        found: dict[str, dict[str, int]] = {}
        for queue, state, number in cursor.fetchall():
            found.setdefault(queue, {})[state] = number
        return found


def _oldest() -> dict[str, datetime]:
    """Ids are in order of time: the smallest that waits is the oldest."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT q.name, j.created_at FROM jobs_queue q CROSS JOIN LATERAL (
                SELECT min(created_at) AS created_at FROM (
                    SELECT created_at FROM jobs_job
                    WHERE state = 'queued' AND run_after IS NULL AND queue = q.name LIMIT %s) AS waiting
            ) AS j WHERE j.created_at IS NOT NULL
            """,
            [COUNTED_TO],
        )
        return dict(cursor.fetchall())


def _age(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else round(max((now - since).total_seconds(), 0.0), 1)


def _rate(now: datetime, span: timedelta) -> dict[str, Any]:
    """Of jobs that ended in `span`: how many, by end, and how many succeeded a second."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE state = 'succeeded'), count(*) FILTER (WHERE state = 'dead'),"
            " count(*) FILTER (WHERE state = 'cancelled'), avg(took_ms) FILTER (WHERE state = 'succeeded'),"
            " avg(extract(epoch FROM started_at - created_at)) FILTER (WHERE state = 'succeeded')"
            " FROM jobs_job WHERE finished_at > %s",
            [now - span],
        )
        succeeded, dead, cancelled, took, waited = cursor.fetchone()
    return {
        "succeeded": succeeded,
        "dead": dead,
        "cancelled": cancelled,
        "per_second": round(succeeded / span.total_seconds(), 3),
        "mean_seconds": None if took is None else round(float(took) / 1000, 3),
        "mean_wait_seconds": None if waited is None else round(float(waited), 3),
    }


def _dead() -> dict[str, int]:
    """The newest thousand dead, by cause."""
    codes: dict[str, int] = {}
    newest = Job.objects.filter(state=JobState.DEAD).order_by("-pk")[:DEAD_LOOKED_AT]
    for code in newest.values_list("error_code", flat=True):
        codes[code] = codes.get(code, 0) + 1
    return codes


def _workers(now: datetime) -> list[dict[str, Any]]:
    running: dict[str, list[dict[str, Any]]] = {}
    jobs = Job.objects.filter(state=JobState.RUNNING).order_by("started_at")
    for pk, worker, kind, percent, step, started in jobs.values_list(
        "pk", "worker", "kind", "percent", "step", "started_at"
    )[:500]:
        job = {"id": pk, "kind": kind, "progress": percent, "step": step, "seconds": _age(started, now)}
        running.setdefault(worker, []).append(job)
    return [
        {
            "id": worker.pk,
            "queue": worker.queues[0] if worker.queues else "",
            "host": worker.host,
            "pid": worker.pid,
            "concurrency": worker.concurrency,
            "draining": worker.draining,
            "memory_mb": worker.memory_mb,
            "jobs_done": worker.jobs_done,
            "seen_seconds_ago": _age(worker.seen_at, now),
            "jobs": running.get(worker.pk, []),
        }
        for worker in Worker.objects.filter(seen_at__gt=now - GONE_AFTER).order_by("pk")
    ]
