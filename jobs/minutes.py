"""Figures by the minute: each closed minute is counted once, by whoever sweeps, so that charts cost the same whatever
the number of finished rows (and outlive those that are cleaned away).

Waits are kept as a histogram on a logarithmic scale: bucket b holds the jobs that waited from 1.5^b to 1.5^(b+1)
milliseconds. A percentile read from it is off by a few percent of itself.
"""
# ruff: noqa: S608 - the SQL below is our own text.

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from jobs.models import Minute

BASE = 1.5
HIGHEST = 60  # 1.5^60 ms is more than a year
LATE = timedelta(seconds=5)  # what ended in a minute is committed by then
LOOKS_BACK = timedelta(days=1)
AT_ONCE = timedelta(hours=1)
KEPT = timedelta(days=31)
MINUTE = timedelta(minutes=1)

_counted_to: list[datetime | None] = [None]


@dataclass
class Ended:
    """What ended in some stretch of time."""

    succeeded: int = 0
    dead: int = 0
    cancelled: int = 0
    work_ms: int = 0
    wait_ms: int = 0
    waits: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, other: "Ended") -> None:
        self.succeeded += other.succeeded
        self.dead += other.dead
        self.cancelled += other.cancelled
        self.work_ms += other.work_ms
        self.wait_ms += other.wait_ms
        for bucket, number in other.waits.items():
            self.waits[bucket] += number

    @property
    def mean_work(self) -> float | None:
        """Seconds."""
        return self.work_ms / self.succeeded / 1000 if self.succeeded else None

    @property
    def mean_wait(self) -> float | None:
        """Seconds."""
        waited = sum(self.waits.values())
        return self.wait_ms / waited / 1000 if waited else None

    def waited(self, share: float) -> float | None:
        """Seconds within which this share of the jobs had begun."""
        return percentile(self.waits, share)


def count_closed() -> int:
    """Count the minutes that are over and not counted yet, an hour of them at most; how many rows were written."""
    closed = (timezone.now() - LATE).replace(second=0, microsecond=0)
    if _counted_to[0] is not None and _counted_to[0] >= closed:
        return 0
    start = max(counted_to() or closed - LOOKS_BACK, _counted_to[0] or closed - LOOKS_BACK, closed - LOOKS_BACK)
    end = min(closed, start + AT_ONCE)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_minute (at, queue, succeeded, dead, cancelled, work_ms, wait_ms, waits)"
            f" {ENDED_BY_MINUTE} ON CONFLICT (at, queue) DO NOTHING",
            [start, end],
        )
        written = cursor.rowcount
    if _counted_to[0] is None or start.hour != end.hour:
        Minute.objects.filter(at__lt=closed - KEPT).delete()
    _counted_to[0] = end
    return written


def counted_to() -> datetime | None:
    """The end of the newest minute that was counted; None when there is none."""
    newest = Minute.objects.order_by("-at").values_list("at", flat=True).first()
    return None if newest is None else newest + MINUTE


def ended_since(since: datetime, *, every: timedelta) -> dict[datetime, Ended]:
    """What ended since then, by stretches of `every` from `since` on: counted minutes, then the rows after them.

    Empty stretches are left out.
    """
    uncounted = max(counted_to() or since, since)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT floor(extract(epoch FROM at - %s) / %s)::int, succeeded, dead, cancelled, work_ms, wait_ms, waits"
            " FROM (SELECT at, queue, succeeded, dead, cancelled, work_ms, wait_ms, waits FROM jobs_minute"
            f" WHERE at >= %s AND at < %s UNION ALL {ENDED_BY_MINUTE}) AS minutes",
            [since, every.total_seconds(), since, uncounted, uncounted, timezone.now() + MINUTE],
        )
        rows: list[Any] = cursor.fetchall()
    found: dict[int, Ended] = {}
    for place, succeeded, dead, cancelled, work_ms, wait_ms, waits in rows:  # up to 4,320 for a day: no frills here
        ended = found.get(place)
        if ended is None:
            ended = found[place] = Ended()
        ended.succeeded += succeeded
        ended.dead += dead
        ended.cancelled += cancelled
        ended.work_ms += work_ms
        ended.wait_ms += wait_ms
        held = ended.waits
        for bucket, number in (orjson.loads(waits) if isinstance(waits, str | bytes) else waits).items():
            held[int(bucket)] += number
    return {since + place * every: ended for place, ended in found.items()}


def total(many: Iterable[Ended]) -> Ended:
    found = Ended()
    for one in many:
        found.add(one)
    return found


def percentile(waits: Mapping[int, int], share: float) -> float | None:
    """Seconds below which this share of the waits lies; None without waits."""
    wanted = share * sum(waits.values())
    if not wanted:
        return None
    below = 0
    for bucket in sorted(waits):
        if below + waits[bucket] >= wanted:
            within = (wanted - below) / waits[bucket]
            milliseconds = BASE * within if bucket == 0 else math.exp((bucket + within) * math.log(BASE))
            return milliseconds / 1000
        below += waits[bucket]
    return None


ENDED_BY_MINUTE = f"""
    SELECT at, queue,
        COALESCE(sum(n) FILTER (WHERE state = 'succeeded'), 0)::int AS succeeded,
        COALESCE(sum(n) FILTER (WHERE state = 'dead'), 0)::int AS dead,
        COALESCE(sum(n) FILTER (WHERE state = 'cancelled'), 0)::int AS cancelled,
        COALESCE(sum(work) FILTER (WHERE state = 'succeeded'), 0)::bigint AS work_ms,
        COALESCE(sum(waited) FILTER (WHERE bucket >= 0), 0)::bigint AS wait_ms,
        COALESCE(jsonb_object_agg(bucket, n) FILTER (WHERE bucket >= 0), '{{}}') AS waits
    FROM (
        SELECT at, queue, state, bucket, count(*) AS n, sum(took_ms) AS work, sum(waited) AS waited FROM (
            SELECT at, queue, state, took_ms, waited,
                CASE WHEN waited IS NULL THEN -1
                ELSE LEAST({HIGHEST}, floor(ln(GREATEST(1, waited)) / ln({BASE})))::int END AS bucket
            FROM (
                SELECT date_trunc('minute', finished_at) AS at, queue, state, took_ms,
                    CASE WHEN state = 'succeeded' AND fence = 1
                    THEN extract(epoch FROM started_at - created_at)::float8 * 1000 END AS waited
                FROM jobs_job WHERE finished_at >= %s AND finished_at < %s
            ) AS ended
        ) AS measured GROUP BY at, queue, state, bucket
    ) AS counted GROUP BY at, queue
"""
"""Waits are those of jobs that were begun once: what is tried again, or done again later, waited for other reasons."""
