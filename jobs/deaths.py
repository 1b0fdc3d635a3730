"""Deaths of workers, and what they say of the jobs that they ran.

A job that kills its workers is given up after the set number of deaths. But workers also die of other things: a
machine that is short of memory, an operator, a power cut; a job is not to blame for those.

- Who may have been in a batch (`short`) gets the attempt back, once: its death says nothing of it. From then on it is
  done alone, so that the one that was the cause takes no other with it again.
- Where workers die anyway, the attempt is given back as well: when in the last five minutes at least as many died
  without the job as with it. A job is never taken back more often than three times its attempts.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from jobs.models import Death, Job, JobState
from jobs.models.job import STILL_RUNS

CODE, DETAIL = "worker_died", "The process that ran it stopped answering."
LATELY = 300  # seconds
MOST = 3  # times its attempts
KEPT = timedelta(days=1)

_TAKE_BACK = f"""
WITH lately AS MATERIALIZED (
    SELECT worker FROM jobs_death WHERE at > clock_timestamp() - interval '{LATELY} seconds'
), given AS (
    SELECT j.id, j.fence, g.log,
        j.short OR (
            own.deaths < {MOST - 1} * j.max_attempts AND others.without >= others.together) AS free
    FROM unnest(%(ids)s::uuid[], %(fences)s::int[], %(logs)s::text[]) AS g (id, fence, log)
    JOIN jobs_job j ON j.id = g.id AND j.fence = g.fence
    CROSS JOIN LATERAL (
        SELECT count(*) AS deaths, array_append(array_agg(f ->> 'worker'), j.worker::text) AS workers
        FROM jsonb_array_elements(j.failures) AS f WHERE f ->> 'code' = '{CODE}'
    ) AS own
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE worker <> ALL (own.workers)) AS without,
               count(*) FILTER (WHERE worker = ANY (own.workers)) AS together FROM lately
    ) AS others
)
UPDATE jobs_job j SET
    state = CASE WHEN j.attempt >= j.max_attempts AND NOT g.free THEN 'dead' ELSE 'queued' END,
    finished_at = CASE WHEN j.attempt >= j.max_attempts AND NOT g.free THEN clock_timestamp() END,
    attempt = j.attempt - g.free::int,
    fair_rank = {{again}}, short = FALSE, lease_until = NULL, error_code = '{CODE}', error_detail = '{DETAIL}',
    failures = j.failures || jsonb_build_array(jsonb_build_object(
        'attempt', j.attempt, 'at', clock_timestamp(), 'worker', j.worker, 'code', '{CODE}', 'detail', '{DETAIL}',
        'log', concat_ws(E'\\n', NULLIF(j.step, ''), NULLIF(g.log, ''))))
FROM given g
WHERE j.id = g.id AND j.fence = g.fence AND {STILL_RUNS} RETURNING j.id, j.state, j.attempt
"""  # noqa: S608 (our own text)


def note(workers: Iterable[str]) -> None:
    """These have died; what is known already stays as it was."""
    now = timezone.now()
    noted = [Death(worker=worker, at=now) for worker in sorted(set(workers))]
    if noted:
        Death.objects.bulk_create(noted, ignore_conflicts=True)
        Death.objects.filter(at__lt=now - KEPT).delete()


def take_back(jobs: Sequence[Job], logs: Sequence[str], again: str) -> dict[UUID, tuple[JobState, int]]:
    """They wait again with the rank that the expression `again` gives, or are dead; state and attempt by id.

    In the caller's transaction, after the deaths were noted. Those that are not the workers' any more stay as they are.
    """
    given: dict[str, Any] = {
        "ids": [job.pk for job in jobs],
        "fences": [job.fence for job in jobs],
        "logs": list(logs),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK.replace("{again}", again), given)
        return {pk: (JobState(state), attempt) for pk, state, attempt in cursor.fetchall()}
