"""How many are ahead, and how many seconds are left: for the person who waits.

Seconds come from what was measured: the mean time of each kind and size in the last hour, the hands that serve the
queue, and a correction, which is how far off those were for jobs that have ended meanwhile (`jobs.forecasts` notes
samples). `eta_error` tells how good it is.
"""

import statistics
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from jobs.claiming import LEAST_URGENT
from jobs.models import Job, JobState, Queue, QueueName
from jobs.registry import GONE_AFTER

EXACT_TO = 1_000
COUNTED_TO = 50_000  # what lies beyond the exact place is counted for the seconds alone
REMEMBERED = 10.0  # seconds
BUCKETS = (1 << 20, 10 << 20)  # bytes: small below the first, large from the second
ENOUGH = 8  # samples before a correction is made
LEAST, MOST = 0.2, 5.0  # the correction's bounds

_AHEAD = """
FROM jobs_job WHERE state = 'queued' AND run_after IS NULL AND (urgency, fair_rank, id) < (%s, %s, %s)
AND queue <> ALL (ARRAY(SELECT name FROM jobs_queue WHERE paused AND name <> %s)) LIMIT %s
"""
_COMPARED = """
SELECT f.raw, f.told, extract(epoch FROM j.finished_at - f.told_at)::float
FROM jobs_forecast f JOIN jobs_job j ON j.id = f.job_id
WHERE f.told_at > %s AND j.state = 'succeeded' AND j.attempt = 1 ORDER BY f.told_at DESC LIMIT %s
"""


@dataclass(frozen=True)
class Rates:
    """Mean seconds by (kind, size), hands by queue served, and the correction.

    ("", -1) is the mean of all kinds, (kind, -1) of a kind whatever the size.
    """

    means: dict[tuple[str, int], float]
    hands: dict[str, int]
    correction: float

    def of(self, kind: str, bucket: int) -> float | None:
        return self.means.get((kind, bucket), self.means.get((kind, -1)))

    def hands_for(self, urgency: int) -> int:
        return sum(number for queue, number in self.hands.items() if LEAST_URGENT[QueueName(queue)] >= urgency)


@dataclass(frozen=True)
class Eta:
    """Seconds until a waiting job is done: by the rates alone, and corrected."""

    raw: float
    told: float


_guard = threading.Lock()
_rates: tuple[float, Rates] | None = None


def place_of(job: Job) -> int:
    """Jobs that are claimed before this one: exact to 1,000, then 1,000. 0 is next (or not waiting).

    What waits in another queue that is paused is not ahead.
    """
    if job.state != JobState.QUEUED:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT 1 {_AHEAD}) AS ahead", [*_key(job), EXACT_TO])  # noqa: S608
        return int(cursor.fetchone()[0])


def eta_of(job: Job) -> float | None:
    """Seconds until it is probably done; None when that cannot be told: nothing like it was done lately, its queue is
    paused, nobody serves it, or it does not wait or run.

    Waiting: the work ahead, shared by the hands that are there, then its own time. Running: by its progress when it
    tells any, else its usual time less what has passed.
    """
    if job.state == JobState.RUNNING and job.started_at is not None:
        own = _measured().of(job.kind, _bucket(job.size))
        passed = max((timezone.now() - job.started_at).total_seconds(), 0.0)
        if job.percent >= 5:
            return round(passed * (100 - job.percent) / job.percent, 1)
        return None if own is None else round(max(own - passed, 0.0), 1)
    eta = eta_waiting(job)
    return None if eta is None else round(eta.told, 1)


def eta_waiting(job: Job) -> Eta | None:
    """As `eta_of`, for a job that waits."""
    rates = _measured()
    own = rates.of(job.kind, _bucket(job.size))
    if job.state != JobState.QUEUED or own is None or Queue.objects.filter(name=job.queue, paused=True).exists():
        return None
    ahead = _seconds_ahead(job, rates, own)
    raw = ahead / max(rates.hands_for(job.urgency), 1) + own
    return Eta(raw, raw * rates.correction if ahead else raw)


def eta_error() -> dict[str, Any]:
    """How far off the seconds told to those who began to wait in the last hour were, by samples that have ended.

    `samples`; `median_seconds`, the median of the absolute difference; `median_share`, that of the difference as a
    share of the seconds that it really took. None without samples.
    """
    pairs = [(told, took) for _, told, took in _compared(1_000) if took > 0]
    if not pairs:
        return {"samples": 0, "median_seconds": None, "median_share": None}
    return {
        "samples": len(pairs),
        "median_seconds": round(statistics.median(abs(told - took) for told, took in pairs), 3),
        "median_share": round(statistics.median(abs(told - took) / took for told, took in pairs), 3),
    }


def _seconds_ahead(job: Job, rates: Rates, own: float) -> float:
    """The work of those ahead: each kind and size at its own mean, what lies far ahead at the mean of all."""
    usual = rates.means.get(("", -1), own)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, bucket, count(*) FROM (SELECT kind, (size >= %s)::int + (size >= %s)::int AS bucket"  # noqa: S608
            f" {_AHEAD}) AS ahead GROUP BY kind, bucket",
            [*BUCKETS, *_key(job), EXACT_TO],
        )
        groups = cursor.fetchall()
        number = sum(count for _, _, count in groups)
        seconds = sum(count * (rates.of(kind, bucket) or usual) for kind, bucket, count in groups)
        if number < EXACT_TO:
            return float(seconds)
        cursor.execute(f"SELECT count(*) FROM (SELECT 1 {_AHEAD}) AS ahead", [*_key(job), COUNTED_TO])  # noqa: S608
        return float(seconds * cursor.fetchone()[0] / number)


def _key(job: Job) -> list[Any]:
    return [job.urgency, job.fair_rank, job.pk, job.queue]


def _bucket(size: int) -> int:
    return sum(size >= edge for edge in BUCKETS)


def _compared(limit: int) -> list[tuple[float, float, float]]:
    """(raw, told, took) in seconds of sampled jobs that have ended; the newest."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARED, [timezone.now() - timedelta(hours=1), limit])
        return list(cursor.fetchall())


def _measured() -> Rates:
    """From the last 500 jobs done in an hour, the workers that are there, the last 50 samples; kept for 10 s."""
    global _rates
    known = _rates
    if known is not None and time.monotonic() - known[0] < REMEMBERED:
        return known[1]
    ratios = [took / raw for raw, _, took in _compared(50) if raw > 0 and took > 0]
    correction = min(max(statistics.median(ratios), LEAST), MOST) if len(ratios) >= ENOUGH else 1.0
    rates = Rates(_means(), _hands(), correction)
    with _guard:
        _rates = (time.monotonic(), rates)
    return rates


def _means() -> dict[tuple[str, int], float]:
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
        return {
            (kind or "", -1 if bucket is None else bucket): float(mean)
            for kind, bucket, mean in cursor.fetchall()
            if mean is not None
        }


def _hands() -> dict[str, int]:
    """Hands at work by the queue that they stand for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(queues ->> 0, 'low'), sum(concurrency) FROM jobs_worker"
            " WHERE seen_at > %s AND NOT draining GROUP BY 1",
            [timezone.now() - GONE_AFTER],
        )
        return {queue: int(number) for queue, number in cursor.fetchall() if queue in QueueName.values}
