"""How the queue is doing: one look for the API, the pages and the command line."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from jobs import minutes, place
from jobs.models import Job, JobState, Queue, QueueName, Worker
from jobs.registry import GONE_AFTER

COUNTED_TO = 100_000
DEAD_LOOKED_AT = 1_000


def status() -> dict[str, Any]:
    """Counts by queue and state, the oldest that waits, rates of the last minute and hour, workers with their jobs."""
    now = timezone.now()
    return {
        "queues": queues(now),
        "rates": {"minute": _rate(now, timedelta(minutes=1)), "hour": _rate(now, timedelta(hours=1))},
        "dead": _dead(),
        "estimates": place.eta_error(),
        "workers": workers(now),
    }


def queues(now: datetime) -> dict[str, dict[str, Any]]:
    """Each queue's unfinished jobs by state, how long the oldest has waited, and whether it is paused."""
    open_counts, oldest = _open(), _oldest()
    paused = dict(Queue.objects.values_list("name", "paused"))
    return {
        str(name): {
            **dict.fromkeys(("queued", "waiting", "running", "failed"), 0),
            **open_counts.get(str(name), {}),
            "paused": paused.get(name, False),
            "oldest_waiting_seconds": _age(oldest.get(str(name)), now),
        }
        for name in QueueName
    }


def pulse() -> dict[str, Any]:
    """What `queue.status` tells live: whatever differs from the last time is a reason to look again.

    Unfinished jobs by queue and state, the queues that are paused, the workers at work and how many jobs they have
    done, the percent of all that runs. A few small tables and the partial indexes of the unfinished: no finished row.
    """
    found = _open()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ARRAY(SELECT name FROM jobs_queue WHERE paused ORDER BY name),"
            " (SELECT count(*) FROM jobs_worker WHERE seen_at > %(since)s AND NOT draining),"
            " (SELECT COALESCE(sum(jobs_done), 0) FROM jobs_worker),"
            " (SELECT COALESCE(sum(percent), 0) FROM jobs_job WHERE state = 'running')",
            {"since": timezone.now() - GONE_AFTER},
        )
        paused, at_work, done, percent = cursor.fetchone()
    return {
        "queues": {str(name): found.get(str(name), {}) for name in QueueName},
        "paused": paused,
        "workers": at_work,
        "done": int(done),
        "percent": percent,
    }


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
    """Of jobs that ended in `span`: how many, by end, how many succeeded a second, and how long they waited."""
    ended = minutes.total(minutes.ended_since(now - span, every=span).values())
    return {
        "succeeded": ended.succeeded,
        "dead": ended.dead,
        "cancelled": ended.cancelled,
        "per_second": round(ended.succeeded / span.total_seconds(), 3),
        "mean_seconds": _rounded(ended.mean_work),
        "mean_wait_seconds": _rounded(ended.mean_wait),
        "wait_p50_seconds": _rounded(ended.waited(0.5)),
        "wait_p95_seconds": _rounded(ended.waited(0.95)),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _dead() -> dict[str, int]:
    """The newest thousand dead, by cause."""
    codes: dict[str, int] = {}
    newest = Job.objects.filter(state=JobState.DEAD).order_by("-pk")[:DEAD_LOOKED_AT]
    for code in newest.values_list("error_code", flat=True):
        codes[code] = codes.get(code, 0) + 1
    return codes


def workers(now: datetime) -> list[dict[str, Any]]:
    """Those that reported lately, each with the jobs that it runs."""
    running: dict[str, list[dict[str, Any]]] = {}
    jobs = Job.objects.filter(state=JobState.RUNNING).order_by("started_at")
    for pk, worker, kind, percent, step, started, *subject in jobs.values_list(
        "pk", "worker", "kind", "percent", "step", "started_at", "subject_kind", "subject_id"
    )[:500]:
        job = {"id": pk, "kind": kind, "progress": percent, "step": step, "seconds": _age(started, now)}
        job["subject"] = {"kind": subject[0], "id": subject[1]} if subject[0] else None
        running.setdefault(worker, []).append(job)
    return [
        {
            "id": worker.pk,
            "queue": worker.queues[0] if worker.queues else "",
            "host": worker.host,
            "pid": worker.pid,
            "concurrency": worker.concurrency,
            "draining": worker.draining,
            "started_at": worker.started_at,
            "memory_mb": worker.memory_mb,
            "jobs_done": worker.jobs_done,
            "seen_seconds_ago": _age(worker.seen_at, now),
            "jobs": running.get(worker.pk, []),
        }
        for worker in Worker.objects.filter(seen_at__gt=now - GONE_AFTER).order_by("pk")
    ]
