"""Enqueueing: work is written in the caller's transaction; after commit somebody is woken.

**Whose turn it is.** Jobs are claimed by (urgency, fair rank, id). An owner's job gets the rank after the owner's last
one that waits, and after the turn (the rank being claimed now, `jobs.turns`): so 200 scans of one person and one
invoice of another take turns. A large file moves its owner on by several places, one for each 8 MB begun: who sends
heavy work waits longer, and small ones pass.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import prepared, writing
from accounts.identifiers import new_id
from accounts.models import User
from accounts.writing import Insert
from jobs import inline, kinds, turns, waking
from jobs.models import Job, JobState, Priority, QueueName

WEIGHT = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be done: `payload` and `subject` mean something to the kind alone; `size` is in bytes.

    `parts_follow` makes a parent: it waits, occupying nobody, until its last child is settled, and is done then.
    """

    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    owner: User | None = None
    priority: Priority = Priority.NORMAL
    subject: tuple[str, str] | None = None
    size: int = 0
    parent: Job | None = None
    run_after: datetime | None = None
    parts_follow: bool = False


def enqueue(
    kind: str,
    *,
    payload: dict[str, Any],
    owner: User | None = None,
    priority: Priority = Priority.NORMAL,
    subject: tuple[str, str] | None = None,
    size: int = 0,
    parent: Job | None = None,
    run_after: datetime | None = None,
    parts_follow: bool = False,
) -> Job:
    """One job, in the caller's transaction. Raises KeyError for a kind that nobody registered."""
    return enqueue_many(
        [
            Order(
                kind=kind,
                payload=payload,
                owner=owner,
                priority=priority,
                subject=subject,
                size=size,
                parent=parent,
                run_after=run_after,
                parts_follow=parts_follow,
            )
        ]
    )[0]


def enqueue_many(orders: Iterable[Order]) -> list[Job]:
    """As `enqueue` for many, in one INSERT; the jobs come back in the order given, each with its fair rank."""
    jobs = jobs_of(orders)
    if not jobs:
        return []
    written = insert_of(jobs)
    ranks = dict(prepared.rows(written.sql.replace("{rows}", "%s::json"), [written.rows]))
    for job in jobs:
        job.fair_rank = ranks[job.pk]
    writing.written(jobs)
    wake_after_commit(jobs)
    return jobs


def jobs_of(orders: Iterable[Order]) -> list[Job]:
    """The jobs of these orders, not written yet: who writes them with `insert_of` calls `wake_after_commit` too."""
    now = timezone.now()
    return [_job_of(order, now) for order in orders]


def weight_of(size: int) -> int:
    """By how many places a job of `size` bytes moves its owner on."""
    return 1 + size // WEIGHT


def next_rank(*, owner_id: int | None, priority: Priority, size: int) -> int:
    """The rank that a job of this owner would get now; for jobs that are moved."""
    turn = turns.now(priority)
    owned = Job.objects.filter(owner_id=owner_id, urgency=priority, state__in=[JobState.QUEUED, JobState.FAILED])
    last = owned.filter(fair_rank__gt=turn).aggregate(last=Max("fair_rank"))["last"]
    return (turn if last is None else int(last)) + weight_of(size)


def _job_of(order: Order, now: datetime) -> Job:
    kind = kinds.get(order.kind)
    subject_kind, subject_id = order.subject or ("", "")
    job = Job(
        id=new_id(),
        kind=order.kind,
        payload=order.payload,
        queue=order.priority.queue,
        priority=order.priority,
        urgency=order.priority,
        state=JobState.WAITING if order.parts_follow else JobState.QUEUED,
        max_attempts=kind.max_attempts,
        run_after=order.run_after,
        owner=order.owner,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        parent=order.parent,
        size=order.size,
        created_at=now,
    )
    job.short = kind.batch > 1 and kind.short(job)
    return job


