"""A job as clients see it."""

from typing import Any

from jobs import place
from jobs.chores import Chore
from jobs.models import Job, JobState, Priority


def as_json(job: Job, *, whole: bool = True) -> dict[str, Any]:
    """The Job of the API. `whole` adds what costs a query: the place in the queue and the seconds left."""
    found: dict[str, Any] = {
        "id": job.pk,
        "kind": job.kind,
        "state": str(job.state),
        "queue": job.queue,
        "priority": Priority(job.priority).label,
        "progress": job.percent,
        "step": job.step,
        "message": job.message,
        "attempts": job.attempt,
        "max_attempts": job.max_attempts,
        "worker": job.worker,
        "error": {"code": job.error_code, "detail": job.error_detail} if job.error_code else None,
        "subject": {"kind": job.subject_kind, "id": job.subject_id} if job.subject_kind else None,
        "parent_job": job.parent_id,
        "size": job.size,
        "created_at": job.created_at,
        "run_after": job.run_after,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "seconds": None if job.took_ms is None else job.took_ms / 1000,
    }
    if whole:
        found["place"] = place.place_of(job) if job.state == JobState.QUEUED else None
        found["eta"] = place.eta_of(job)
    return found


def failures(job: Job, *, with_log: bool) -> list[dict[str, Any]]:
    """Why each attempt failed, oldest first; a log holds paths and code, so it is not for everybody."""
    return [entry if with_log else {key: entry[key] for key in entry if key != "log"} for entry in job.failures]


def of_chore(chore: Chore) -> dict[str, Any]:
    """How many jobs a deed is about, and the id of the job that does it, unless it is done."""
    return {"count": chore.count} | ({} if chore.job is None else {"job": chore.job.pk})


def for_administrators(job: Job) -> dict[str, Any]:
    """With why each attempt failed (last log lines and tracebacks) and whose it is."""
    return {**as_json(job, whole=False), "owner": job.owner_id, "failures": job.failures}
