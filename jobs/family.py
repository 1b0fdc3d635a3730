"""Parents and children: a parent waits, occupying nobody, until its last child is settled; then its turn has come."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from jobs import turns, waking
from jobs.models import Job


def a_child_settled(jobs: Sequence[Job]) -> None:
    """Call in the transaction that settled `jobs` (succeeded, dead or cancelled), after they were written.

    Parents are locked before their children are counted: of two last ones that end at once, the second counts right.
    """
    parents = sorted({job.parent_id for job in jobs if job.parent_id is not None})
    if parents:
        release(parents)


def release(parents: Sequence[UUID]) -> int:
    """Write the parents' joint progress; those whose children are all settled are queued. How many were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM jobs_job WHERE id = ANY (%s) ORDER BY id FOR UPDATE", [list(parents)])
        cursor.execute(
            f"""
            WITH parts AS (
                SELECT parent_id, count(*) AS total,
                       count(*) FILTER (WHERE state IN ('queued', 'running', 'failed', 'waiting')) AS open
                FROM jobs_job WHERE parent_id = ANY (%s) GROUP BY parent_id
            )
            UPDATE jobs_job p SET
                percent = 100 * (total - open) / total,
                state = CASE WHEN open = 0 THEN 'queued' ELSE p.state END,
                fair_rank = {turns.again("p")}
            FROM parts WHERE p.id = parts.parent_id AND p.state = 'waiting'
            RETURNING p.state, p.queue
            """,  # noqa: S608 (our own text)
            [list(parents)],
        )
        ready = [queue for state, queue in cursor.fetchall() if state == "queued"]
    for queue in set(ready):
        wake_after_commit(queue)
    return len(ready)


def wake_after_commit(queue: str) -> None:
    def wake() -> None:
        waking.wake(queue)

    transaction.on_commit(wake)
