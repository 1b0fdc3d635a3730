"""What is done to jobs, queues and workers, each recorded with who did it; **nobody is asked for rights here**.

For the gateway itself, and for callers who have asked on the subject (a document's uploader or head). People's doors
call `jobs.control`. `by=None` is the gateway, or somebody at its command line: then `note` says who.

Locks are taken in the house's order: the subject (`Kind.lock`), then the job.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import history
from accounts.history import Deed
from accounts.models import User
from accounts.refusals import IllegalMove, NotFound
from jobs import family, kinds, waking
from jobs.enqueueing import next_rank
from jobs.kinds import Kind
from jobs.models import Job, JobState, Priority, Queue, QueueName, Worker
from jobs.models.job import UNFINISHED

AT_ONCE = 2_000
ENDED = (JobState.SUCCEEDED, JobState.DEAD, JobState.CANCELLED)


def _unheard(done: int) -> None:
    """Nobody asks how far it is."""


@transaction.atomic
def cancel(*, job_id: UUID, by: User | None, note: str = "") -> Job:
    """Stop it: a waiting one at once, a running one within a second (its attempt counts for nothing any more).

    Its unfinished children are cancelled with it. Raises NotFound; IllegalMove when it has ended.
    """
    if cancelled := cancel_many([job_id], by=by, note=note):
        return cancelled[0]
    if not Job.objects.filter(pk=job_id).exists():
        raise NotFound
    raise IllegalMove("This work has ended already; there is nothing to cancel.")


@transaction.atomic
def cancel_many(ids: Sequence[UUID], *, by: User | None, note: str = "") -> list[Job]:
    """As `cancel`, for those of `ids` that have not ended, which are given back.

    As many statements for many as for one.
    """
    parts = list(Job.objects.filter(parent__in=ids, state__in=UNFINISHED).values_list("pk", flat=True))
    if parts:  # before the parents are locked, as those do that finish them
        cancel_many(parts, by=by, note=note)
    _lock_subjects(ids)
    jobs = list(Job.objects.select_for_update(of=("self",)).filter(pk__in=ids, state__in=UNFINISHED).order_by("pk"))
    if not jobs:
        return []
    before, now = {job.pk: job.state for job in jobs}, timezone.now()
    for job in jobs:
        job.cancel()
        job.finished_at, job.lease_until, job.run_after = now, None, None
    Job.objects.filter(pk__in=before).update(
        state=JobState.CANCELLED, finished_at=now, lease_until=None, run_after=None
    )
    for kind, alike in _by_kind(jobs):
        kind.cancelled(alike)
    family.a_child_settled(jobs)
    history.record_many(
        Deed("job", str(job.pk), "cancelled", by, {"state": before[job.pk]}, {"state": job.state}, note) for job in jobs
    )
    return jobs


@transaction.atomic
def cancel_for(subject_kind: str, subjects: Sequence[str], *, by: User | None) -> list[Job]:
    """Cancel all unfinished work on these subjects; [] when there is none."""
    jobs = Job.objects.filter(subject_kind=subject_kind, subject_id__in=subjects, state__in=UNFINISHED)
    return cancel_many(list(jobs.values_list("pk", flat=True)), by=by)


@transaction.atomic
def retry(*, job_id: UUID, by: User | None, note: str = "") -> Job:
    """Have an ended or failed job done (again), with a fresh count of attempts.

    Raises NotFound; IllegalMove while it waits or runs.
    """
    job = _locked(job_id)
    if job.state not in (*ENDED, JobState.FAILED):
        raise IllegalMove("This work waits or runs already.")
    before = {"state": job.state, "attempts": job.attempt, "error_code": job.error_code}
    job.requeue()
    job.attempt, job.percent, job.step, job.message = 0, 0, "", ""
    job.error_code, job.error_detail = "", ""
    job.run_after = job.finished_at = job.took_ms = None
    job.queue, job.urgency = job.priority_choice.queue, job.priority
    job.fair_rank = next_rank(owner_id=job.owner_id, priority=job.priority_choice, size=job.size)
    job.save()
    if kinds.is_registered(job.kind):
        kinds.get(job.kind).requeued([job])
    history.record("job", job.pk, "retried", by=by, before=before, after={"state": job.state}, note=note)
    family.wake_after_commit(job.queue)
    return job


def dead(*, error_code: str = "", kind: str = "") -> QuerySet[Job]:
    """The dead jobs, or those of one cause or kind."""
    found = Job.objects.filter(state=JobState.DEAD)
    if error_code:
        found = found.filter(error_code=error_code)
    return found.filter(kind=kind) if kind else found


def retry_dead(
    *, by: User | None, error_code: str = "", kind: str = "", note: str = "", each: Callable[[int], None] = _unheard
) -> int:
    """Retry every dead job, or those of one cause or kind; how many. Each in a transaction of its own.

    `each` is told now and then how many have been done; what it raises ends it there.
    """
    ids = list(dead(error_code=error_code, kind=kind).order_by("pk").values_list("pk", flat=True))
    retried = 0
    for number, pk in enumerate(ids):
        each(number)
        retried += _retried(pk, by, note)
    return retried


@transaction.atomic
def set_priority(*, job_id: UUID, priority: Priority, by: User | None, note: str = "") -> Job:
    """Move it to another priority, as its owner's last there. Raises NotFound; IllegalMove when it has ended."""
    job = _locked(job_id)
    if job.state not in UNFINISHED:
        raise IllegalMove("This work has ended already.")
    before = job.priority_choice
    if before == priority:
        return job
    job.priority = job.urgency = priority
    job.queue = priority.queue
    job.fair_rank = next_rank(owner_id=job.owner_id, priority=priority, size=job.size)
    job.save(update_fields=["priority", "urgency", "queue", "fair_rank"])
    was, now = {"priority": before.label}, {"priority": priority.label}
    history.record("job", job.pk, "priority changed", by=by, before=was, after=now, note=note)
    family.wake_after_commit(job.queue)
    return job


