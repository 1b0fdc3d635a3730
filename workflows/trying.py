"""Trying a definition on the past by a worker, where that takes longer than a page may: the result is the job's."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.refusals import NotAllowed
from accounts.rights import Action, rights_of
from jobs import enqueueing
from jobs.kinds import Done, Kind
from jobs.models import Job
from jobs.run import Run
from workflows import past
from workflows.definitions import checking

SHOWN = 500
"""So many documents are kept one by one; the totals are of all."""


@transaction.atomic
def begin(*, source: str, last: int, department: str | None = None, by: User) -> Job:
    """Have this text tried on the last documents (5,000 at most). Raises NotAllowed for who does not run the house."""
    if not rights_of(by).may(Action.RUN_HOUSE, department_id=None):
        raise NotAllowed("Only administrators try definitions on the past.")
    payload = {"source": source, "last": min(max(last, 0), past.MOST), "department": department}
    return enqueueing.enqueue(KIND.name, payload=payload, owner=by)


def shown(report: past.Report) -> dict[str, Any]:
    """As plain data, with the first 500 rows: those that differ from what was done come first."""
    said = report.said()
    said["rows"] = sorted(said["rows"], key=lambda row: past.VERDICTS.index(row["verdict"]) in (0, 4))[:SHOWN]
    return said


def _perform(run: Run) -> dict[str, Any]:
    body = checking.check(run.payload["source"]).body
    if body is None:
        return {"unreadable": True}
    last = int(run.payload["last"])

    def tell(done: int) -> None:
        run.progress(100 * done // max(last, 1), "trying", f"{done:,} of {last:,}")

    owner = run.job.owner
    rights = rights_of(owner) if owner is not None else None
    return shown(past.dry_run(body, last=last, department=run.payload["department"], rights=rights, tell=tell))


def _settle(done: Sequence[Done]) -> None:
    for one in done:
        Job.objects.filter(pk=one.job.pk).update(result=one.value)


KIND = Kind("workflow.try", perform=_perform, settle=_settle, time_limit=timedelta(minutes=30), max_attempts=2)
