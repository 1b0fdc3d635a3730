"""Claiming: which waiting job is next, taken by exactly one worker.

Order: urgency (emergency, high, normal, low), then fair rank, then age. Workers of `high` serve what is urgent to them
(emergency, high), of `default` also normal, of `low` all.

**Large files do not hold up small ones.** A large file moves its owner on by several places (`jobs.enqueueing`); a
batch takes only jobs that their kind calls short, of one kind, equally urgent, and within a window of ranks, and no
more than about 0.2 s of them, as measured; and a process with several hands keeps one for jobs below 16 MB.
"""

import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from jobs import kinds, statements
from jobs.models import Job, QueueName

LEASE = 15  # seconds
LARGE = 16 * 1024 * 1024
BATCH_SECONDS = 0.2
WINDOW = 64  # ranks
ANY_SIZE = 1 << 62

LEAST_URGENT = {QueueName.HIGH: 1, QueueName.DEFAULT: 2, QueueName.LOW: 3}
FIELDS = [field.attname for field in Job._meta.concrete_fields]
_PARSED = [FIELDS.index(name) for name in ("payload", "failures", "result")]
_RETURNING = ", ".join(f"j.{name}" for name in FIELDS)

_TAKE = f"""
UPDATE jobs_job j SET state = 'running', fence = j.fence + 1, attempt = j.attempt + 1, worker = %(worker)s,
    started_at = clock_timestamp(), lease_until = clock_timestamp() + interval '{LEASE} seconds',
    percent = 0, step = '', message = '', error_code = '', error_detail = ''
FROM picked WHERE j.id = picked.id
RETURNING {_RETURNING}
"""  # noqa: S608 (names of columns, none from outside)
_CLAIM = f"""
WITH head AS MATERIALIZED (
    SELECT id, kind, urgency, fair_rank, short FROM jobs_job
    WHERE state = 'queued' AND run_after IS NULL AND urgency <= %(least)s AND size < %(size)s
      AND kind = ANY (%(kinds)s) AND queue <> ALL (ARRAY(SELECT name FROM jobs_queue WHERE paused))
    ORDER BY urgency, fair_rank, id LIMIT 1 FOR UPDATE SKIP LOCKED
), rest AS MATERIALIZED (
    SELECT id FROM jobs_job
    WHERE state = 'queued' AND run_after IS NULL AND urgency = (SELECT urgency FROM head)
      AND fair_rank BETWEEN (SELECT fair_rank FROM head) AND (SELECT fair_rank + {WINDOW} FROM head)
      AND short AND kind = (SELECT kind FROM head) AND id <> (SELECT id FROM head) AND size < %(size)s
    ORDER BY fair_rank, id
    LIMIT (SELECT CASE WHEN short THEN COALESCE((%(limits)s::jsonb ->> kind)::int - 1, 0) ELSE 0 END FROM head)
    FOR UPDATE SKIP LOCKED
), picked AS (SELECT id FROM head UNION ALL SELECT id FROM rest)
{_TAKE}
"""  # noqa: S608
_CLAIM_THESE = f"""
WITH picked AS MATERIALIZED (
    SELECT id FROM jobs_job WHERE id = ANY (%(ids)s) AND state = 'queued' ORDER BY id FOR UPDATE SKIP LOCKED
)
{_TAKE}
"""  # noqa: S608

_guard = threading.Lock()
_clocks: dict[str, int] = {}
_pace: dict[str, float] = {}
_written = 0.0


def claim(queue: str, *, worker: str, large: bool = True) -> list[Job]:
    """The next job, or the next batch of short ones of one kind, for a worker of `queue`; [] when there is none.

    In the caller's transaction, or one of its own. The attempt, the lease (15 s) and the worker are written with it.
    `large=False` leaves files of 16 MB and more to other hands.
    """
    jobs = _take(
        _CLAIM,
        {
            "least": LEAST_URGENT[QueueName(queue)],
            "size": ANY_SIZE if large else LARGE,
            "kinds": kinds.names(),
            "limits": orjson.dumps({kind.name: _limit(kind) for kind in kinds.batching()}).decode(),
            "worker": worker,
        },
    )
    with _guard:
        for job in jobs:
            if job.urgency > 0:
                _clocks[job.queue] = max(_clocks.get(job.queue, 0), job.fair_rank)
    return jobs


def claim_these(ids: Sequence[UUID], *, worker: str) -> list[Job]:
    """Those of `ids` that wait, whatever their turn: for work done in the request itself."""
    return _take(_CLAIM_THESE, {"ids": list(ids), "worker": worker})


def is_anything_claimable(queue: str) -> bool:
    """Whether a worker of `queue` would find something."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM jobs_job WHERE state = 'queued' AND run_after IS NULL AND urgency <= %s"
            " AND kind = ANY (%s) AND queue <> ALL (ARRAY(SELECT name FROM jobs_queue WHERE paused)))",
            [LEAST_URGENT[QueueName(queue)], kinds.names()],
        )
        return bool(cursor.fetchone()[0])


def is_full(jobs: Sequence[Job]) -> bool:
    """Whether a claim gave as many as one batch may have."""
    return len(jobs) >= _limit(kinds.get(jobs[0].kind))


def remember_pace(kind: str, seconds: float) -> None:
    """One short job of `kind` took so long: sizes the next batches."""
    with _guard:
        known = _pace.get(kind)
        _pace[kind] = seconds if known is None else 0.8 * known + 0.2 * seconds


def write_clocks() -> None:
    """Put the ranks reached into the queues' clocks; not at each claim, for one row would slow them down."""
    with _guard:
        reached = dict(_clocks)
        _clocks.clear()
    if reached:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE jobs_queue q SET clock = g.clock FROM unnest(%s::text[], %s::bigint[]) AS g (name, clock)"
                " WHERE q.name = g.name AND q.clock < g.clock",
                [list(reached), list(reached.values())],
            )


def write_clocks_now_and_then() -> None:
    """`write_clocks`, once in half a second."""
    global _written
    if time.monotonic() - _written > 0.5:
        _written = time.monotonic()
        write_clocks()


def _limit(kind: kinds.Kind) -> int:
    pace = _pace.get(kind.name)
    return min(kind.batch, 4) if pace is None else max(1, min(kind.batch, int(BATCH_SECONDS / max(pace, 1e-6))))


def _take(sql: str, params: dict[str, Any]) -> list[Job]:
    rows = [list(row) for row in statements.rows(sql, params)]
    for row in rows:
        for place in _PARSED:
            row[place] = orjson.loads(row[place])
    jobs = [Job.from_db(connection.alias, FIELDS, row) for row in rows]
    jobs.sort(key=lambda job: (job.fair_rank, job.pk))
    return jobs