def pause(*, queue: str, by: User | None, note: str = "") -> Queue:
    """Nothing more of this queue is claimed; what runs ends. Raises NotFound."""
    return _switch(queue, paused=True, by=by, note=note)


def resume(*, queue: str, by: User | None, note: str = "") -> Queue:
    """It is claimed again. Raises NotFound."""
    return _switch(queue, paused=False, by=by, note=note)


@transaction.atomic
def drain(*, worker_id: str, by: User | None, note: str = "") -> Worker:
    """It ends what it runs and claims nothing more, within 2 s, until it is started again. Raises NotFound."""
    worker = Worker.objects.select_for_update().filter(pk=worker_id).first()
    if worker is None:
        raise NotFound("There is no such worker.")
    if not worker.draining:
        worker.draining = True
        worker.save(update_fields=["draining"])
        history.record("worker", worker.short_id, "drained", by=by, after={"worker": worker.pk}, note=note)
    return worker


def finished(*, states: Sequence[str], older_than: timedelta) -> QuerySet[Job]:
    """Ended jobs of these states that ended longer ago than that. Raises IllegalMove for a state that is no end."""
    if wrong := set(states) - set(ENDED):
        raise IllegalMove(f"Only ended work can be removed, not: {', '.join(sorted(wrong))}.")
    return Job.objects.filter(state__in=list(states), finished_at__lt=timezone.now() - older_than)


def clean_finished(
    *,
    by: User | None,
    states: Sequence[str] = (JobState.SUCCEEDED, JobState.CANCELLED),
    older_than: timedelta,
    note: str = "",
    each: Callable[[int], None] = _unheard,
) -> int:
    """Remove ended jobs of these states that ended longer ago than that; how many. Parents stay with open children.

    By thousands, each in a transaction of its own with its record; `each` is told after each how many are gone. Raises
    IllegalMove for a state that is no end.
    """
    ended = finished(states=states, older_than=older_than)
    after = {"states": sorted(states), "older_than_seconds": int(older_than.total_seconds())}
    total = 0
    while removed := _clean_some(ended, by=by, after=after, note=note):
        total += removed
        each(total)
    return total


@transaction.atomic
def _clean_some(ended: QuerySet[Job], *, by: User | None, after: dict[str, Any], note: str) -> int:
    """Children go before their parents: only rows that nobody names as parent are taken."""
    childless = ended.exclude(pk__in=Job.objects.exclude(parent=None).values("parent")).order_by("finished_at")
    held = childless.select_for_update(skip_locked=True)  # what somebody has done again just now is not ended any more
    ids = list(held.values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    removed = Job.objects.filter(pk__in=ids).delete()[1].get(Job._meta.label, 0)
    queue = _locked_switch(QueueName.DEFAULT)
    history.record("queue", queue.name, "finished work removed", by=by, after={**after, "removed": removed}, note=note)
    return removed


def _locked(job_id: UUID) -> Job:
    """The job, locked after its subject. Its kind may be unknown to this process: then it has no subject to lock."""
    _lock_subjects([job_id])
    job = Job.objects.select_for_update(of=("self",)).filter(pk=job_id).first()
    if job is None:
        raise NotFound
    return job


def _lock_subjects(ids: Sequence[UUID]) -> None:
    """What these jobs are about: locked before them."""
    for kind, alike in _by_kind(Job.objects.filter(pk__in=ids).order_by("pk")):
        kind.lock(alike)


def _by_kind(jobs: Iterable[Job]) -> Iterator[tuple[Kind, list[Job]]]:
    """Those whose kind is known to this process."""
    found: dict[str, list[Job]] = {}
    for job in jobs:
        found.setdefault(job.kind, []).append(job)
    for name in sorted(filter(kinds.is_registered, found)):
        yield kinds.get(name), found[name]


def _retried(pk: UUID, by: User | None, note: str) -> bool:
    try:
        retry(job_id=pk, by=by, note=note)
    except (IllegalMove, NotFound):  # somebody was faster
        return False
    return True


@transaction.atomic
def _switch(name: str, *, paused: bool, by: User | None, note: str) -> Queue:
    queue = _locked_switch(name)
    if queue.paused != paused:
        queue.paused = paused
        queue.save(update_fields=["paused"])
        history.record("queue", queue.pk, "paused" if paused else "resumed", by=by, note=note)
        if not paused:
            transaction.on_commit(lambda: waking.pass_on(queue.name))
    return queue


def _locked_switch(name: str) -> Queue:
    queue = Queue.objects.select_for_update().filter(pk=name).first()
    if queue is None:
        raise NotFound("There is no such queue; there are high, default and low.")
    return queue
