"""Claiming: which waiting job is next, taken by exactly one worker.

Order: urgency (emergency, high, normal, low), then fair rank, then age. Workers of `high` serve what is urgent to them
(emergency, high), of `default` also normal, of `low` all. Each urgency is looked through from its floor (`jobs.turns`).

**Large files do not hold up small ones.** A large file moves its owner on by several places (`jobs.enqueueing`); a
batch takes only jobs that their kind calls short, of one kind, equally urgent, and within a window of ranks, and no
more than about 0.2 s of them, as measured; and a process with several hands keeps one for jobs below 16 MB.

**Kinds that say nothing of batches** are watched: those whose jobs take milliseconds are claimed in groups of about
0.3 s, while none was slower than 0.2 s lately. Who was claimed before is not in a group; who is in one is `short` from
then on.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models.base import ModelState

from accounts import prepared
from jobs import kinds, turns
from jobs.kinds import Done, Kind
from jobs.models import Job, JobState, QueueName
from jobs.models.job import STILL_RUNS

LEASE = 15  # seconds
LARGE = 16 * 1024 * 1024
BATCH_SECONDS = 0.2
GROUP, GROUP_SECONDS, WATCHED = 20, 0.3, 8  # jobs at most; about so long; after so many
SLOW = 0.2  # seconds: who has taken so long is not quick
FORGOTTEN = 0.95  # what is left of the slowest seen with each job since
WINDOW = 64  # ranks
ANY_SIZE = 1 << 62

LEAST_URGENT = {QueueName.HIGH: 1, QueueName.DEFAULT: 2, QueueName.LOW: 3}
READ = (
    *("id", "kind", "payload", "queue", "priority", "urgency", "fair_rank", "short", "fence", "attempt"),
    *("max_attempts", "worker", "failures", "owner_id", "subject_kind", "subject_id", "parent_id", "size"),
)
WRITTEN: dict[str, Any] = {
    **dict.fromkeys(("step", "message", "error_code", "error_detail"), ""),
    **dict.fromkeys(("run_after", "finished_at")),
    "state": JobState.RUNNING,
    "percent": 0,
}
"""What every claim writes; the fields named neither here nor in READ are fetched when somebody asks for them."""

_PAYLOAD, _FAILURES = READ.index("payload"), READ.index("failures")
_RETURNING = ", ".join(f"j.{name}" for name in READ)

_TAKE = f"""
UPDATE jobs_job j SET state = 'running', fence = j.fence + 1, attempt = j.attempt + 1, worker = %(worker)s, {{more}}
    started_at = clock_timestamp(), lease_until = clock_timestamp() + interval '{LEASE} seconds',
    percent = 0, step = '', message = '', error_code = '', error_detail = '', finished_at = NULL
