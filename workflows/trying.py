"""Trying a definition on the past by a worker, where that takes longer than an answer may.

What was found is kept for whoever runs the house, apart from the job: a week, a megabyte at most, and of each person
the newest twenty. It is shown by the rights of who looks: what has gone since, or is not theirs, is left out.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.refusals import IllegalMove, NotAllowed, NotFound
from accounts.rights import Action, Rights, rights_of
from documents.models import Document
from jobs import enqueueing, unasked
from jobs.kinds import Done, Kind
from jobs.models import Job, JobState
from jobs.run import Run
from realtime import audiences, events
from realtime.workflow_events import WorkflowTried
from workflows import past
from workflows.definitions import checking
from workflows.models import Trial

AT_ONCE = 500
"""So many documents are looked at while somebody waits for the answer; more are a worker's."""
SHOWN, SENTENCE, LARGEST = 500, 500, 1_000_000
"""Documents that are kept one by one, characters of an error, bytes of it all; the totals are of all documents."""
KEPT, OF_EACH, LOST = timedelta(days=7), 20, timedelta(days=30)


@transaction.atomic
def begin(*, key: str, source: str, last: int, department: str | None = None, by: User) -> Trial:
    """Have this text tried on the last documents (5,000 at most). Raises NotAllowed for who does not run the house."""
    _ask(rights_of(by))
    last = min(max(last, 0), past.MOST)
    payload = {"key": key, "source": source, "last": last, "department": department}
    job = enqueueing.enqueue(KIND.name, payload=payload, owner=by)
    older = Trial.objects.filter(by=by).exclude(ended_at=None).order_by("-asked_at").values_list("pk", flat=True)
    Trial.objects.filter(pk__in=list(older[OF_EACH - 1 :])).delete()
    return Trial.objects.create(
        pk=job.pk, definition=key, last=last, department=department or "", by=by, asked_at=timezone.now()
    )


def one(pk: UUID, rights: Rights) -> Trial:
    """What was asked, and found. Raises NotAllowed for who does not run the house; NotFound."""
    _ask(rights)
    found = Trial.objects.select_related("by").filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no such try. What was found is kept for {KEPT.days} days.")
    return found


def cancel(*, pk: UUID, by: User, rights: Rights) -> Trial:
    """Stop it: at once while it waits, within a second while it runs. Raises as `one`; IllegalMove when it is over."""
    found = one(pk, rights)
    if found.state:
        raise IllegalMove("This try has ended already; there is nothing to cancel.")
    unasked.cancel(job_id=pk, by=by)
    found.refresh_from_db()
    return found


def forget(*, older_than: timedelta = KEPT) -> int:
    """Remove what ended longer ago than that, and what never ended in a month; how many."""
    now = timezone.now()
    old = Trial.objects.filter(asked_at__lt=now - older_than)
    ended, _ = old.filter(ended_at__lt=now - older_than).delete()
    lost, _ = old.filter(asked_at__lt=now - LOST, ended_at=None).delete()
    return ended + lost


def shown(report: past.Report) -> dict[str, Any]:
    """As plain data, bounded: those that differ from what was done come first, and the first 500 are kept."""
    said = report.said()
    rows = sorted(said["rows"], key=lambda row: past.VERDICTS.index(row["verdict"]) in (0, 4))[:SHOWN]
    said["errors"] = {sentence[:SENTENCE]: count for sentence, count in said["errors"].items()}
    said["rows"] = []
    room = LARGEST - len(orjson.dumps(said))
    for row in rows:
        row["error"] = row["error"][:SENTENCE]
        room -= len(orjson.dumps(row)) + 1
        if room < 0:
            break
        said["rows"].append(row)
    return said


def as_seen(trial: Trial, rights: Rights) -> dict[str, Any] | None:
    """What it found, without the documents that these rights do not show; None until then."""
    if trial.result is None:
        return None
    ids = [row["document"] for row in trial.result["rows"]]
    seen = {str(pk) for pk in Document.objects.visible_to(rights).filter(pk__in=ids).values_list("pk", flat=True)}
    return {**trial.result, "rows": [row for row in trial.result["rows"] if row["document"] in seen]}


def as_json(trial: Trial, rights: Rights) -> dict[str, Any]:
    """For the API: how far it is, then what it found."""
    job = Job.objects.filter(pk=trial.pk).first()
    return {
        "id": trial.pk,
        "url": f"/api/v1/workflows/dry-runs/{trial.pk}/",
        "definition": trial.definition,
        "last": trial.last,
        "department": trial.department or None,
        "by": trial.by.get_username() if trial.by else None,
        "asked_at": trial.asked_at,
        "ended_at": trial.ended_at,
        "kept_until": trial.ended_at + KEPT if trial.ended_at else None,
        "state": trial.state or (str(job.state) if job else JobState.DEAD.value),
        "progress": 100 if trial.state == JobState.SUCCEEDED else job.percent if job else 0,
        "step": job.step if job else "",
        "message": job.message if job else "",
        "error": {"code": job.error_code, "detail": job.error_detail} if job and job.error_code else None,
        "result": as_seen(trial, rights),
    }


def _ask(rights: Rights) -> None:
    if not rights.may(Action.RUN_HOUSE, department_id=None):
        raise NotAllowed("Only administrators try definitions on the past.")


def _perform(run: Run) -> dict[str, Any]:
    body = checking.check(run.payload["source"]).body
    if body is None:
        raise ValueError("The text that was to be tried cannot be read any more.")

    def tell(done: int, of: int) -> None:
        run.progress(100 * done // max(of, 1), "trying", f"{done:,} / {of:,}")

    last, department, owner = int(run.payload["last"]), run.payload["department"], run.job.owner
    rights = rights_of(owner) if owner is not None else None
    return shown(past.dry_run(body, last=last, department=department, rights=rights, tell=tell))


def _settle(done: Sequence[Done]) -> None:
    for each in done:
        _end(each.job, JobState.SUCCEEDED, result=each.value)


def _ended(state: JobState) -> Callable[[Sequence[Job]], None]:
    def end(jobs: Sequence[Job]) -> None:
        for job in jobs:
            _end(job, state)

    return end


def _end(job: Job, state: JobState, *, result: dict[str, Any] | None = None) -> None:
    """In the transaction that ends the job. One that was forgotten meanwhile stays forgotten."""
    _note(job, state=state.value, ended_at=timezone.now(), result=result)
    told = WorkflowTried(
        id=str(job.pk),
        definition=job.payload.get("key", ""),
        state=state.value,
        looked_at=result["looked_at"] if result else None,
    )
    mine = [audiences.user(job.owner_id)] if job.owner_id else []
    events.tell(told, to=[audiences.ADMIN, audiences.job(job.pk), *mine])


def _requeued(jobs: Sequence[Job]) -> None:
    for job in jobs:
        _note(job, state="", ended_at=None, result=None)


def _note(job: Job, *, state: str, ended_at: datetime | None, result: dict[str, Any] | None) -> None:
    Trial.objects.filter(pk=job.pk).update(state=state, ended_at=ended_at, result=result)


KIND = Kind(
    "workflow.try",
    perform=_perform,
    settle=_settle,
    died=_ended(JobState.DEAD),
    cancelled=_ended(JobState.CANCELLED),
    requeued=_requeued,
    time_limit=timedelta(minutes=30),
    max_attempts=2,
)
