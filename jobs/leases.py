"""The sweep: what nobody tends any more goes on. Any process may do it; one at a time does (an advisory lock)."""

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts import prepared
from jobs import deaths, family, finishing, forecasts, last_words, minutes, presence, registry, turns, waking
from jobs.finishing import as_written, by_kind
from jobs.kinds import Kind
from jobs.models import Job, JobState

logger = logging.getLogger(__name__)

LOCK = 0x6B6D726C_6A6F6273  # "kmrljobs"
LIFT_AFTER = 1800  # seconds
AT_ONCE = 200

LOOK_BACK = timedelta(seconds=20)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

_LAPSED = "SELECT 1 FROM jobs_job WHERE state = 'running' AND lease_until > %s AND lease_until < %s LIMIT 1"
_UNSEEN = "SELECT id, pid FROM jobs_worker WHERE space = %s AND seen_at < %s"
_FORGET = """
DELETE FROM jobs_worker w WHERE seen_at < %s OR id = ANY (%s::text[]) AND NOT EXISTS (
    SELECT 1 FROM jobs_job WHERE state = 'running' AND worker = w.id
) RETURNING id
"""

_lifted_at = [0.0]
_looked_at: list[datetime | None] = [None]


def sweep() -> dict[str, int]:
    """Expired leases, due retries, parents whose children are settled, half an hour of waiting, vanished workers.

    Counts by what was done; {} when another process sweeps at this moment.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return {}
    try:
        gone = _dead_neighbours()
        return {
            "expired": expire_leases(gone),
            "due": promote_due(),
            "released": release_parents(),
            "lifted": lift_waiting(),
            "forgotten": forget_workers(gone),
            "foretold": forecasts.note_some(),
            "counted": minutes.count_closed(),
        }
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def expire_leases(gone: Sequence[str] | None = None) -> int:
    """Attempts whose worker died: they wait again at once, or are dead when that was the last attempt.

    `gone` are the workers of this machine that are no more, for who knows them already. Whether such a death spends the
    attempt: `jobs.deaths`.
    """
    now, since = timezone.now(), _looked_at[0]
    after = since - LOOK_BACK if since and now.second % 30 > 3 else LONG_AGO  # now and then look at all that lapsed
    running, jobs = Job.objects.filter(state=JobState.RUNNING), []
    if prepared.rows(_LAPSED, [after, now]):
        jobs = list(running.filter(lease_until__gt=after, lease_until__lt=now)[:AT_ONCE])
    if not jobs and (workers := _dead_neighbours() if gone is None else gone):
        jobs = list(running.filter(worker__in=workers)[:AT_ONCE])
    _looked_at[0] = now if len(jobs) < AT_ONCE else None
    deaths.note(job.worker for job in jobs)
    return sum(_take_back(kind, members) for kind, members in by_kind(jobs))


@transaction.atomic
def _take_back(kind: Kind, jobs: list[Job]) -> int:
    said = {worker: last_words.of(worker) for worker in {job.worker for job in jobs}}
    kind.lock(jobs)
    rows = deaths.take_back(jobs, [said[job.worker] for job in jobs], turns.again("j"))
    for job in jobs:
        if job.pk in rows:
            state, attempt = rows[job.pk]
            told = {"error_code": deaths.CODE, "error_detail": deaths.DETAIL}
            as_written(job, state=state, attempt=attempt, short=False, **told)
    again = [job for job in jobs if job.pk in rows and job.state == JobState.QUEUED]
    dead = [job for job in jobs if job.pk in rows and job.state == JobState.DEAD]
    if again:
        kind.retrying(again)
        for queue in {job.queue for job in again}:
            family.wake_after_commit(queue)
    if dead:
        kind.died(dead)
        finishing.tell_dead(dead)
        family.a_child_settled(dead)
    logger.warning("Taken back from workers that died: %s waiting again, %s dead", len(again), len(dead))
    return len(rows)


def promote_due() -> int:
    """Retries and postponed jobs whose time has come."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE jobs_job SET state = 'queued', run_after = NULL, fair_rank = {turns.again()} WHERE id IN (
                SELECT id FROM jobs_job WHERE state IN ('queued', 'failed') AND run_after <= clock_timestamp()
                ORDER BY run_after LIMIT 1000 FOR UPDATE SKIP LOCKED
            ) RETURNING queue
            """  # noqa: S608
        )
        queues = [row[0] for row in cursor.fetchall()]
    for queue in set(queues):
        waking.wake(queue)
    return len(queues)


def release_parents() -> int:
    """Parents that wait though none of their children is open: a child's row was removed, for instance."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id FROM jobs_job p WHERE p.state = 'waiting' AND p.created_at < now() - interval '5 s'"
            " AND NOT EXISTS (SELECT 1 FROM jobs_job c WHERE c.parent_id = p.id"
            " AND c.state IN ('queued', 'running', 'failed', 'waiting')) LIMIT 100"
        )
        parents = sorted(row[0] for row in cursor.fetchall())
    if not parents:
        return 0
    with transaction.atomic():
        return family.release(parents)


def lift_waiting() -> int:
    """Half an hour of waiting lifts one priority, once a minute; never to emergency.

    What is lifted queues up there as its owner's last: nobody is passed by a crowd.
    """
    if time.monotonic() - _lifted_at[0] < 60:
        return 0
    _lifted_at[0] = time.monotonic()
    return lift_now()


def lift_now() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH late AS (
                SELECT id, owner_id, fair_rank,
                    GREATEST(1, priority - floor(
                        extract(epoch FROM clock_timestamp() - created_at) / {LIFT_AFTER})::int) AS deserved
                FROM jobs_job
                WHERE state = 'queued' AND run_after IS NULL AND urgency > 1
                  AND urgency > GREATEST(1, priority - floor(
                        extract(epoch FROM clock_timestamp() - created_at) / {LIFT_AFTER})::int)
                ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED
            ), lifted AS (
                SELECT id, deserved, CASE deserved WHEN 1 THEN 'high' ELSE 'default' END AS queue,
                       row_number() OVER (PARTITION BY owner_id, deserved ORDER BY fair_rank, id) AS turn
                FROM late
            )
            UPDATE jobs_job j SET urgency = t.deserved, queue = t.queue,
                fair_rank = {turns.of("t.deserved")} + t.turn
            FROM lifted t WHERE j.id = t.id RETURNING j.queue
            """  # noqa: S608
        )
        queues = [row[0] for row in cursor.fetchall()]
    for queue in set(queues):
        waking.wake(queue)
    return len(queues)


def forget_workers(gone: Sequence[str] | None = None) -> int:
    """Rows of workers that were not seen for an hour, and of dead ones of this machine without running jobs."""
    gone = _dead_neighbours() if gone is None else gone
    deaths.note(gone)
    long_ago = timezone.now() - registry.FORGOTTEN_AFTER
    return len(prepared.rows(_FORGET, [long_ago, list(gone)]))


def _dead_neighbours() -> list[str]:
    """Workers of this machine whose process is gone: their leases need not lapse first."""
    me = presence.mine()
    if not me.space:
        return []
    unseen = prepared.rows(_UNSEEN, [me.space, timezone.now() - timedelta(seconds=3)])
    return [worker for worker, pid in unseen if not presence.is_alive(pid)]
