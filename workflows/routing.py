"""Routing: a document's events start workflows, and why is kept. The kinds of work `document.settled`,
`document.version_added` and `document.corrected`, which `documents` enqueues.

Conditions are evaluated outside any transaction; what they choose is started in the one that settles the job, once.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.refusals import Refusal
from documents import processing
from documents.models import Document, Status
from jobs.kinds import Done, Kind
from jobs.models import Job
from jobs.run import Run
from workflows import by_hand, clock, happenings, running, superseding, triggers
from workflows.models import ALIVE, Definition, Instance, Routing
from workflows.triggers import Considered
from workflows.turn import Happening

PROCESSED, FAILED, VERSION = "document.processed", "document.failed", "document.version"
CORRECTED = "document.corrected"
start_by_hand = by_hand.start
OF_STATUS = {str(Status.PROCESSED): PROCESSED, str(Status.FAILED): FAILED}


@dataclass
class Looked:
    """What the triggers give for one event of one document: of its newest version when they were looked at."""

    document: UUID
    version: int
    event: str
    considered: list[Considered]


# --- what the jobs do


def look_settled(run: Run) -> Looked | None:
    """A document was read, or could not be."""
    event = OF_STATUS.get(run.payload["status"])
    return _look(run, event, statuses=[run.payload["status"]]) if event else None


def look_version(run: Run) -> Looked | None:
    """A document has a new version."""
    return _look(run, VERSION)


def look_corrected(run: Run) -> Looked | None:
    """Somebody said what a document is; only where nothing runs on it."""
    document = run.payload["document"]
    if Instance.objects.filter(document=document, status__in=ALIVE).exists():
        return None
    return _look(run, CORRECTED, statuses=[str(Status.PROCESSED)])


def _look(run: Run, event: str, statuses: Collection[str] = ()) -> Looked | None:
    found = triggers.active(event)
    if not found:
        return None
    document = (
        Document.objects.select_related(*triggers.RELATED).filter(pk=run.payload["document"], binned_at=None).first()
    )
    if document is None or document.newest is None or (statuses and document.status not in statuses):
        return None  # it has gone on since; what it came to has a job of its own
    said = {"name": event, **{name: value for name, value in run.payload.items() if name != "document"}}
    names = triggers.names_of(document, said, head=any(trigger.reads_head for trigger in found))
    return Looked(document.pk, document.newest.number, event, triggers.consider(found, names))


def settled(done: Sequence[Done]) -> None:
    """Start what was chosen; ask anew about new versions; tell those who wait for a document to be read, or to fail."""
    superseding.open_anew([one.job.subject_id for one in done])
    route(one.value for one in done)
    events = [(OF_STATUS.get(one.job.payload["status"]), one.job) for one in done]
    happenings.happen_many([Happening(event, job.subject_id, _told(job)) for event, job in events if event])


def version_added(done: Sequence[Done]) -> None:
    """Close what asks about the version before; start what was chosen; tell those who wait for new versions."""
    superseding.close_old([one.job.subject_id for one in done])
    route(one.value for one in done)
    happenings.happen_many([Happening(VERSION, one.job.subject_id, _told(one.job)) for one in done])


def corrected(done: Sequence[Done]) -> None:
    """Start what was chosen."""
    route(one.value for one in done)


def _told(job: Job) -> dict[str, Any]:
    return {"document": job.subject_id, **job.payload}


# --- starting


def route(looked: Iterable[Looked | None]) -> list[Routing]:
    """Start what was chosen for these locked documents and keep why; nothing for an event that was routed before."""
    fresh = [one for one in looked if one is not None]
    if not fresh:
        return []
    known, running_now = _known(fresh), _running([one.document for one in fresh])
    kept: dict[tuple[UUID, int, str], Routing] = {}
    for one in fresh:
        event, runs = (one.document, one.version, one.event), running_now.get(one.document, set())
        if runs if one.event == CORRECTED else event in known:
            continue
        started = _start(one, runs)
        known[event] = kept[event] = _said(one, started, known.get(event))
        if started:
            running_now.update(_running([one.document]))  # the batch may have another event of this document
    _write(list(kept.values()))
    return list(kept.values())


def _write(rows: list[Routing]) -> None:
    """Corrections of one version share a row; whatever else happens to it has its own, once."""
    again = [row for row in rows if row.pk is not None]
    Routing.objects.bulk_create(row for row in rows if row.pk is None)
    Routing.objects.bulk_update(again, ["at", "considered", "instances"])


def _start(looked: Looked, runs: Collection[int]) -> list[str]:
    """The ids of what was started. Where the winner is refused, the next one has its turn."""
    started: list[str] = []

    def start(chosen: Considered) -> str:
        try:
            with transaction.atomic():
                definition = Definition.objects.get(pk=chosen.trigger.definition_id)
                document = Document.objects.get(pk=looked.document)
                variables, reason = chosen.variables, _reason(looked.event, chosen)
                instance = running.start(
                    definition=definition, document=document, by=None, variables=variables, reason=reason
                )
        except Refusal as refusal:
            return refusal.detail
        started.append(str(instance.pk))
        return ""

    triggers.choose(looked.considered, running=runs, start=start)
    return started


def _reason(event: str, chosen: Considered) -> dict[str, Any]:
    """Why a run was started, as it keeps it."""
    said = chosen.trigger.said
    return {
        "trigger": event,
        "index": chosen.trigger.index,
        "when": said.get("when"),
        "priority": chosen.trigger.priority,
        "words": said.get("reason") or "",
    }


def _known(looked: Sequence[Looked]) -> dict[tuple[UUID, int, str], Routing]:
    """What was routed before: a job that is done again starts nothing twice."""
    rows = Routing.objects.filter(
        document__in={one.document for one in looked}, event__in={one.event for one in looked}
    )
    return {(row.document_id, row.document_version, row.event): row for row in rows}


def _running(documents: Collection[UUID]) -> dict[UUID, set[int]]:
    found: dict[UUID, set[int]] = {}
    rows = Instance.objects.filter(document__in=list(documents), status__in=ALIVE)
    for document, definition in rows.values_list("document_id", "definition_id"):
        found.setdefault(document, set()).add(definition)
    return found


def _said(looked: Looked, started: list[str], row: Routing | None) -> Routing:
    """What is kept of it, not written yet."""
    row = row or Routing(document_id=looked.document, document_version=looked.version, event=looked.event)
    row.at, row.considered = clock.now(), [one.said() for one in looked.considered]
    row.instances = [*(row.instances or []), *started]
    return row


def is_short(job: Job) -> bool:
    return True


SETTLED = Kind(
    name="document.settled",
    perform=look_settled,
    settle=settled,
    lock=processing.lock,
    batch=16,
    short=is_short,
    max_attempts=10,
)
VERSION_ADDED = Kind(
    name="document.version_added",
    perform=look_version,
    settle=version_added,
    lock=processing.lock,
    batch=16,
    short=is_short,
    max_attempts=10,
)
CORRECTED_KIND = Kind(
    name="document.corrected",
    perform=look_corrected,
    settle=corrected,
    lock=processing.lock,
    batch=16,
    short=is_short,
    max_attempts=10,
)
KINDS = (SETTLED, VERSION_ADDED, CORRECTED_KIND)