FROM picked WHERE j.id = picked.id
RETURNING {_RETURNING}
"""  # noqa: S608 (names of columns, none from outside)
_PICKED = f"""
head AS MATERIALIZED (
    SELECT first.* FROM unnest(%(floors)s::bigint[]) WITH ORDINALITY AS lane (floor, n) CROSS JOIN LATERAL (
        SELECT id, kind, urgency, fair_rank, short, fence FROM jobs_job
        WHERE state = 'queued' AND run_after IS NULL AND urgency = lane.n - 1 AND fair_rank >= lane.floor
          AND size < %(size)s AND kind = ANY (%(kinds)s::text[])
          AND queue <> ALL (ARRAY(SELECT name FROM jobs_queue WHERE paused))
        ORDER BY fair_rank, id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS first LIMIT 1
), rest AS MATERIALIZED (
    SELECT id FROM jobs_job
    WHERE state = 'queued' AND run_after IS NULL AND urgency = (SELECT urgency FROM head)
      AND fair_rank BETWEEN (SELECT fair_rank FROM head) AND (SELECT fair_rank + {WINDOW} FROM head)
      AND short = (SELECT short FROM head) AND (short OR fence = 0)
      AND kind = (SELECT kind FROM head) AND id <> (SELECT id FROM head) AND size < %(size)s
    ORDER BY fair_rank, id
    LIMIT (SELECT COALESCE((CASE WHEN short THEN %(limits)s::jsonb WHEN fence = 0 THEN %(quick)s::jsonb END
                            ->> kind)::int - 1, 0) FROM head)
    FOR UPDATE SKIP LOCKED
), picked AS (SELECT id FROM head UNION ALL SELECT id FROM rest)
"""  # noqa: S608
_TAKE_GROUP = _TAKE.replace("{more}", "short = j.short OR (SELECT count(*) FROM picked) > 1,")
_CLAIM = f"WITH {_PICKED} {_TAKE_GROUP}"
_FINISH_AND_CLAIM = f"""
WITH finished AS (
    UPDATE jobs_job j SET state = 'succeeded', percent = 100, finished_at = clock_timestamp(), lease_until = NULL,
        took_ms = g.ms
    FROM unnest(%(ids)s::uuid[], %(fences)s::int[], %(took)s::int[]) AS g (id, fence, ms)
    WHERE j.id = g.id AND j.fence = g.fence AND {STILL_RUNS}
), {_PICKED} {_TAKE_GROUP}
"""  # noqa: S608
_CLAIM_THESE = f"""
WITH picked AS MATERIALIZED (
    SELECT id FROM jobs_job WHERE id = ANY (%(ids)s) AND state = 'queued' ORDER BY id FOR UPDATE SKIP LOCKED
)
{_TAKE.replace("{more}", "")}
"""  # noqa: S608

_guard = threading.Lock()
_pace: dict[str, float] = {}
_slowest: dict[str, tuple[float, int]] = {}  # of kinds that say nothing of batches: seconds, of how many jobs


def claim(queue: str, *, worker: str, large: bool = True) -> list[Job]:
    """The next job, or the next batch of short ones of one kind, for a worker of `queue`; [] when there is none.

    In the caller's transaction, or one of its own. The attempt, the lease (15 s) and the worker are written with it.
    `large=False` leaves files of 16 MB and more to other hands.
    """
    return _reached(_take(_CLAIM, _asked(queue, worker, large)))


def finish_and_claim(
    done: Sequence[Done], took: Sequence[float], queue: str, *, worker: str, large: bool = True
) -> list[Job]:
    """Finish attempts that have no effects and claim as `claim` does, in one statement with a commit of its own.

    For kinds that are `without_effects`, and jobs without a parent. An attempt that is not ours any more stays as it
    is.
    """
    given = {
        "ids": _array(str(d.job.pk) for d in done),
        "fences": _array(str(d.job.fence) for d in done),
        "took": _array(str(int(seconds * 1000)) for seconds in took),
    }
    return _reached(_take(_FINISH_AND_CLAIM, given | _asked(queue, worker, large)))


def claim_these(ids: Sequence[UUID], *, worker: str) -> list[Job]:
    """Those of `ids` that wait, whatever their turn: for work done in the request itself."""
    return _take(_CLAIM_THESE, {"ids": list(ids), "worker": worker})


def waits_in(queue: str) -> str | None:
    """The queue of the most urgent job that a worker of `queue` would find; None when there is nothing for it.

    Whoever is to be woken for it is woken there: that is heard by all who serve it, and not by others in vain.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT any_one.queue FROM unnest(%s::bigint[]) WITH ORDINALITY AS lane (floor, n) CROSS JOIN LATERAL ("
            " SELECT queue FROM jobs_job WHERE state = 'queued' AND run_after IS NULL AND urgency = lane.n - 1"
            " AND fair_rank >= lane.floor AND kind = ANY (%s)"
            " AND queue <> ALL (ARRAY(SELECT name FROM jobs_queue WHERE paused)) LIMIT 1) AS any_one LIMIT 1",
            [turns.MARKS.floors(LEAST_URGENT[QueueName(queue)]), kinds.names()],
        )
        found = cursor.fetchone()
        return found[0] if found else None


def paused() -> set[str]:
    """The queues of which nothing is begun."""
    return {name for (name,) in prepared.rows("SELECT name FROM jobs_queue WHERE paused", [])}


def is_full(jobs: Sequence[Job]) -> bool:
    """Whether a claim gave as many as one batch may have."""
    return len(jobs) >= _limit(kinds.get(jobs[0].kind))


def remember_pace(kind: str, seconds: float) -> None:
    """One short job of `kind`, or one of a kind that says nothing of batches, took so long: sizes the next batches."""
    with _guard:
        known = _pace.get(kind)
        _pace[kind] = seconds if known is None else 0.8 * known + 0.2 * seconds
        slowest, number = _slowest.get(kind, (0.0, 0))
        _slowest[kind] = max(seconds, FORGOTTEN * slowest), number + 1


def _asked(queue: str, worker: str, large: bool) -> dict[str, Any]:
    """The parameters of a claim, as text: psycopg takes longer to write a list than PostgreSQL to find a job."""
    return {
        "floors": turns.MARKS.floors(LEAST_URGENT[QueueName(queue)]),
        "size": ANY_SIZE if large else LARGE,
        "kinds": _array(kinds.names()),
        "limits": orjson.dumps({kind.name: _limit(kind) for kind in kinds.batching()}).decode(),
        "quick": orjson.dumps({name: number for name in list(_slowest) if (number := _group(name)) > 1}).decode(),
        "worker": worker,
    }


def _array(members: Iterable[str]) -> str:
    """Of names and numbers, which need no quotes."""
    return "{" + ",".join(members) + "}"


def _group(name: str) -> int:
    """How many jobs of a kind that says nothing of batches are claimed together."""
    slowest, number = _slowest.get(name, (0.0, 0))
    if number < WATCHED or slowest > SLOW or not kinds.is_registered(name) or kinds.get(name).batch > 1:
        return 1
    return max(1, min(GROUP, int(GROUP_SECONDS / max(_pace[name], 1e-6))))


def _limit(kind: Kind) -> int:
    if kind.batch == 1:
        return _group(kind.name)
    pace = _pace.get(kind.name)
    return min(kind.batch, 4) if pace is None else max(1, min(kind.batch, int(BATCH_SECONDS / max(pace, 1e-6))))


def _reached(jobs: list[Job]) -> list[Job]:
    if jobs:
        turns.MARKS.reach(jobs[0].urgency, jobs[0].fair_rank)
    return jobs


def _take(sql: str, params: dict[str, Any]) -> list[Job]:
    jobs = [_job(row) for row in prepared.rows(sql, params)]
    if len(jobs) > 1:
        jobs.sort(key=lambda job: (job.fair_rank, job.pk))
    return jobs


def _job(row: tuple[Any, ...]) -> Job:
    """As `Job.from_db` makes one, in a tenth of the time (no signals, no defaults)."""
    job = Job.__new__(Job)
    fields = job.__dict__
    fields["_state"] = state = ModelState()
    state.adding, state.db = False, connection.alias
    fields.update(zip(READ, row, strict=True))
    fields.update(WRITTEN)
    fields["payload"], fields["failures"] = orjson.loads(row[_PAYLOAD]), orjson.loads(row[_FAILURES])
    return job
