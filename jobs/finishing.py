"""Finishing: an attempt ends in one short transaction, whose first write is guarded by (id, fence, running).

Order of locks in every function here: the subjects (`Kind.lock`), then the jobs, then their parents.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from accounts import prepared
from jobs import family, kinds, notices, turns
from jobs.kinds import Done, Kind
from jobs.models import Job, JobState
from jobs.models.job import STILL_RUNS
from realtime import audiences, events
from realtime.catalogue import JobDead, Told
from realtime.notices import telling

KEPT_FAILURES = 10
AWAY = "away"
SPARED = 9  # times in a row that what a job needs may be away before that costs an attempt: about twenty minutes
AWAY_FIRST, AWAY_LONGEST = 10.0, 300.0  # seconds between two looks whether it is back


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed. `transient` ones wait longer for the next try; `log` is a traceback or last log lines.

    With the code AWAY the attempt is not spent, unless there were SPARED such in a row before it.
    """

    code: str
    detail: str
    transient: bool = False
    log: str = ""


def succeed(kind: Kind, done: Sequence[Done], took: Sequence[float]) -> list[Job]:
    """Finish the attempts of `done` (which took so many seconds), with their effects; those whose guard held.

    In the caller's transaction, which must hold nothing of Job yet. What `settle` raises goes on to the caller.
    """
    kind.lock([d.job for d in done])
    held = {
        pk
        for (pk,) in prepared.rows(
            "UPDATE jobs_job j SET state = 'succeeded', percent = 100, finished_at = clock_timestamp(),"  # noqa: S608
            " lease_until = NULL, took_ms = g.ms"
            " FROM unnest(%s::uuid[], %s::int[], %s::int[]) AS g (id, fence, ms)"
            f" WHERE j.id = g.id AND j.fence = g.fence AND {STILL_RUNS} RETURNING j.id",
            [[d.job.pk for d in done], [d.job.fence for d in done], [int(seconds * 1000) for seconds in took]],
        )
    }
    kept = [d for d in done if d.job.pk in held]
    if not kept:
        return []
    for d in kept:
        as_written(d.job, state=JobState.SUCCEEDED, percent=100, lease_until=None)
    kind.settle(kept)
    family.a_child_settled([d.job for d in kept])
    return [d.job for d in kept]


@transaction.atomic
def fail(kind: Kind, job: Job, failure: Failure, *, took: float = 0.0) -> JobState | None:
    """Try again later, or give up after the last attempt. None when the guard did not hold: nothing was changed."""
    kind.lock([job])
    away = away_in_a_row(job) if failure.code == AWAY else 0
    spared = failure.code == AWAY and away < SPARED
    dead = job.attempt >= job.max_attempts and not spared
    state = JobState.DEAD if dead else JobState.FAILED
    entry = {
        "attempt": job.attempt,
        "at": timezone.now().isoformat(),
        "seconds": round(took, 3),
        "worker": job.worker,
        "code": failure.code,
        "detail": failure.detail,
        "log": failure.log[-4000:],
    }
    failures = [*job.failures, entry][-KEPT_FAILURES:]
    held = _move(
        [job],
        "state = %s, attempt = j.attempt - %s, run_after = CASE WHEN %s THEN NULL ELSE clock_timestamp() + %s END,"
        " error_code = %s, error_detail = %s, failures = %s,"
        " finished_at = CASE WHEN %s THEN clock_timestamp() END, took_ms = %s",
        [
            state,
            int(spared),
            dead,
            pause(away) if failure.code == AWAY else backoff(job.attempt, transient=failure.transient),
            failure.code,
            failure.detail,
            orjson.dumps(failures).decode(),
            dead,
            int(took * 1000),
        ],
    )
    if not held:
        return None
    as_written(job, attempt=job.attempt - int(spared))
    as_written(job, state=state, error_code=failure.code, error_detail=failure.detail, failures=failures)
    (kind.died if dead else kind.retrying)([job])
    if dead:
        tell_dead([job])
        family.a_child_settled([job])
    return state


@transaction.atomic
def cancelled(kind: Kind, job: Job) -> bool:
    """The work itself stopped by `Cancelled`, and nobody has marked the job yet. Whether the guard held."""
    kind.lock([job])
    if not _move([job], "state = 'cancelled', finished_at = clock_timestamp()", []):
        return False
    as_written(job, state=JobState.CANCELLED)
    kind.cancelled([job])
    family.a_child_settled([job])
    return True


@transaction.atomic
def hand_back(kind: Kind, jobs: Sequence[Job]) -> int:
    """They wait again with their attempt unspent (this worker is stopping); how many were still ours."""
    kind.lock(jobs)
    held = _move(
        jobs,
        "state = 'queued', attempt = j.attempt - 1, worker = '', percent = 0, step = '',"
        f" fair_rank = {turns.again('j')}",
        [],
    )
    kept = [job for job in jobs if job.pk in held]
    for job in kept:
        as_written(job, state=JobState.QUEUED, attempt=job.attempt - 1, worker="")
    if kept:
        kind.retrying(kept)
    return len(kept)


def tell_dead(jobs: Sequence[Job]) -> None:
    """Administrators hear of each job that will not be tried again."""
    pairs: list[tuple[Told, list[str]]] = [
        (
            JobDead(
                id=str(job.pk),
                kind=job.kind,
                queue=job.queue,
                attempts=job.attempt,
                error_code=job.error_code,
                error_detail=job.error_detail,
            ),
            [audiences.ADMIN, audiences.job(job.pk)],
        )
        for job in jobs
    ]
    events.tell_many([*pairs, *telling.write(notices.of_dead(jobs))])


def backoff(attempt: int, *, transient: bool) -> timedelta:
    """Exponential with full jitter in its upper half: about 1, 4, 16 s for a bug, 5, 20, 80 s for a bad moment."""
    most = min((5.0 if transient else 1.0) * 4 ** max(attempt - 1, 0), 300.0)
    return timedelta(seconds=most * random.uniform(0.5, 1.0))  # noqa: S311 (spreads load, hides nothing)


def away_in_a_row(job: Job) -> int:
    """How often its last attempts found away what they need, one after the other."""
    return sum(1 for _ in takewhile(lambda one: one.get("code") == AWAY, reversed(job.failures)))


def pause(away: int) -> timedelta:
    """Until the next look whether what is away is back: twice as long each time, to five minutes."""
    return timedelta(seconds=min(AWAY_FIRST * 2**away, AWAY_LONGEST) * random.uniform(0.5, 1.0))  # noqa: S311


def as_written(job: Job, **fields: Any) -> None:
    """Make the instance say what the guarded UPDATE wrote; `state` is protected against everybody else."""
    job.__dict__.update(fields)


def by_kind(jobs: Sequence[Job]) -> list[tuple[Kind, list[Job]]]:
    """Grouped by kind; kinds unknown to this process are left out."""
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        if kinds.is_registered(job.kind):
            groups.setdefault(job.kind, []).append(job)
    return [(kinds.get(name), members) for name, members in groups.items()]


def _move(jobs: Sequence[Job], assignments: str, params: list[Any]) -> set[UUID]:
    """The guarded UPDATE; the ids whose attempt was still the one that we hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE jobs_job j SET lease_until = NULL, {assignments}"  # noqa: S608 (our own text)
            " FROM unnest(%s::uuid[], %s::int[]) AS g (id, fence)"
            f" WHERE j.id = g.id AND j.fence = g.fence AND {STILL_RUNS} RETURNING j.id",
            [*params, [job.pk for job in jobs], [job.fence for job in jobs]],
        )
        return {row[0] for row in cursor.fetchall()}