COLUMNS = (
    "id, kind, payload, queue, priority, urgency, fair_rank, short, state, fence, attempt, max_attempts, run_after, "
    "worker, percent, step, message, error_code, error_detail, failures, result, owner_id, subject_kind, subject_id, "
    "parent_id, size, created_at"
)
INSERT = f"""
WITH given AS (
    SELECT * FROM json_to_recordset({{rows}}) AS g (
        n int, id uuid, kind text, payload jsonb, queue text, priority smallint, short boolean, state text,
        max_attempts smallint, run_after timestamptz, owner_id bigint, subject_kind text, subject_id text,
        parent_id uuid, size bigint, weight bigint, created_at timestamptz)
), floor AS MATERIALIZED (
    SELECT owner_id, priority, GREATEST(
        turn,
        CASE WHEN owner_id IS NULL THEN
            (SELECT fair_rank FROM jobs_job WHERE owner_id IS NULL
             AND urgency = lane.priority AND fair_rank > turn AND state IN ('queued', 'failed')
             ORDER BY owner_id DESC, urgency DESC, fair_rank DESC LIMIT 1)
        ELSE
            (SELECT fair_rank FROM jobs_job j WHERE j.owner_id = lane.owner_id
             AND urgency = lane.priority AND fair_rank > turn AND state IN ('queued', 'failed')
             ORDER BY owner_id DESC, urgency DESC, fair_rank DESC LIMIT 1)
        END) AS rank
    FROM (SELECT owner_id, priority, {turns.of("priority")} AS turn
          FROM (SELECT DISTINCT owner_id, priority FROM given) AS lanes OFFSET 0) AS lane
)
INSERT INTO jobs_job ({COLUMNS})
SELECT g.id, g.kind, g.payload, g.queue, g.priority, g.priority,
       f.rank + sum(g.weight) OVER (PARTITION BY g.owner_id, g.priority ORDER BY g.n),
       g.short, g.state, 0, 0, g.max_attempts, g.run_after, '', 0, '', '', '', '', '[]', '{{}}',
       g.owner_id, g.subject_kind, g.subject_id, g.parent_id, g.size, g.created_at
FROM given g JOIN floor f ON f.priority = g.priority AND f.owner_id IS NOT DISTINCT FROM g.owner_id
RETURNING id, fair_rank
"""  # noqa: S608 (names of columns, none from outside)


def insert_of(jobs: Sequence[Job]) -> Insert:
    """Writes them with their ranks: the floor is looked up once for each owner and priority. Gives ids and ranks.

    Two who enqueue for one owner at the same moment may get equal ranks; the id decides then.
    """
    rows = [
        {
            "n": number,
            "id": job.pk,
            "kind": job.kind,
            "payload": job.payload,
            "queue": job.queue,
            "priority": job.priority,
            "short": job.short,
            "state": job.state,
            "max_attempts": job.max_attempts,
            "run_after": job.run_after,
            "owner_id": job.owner_id,
            "subject_kind": job.subject_kind,
            "subject_id": job.subject_id,
            "parent_id": job.parent_id,
            "size": job.size,
            "weight": weight_of(job.size),
            "created_at": job.created_at,
        }
        for number, job in enumerate(jobs)
    ]
    return Insert(INSERT, writing.in_json(rows))


def begin_to_wake(jobs: Sequence[Job], others: Sequence[waking.Command]) -> Callable[[], bool] | None:
    """As `wake_after_commit` when all is committed, and as `waking.begin`; None where that way is not theirs."""
    ready = _ready(jobs)
    if not ready or settings.PROCESS_INLINE or any(job.queue == QueueName.LOW for job in ready):
        return None
    return waking.begin(sorted({str(job.queue) for job in ready}), others)


def _ready(jobs: Sequence[Job]) -> list[Job]:
    return [job for job in jobs if job.run_after is None and job.state == JobState.QUEUED]


def wake_after_commit(jobs: Sequence[Job]) -> None:
    """Workers are woken for those that may begin at once."""
    ready = _ready(jobs)
    if not ready:
        return
    if settings.PROCESS_INLINE:
        ids = [job.pk for job in ready]

        def work_here() -> None:
            inline.work(ids)

        transaction.on_commit(work_here)
        return
    queues = sorted({str(job.queue) for job in ready})

    def wake() -> None:
        for queue in queues:
            waking.wake_soon(queue) if queue == QueueName.LOW else waking.wake(queue)

    transaction.on_commit(wake)
