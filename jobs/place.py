"""How many are ahead, and how many seconds are left: for the person who waits."""

import threading
import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from jobs.models import Job, JobState, Queue
from jobs.registry import GONE_AFTER

EXACT_TO = 1_000
REMEMBERED = 10.0  # seconds
BUCKETS = (1 << 20, 10 << 20)  # bytes: small below the first, large from the second

_guard = threading.Lock()
_rates: tuple[float, dict[tuple[str, int], float], int] | None = None


def place_of(job: Job) -> int:
    """Jobs that are claimed before this one: exact to 1,000, then 1,000. 0 is next (or not waiting).

    What waits in another queue that is paused is not ahead.
    """
    if job.state != JobState.QUEUED:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM jobs_job WHERE state = 'queued' AND run_after IS NULL"
            " AND (urgency, fair_rank, id) < (%s, %s, %s)"
            " AND queue <> ALL (ARRAY(SELECT name FROM jobs_queue WHERE paused AND name <> %s)) LIMIT %s) AS ahead",
            [job.urgency, job.fair_rank, job.pk, job.queue, EXACT_TO],
        )
        return int(cursor.fetchone()[0])


def eta_of(job: Job) -> float | None:
    """Seconds until it is probably done; None when that cannot be told: nothing like it was done lately, its queue is
    paused, or it does not wait or run.

    Waiting: those ahead at the house's mean time, shared by the hands that are there, then its own time. Running: by
    its progress when it tells any, else its usual time less what has passed.
    """
    means, hands = _measured()
    own = means.get((job.kind, _bucket(job.size)), means.get((job.kind, -1)))
    if job.state == JobState.RUNNING and job.started_at is not None:
        passed = max((timezone.now() - job.started_at).total_seconds(), 0.0)
        if job.percent >= 5:
            return round(passed * (100 - job.percent) / job.percent, 1)
        return None if own is None else round(max(own - passed, 0.0), 1)
    if job.state != JobState.QUEUED or own is None or Queue.objects.filter(name=job.queue, paused=True).exists():
        return None
    return round(place_of(job) * means.get(("", -1), own) / max(hands, 1) + own, 1)


def _bucket(size: int) -> int:
    return sum(size >= edge for edge in BUCKETS)


def _measured() -> tuple[dict[tuple[str, int], float], int]:
    """Mean seconds by (kind, size) of the last 500 jobs done in an hour, and the hands at work; kept for 10 s.

    ("", -1) is the mean of all kinds, (kind, -1) of a kind whatever the size.
    """
    global _rates
    known = _rates
    if known is not None and time.monotonic() - known[0] < REMEMBERED:
        return known[1], known[2]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT kind, bucket, avg(took_ms) / 1000.0 FROM (
                SELECT kind, (size >= %s)::int + (size >= %s)::int AS bucket, took_ms FROM jobs_job
                WHERE finished_at > %s AND state = 'succeeded' AND took_ms IS NOT NULL
                ORDER BY finished_at DESC LIMIT 500
            ) AS lately GROUP BY GROUPING SETS ((kind, bucket), (kind), ())
            """,
            [*BUCKETS, timezone.now() - timedelta(hours=1)],
        )
        means = {
            (kind or "", -1 if bucket is None else bucket): float(mean)
            for kind, bucket, mean in cursor.fetchall()
            if mean is not None
        }
        cursor.execute(
            "SELECT COALESCE(sum(concurrency), 0) FROM jobs_worker WHERE seen_at > %s AND NOT draining",
            [timezone.now() - GONE_AFTER],
        )
        hands = int(cursor.fetchone()[0])
    with _guard:
        _rates = (time.monotonic(), means, hands)
    return means, hands
