"""Routing: a document's events start workflows, and why is kept. The kinds of work `document.settled`,
`document.version_added` and `document.corrected`, which `documents` enqueues.

Conditions are evaluated outside any transaction; what they choose is started in the one that settles the job, once.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts import prepared
from accounts.refusals import Refusal
from documents import processing
from documents.models import Document, Status
from jobs.kinds import Done, Kind
from jobs.models import Job
from jobs.run import Run
from workflows import by_hand, clock, context, happenings, reading, running, starting, superseding, triggers
from workflows.models import ALIVE, Definition, Instance, Routing
from workflows.triggers import Considered, Trigger
from workflows.turn import Happening, Turn

PROCESSED, FAILED, VERSION = "document.processed", "document.failed", "document.version"
CORRECTED = "document.corrected"
start_by_hand = by_hand.start
Event = tuple[UUID, int, str]
"""A document, its version, and what happened to it."""
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
    document = _papers(run).get(run.payload["document"])
    if document is None or document.newest is None or (statuses and document.status not in statuses):
        return None  # it has gone on since; what it came to has a job of its own
    said = {"name": event, **{name: value for name, value in run.payload.items() if name != "document"}}
    head = _heads(run).get(document.pk, "") if any(trigger.reads_head for trigger in found) else False
    return looked_at(document, document.newest.number, said, found, head=head)


def looked_at(
    document: Document, version: int, said: dict[str, Any], found: Sequence[Trigger], *, head: bool | str
) -> Looked:
    """What these triggers give for what happened to this document; `said` is what they see as `event`."""
    names = triggers.names_of(document, said, head=head)
    considered = triggers.consider(found, names)
    triggers.see(considered, names)
    return Looked(document.pk, version, said["name"], considered)


def _papers(run: Run) -> dict[str, Document]:
    """The documents of the whole batch, outside the bin: fetched once."""
    if "papers" not in run.shared:
        found = reading.papers(mate.payload["document"] for mate in run.mates or (run,))
        run.shared["papers"] = {str(one.pk): one for one in found if one.binned_at is None}
    papers: dict[str, Document] = run.shared["papers"]
    return papers


def _heads(run: Run) -> dict[UUID, str]:
    """The first words of all of them, once a trigger asks for those of one."""
    if "heads" not in run.shared:
        run.shared["heads"] = context.heads_of(_papers(run).values())
    heads: dict[UUID, str] = run.shared["heads"]
    return heads


def settled(done: Sequence[Done]) -> None:
    """Start what was chosen; ask anew about new versions; tell those who wait for a document to be read, or to fail."""
    superseding.open_anew([one.job.subject_id for one in done])
    events = [(OF_STATUS.get(one.job.payload["status"]), one.job) for one in done]
    route((one.value for one in done), [Happening(event, job.subject_id, _told(job)) for event, job in events if event])


def version_added(done: Sequence[Done]) -> None:
    """Close what asks about the version before; start what was chosen; tell those who wait for new versions."""
    superseding.close_old([one.job.subject_id for one in done])
    route((one.value for one in done), [Happening(VERSION, one.job.subject_id, _told(one.job)) for one in done])


def corrected(done: Sequence[Done]) -> None:
    """Start what was chosen."""
    route(one.value for one in done)


def _told(job: Job) -> dict[str, Any]:
    return {"document": job.subject_id, **job.payload}


# --- starting


def route(looked: Iterable[Looked | None], happened: Sequence[Happening] = ()) -> list[Routing]:
    """Start what was chosen for these locked documents and keep why; nothing for an event that was routed before.

    `happened` is told to those who wait for it, what is started here included, in the same turn: its locks and those
    of who begins to wait are taken together.
    """
    fresh = [one for one in looked if one is not None]
    if not fresh:
        happenings.happen_many(happened)
        return []
    batch = _Batch(fresh)
    batch.turn.happenings += happened
    for one in fresh:
        batch.route(one)
    kept = list(batch.kept.values())
    batch.turn.routings += [row for row in kept if row.pk is None]
    again = [row for row in kept if row.pk is not None]
    running.finish(batch.turn)
    if again:  # corrections of one version share a row; whatever else happens to it has its own, once
        Routing.objects.bulk_update(again, ["at", "considered", "instances"])
    return kept


class _Batch:
    """What is chosen for some documents, to be started in one turn; nothing is written before that is finished."""

    def __init__(self, looked: Sequence[Looked]) -> None:
        self.turn = Turn()
        self.kept: dict[Event, Routing] = {}
        self._known, self._running = _before(looked)
        self._definitions: dict[int, Definition] = {}
        self._papers: dict[UUID, Document] = {}
        self._wanted = [one.document for one in looked if any(found.result == "matches" for found in one.considered)]

    def route(self, looked: Looked) -> None:
        """Choose, and keep why; not what was routed before, nor a correction of what something runs on."""
        event, runs = (looked.document, looked.version, looked.event), self._running.setdefault(looked.document, set())
        there = event in self._known or event in self.kept
        if runs if looked.event == CORRECTED else there:
            return
        started = self._start(looked, runs)
        row = self.kept.get(event) or (Routing.objects.get(pk=self._known[event]) if there else None)
        self.kept[event] = _said(looked, [str(one.pk) for one in started], row)
        runs |= {one.definition_id for one in started}  # the batch may have another event of this document

    def _start(self, looked: Looked, runs: Collection[int]) -> list[Instance]:
        """What was started. Where the winner is refused, the next one has its turn."""
        started: list[Instance] = []

        def start(chosen: Considered) -> str:
            try:
                instance = starting.create(
                    self.turn,
                    definition=self._definition(chosen.trigger.definition_id),
                    document=self._paper(looked.document),
                    by=None,
                    given=chosen.variables,
                    reason=_reason(looked.event, chosen),
                    known_alone=chosen.trigger.definition_id not in runs,
                )
            except Refusal as refusal:
                return refusal.detail
            started.append(instance)
            return ""

        triggers.choose(looked.considered, running=runs, start=start)
        return started

    def _definition(self, pk: int) -> Definition:
        if pk not in self._definitions:
            self._definitions[pk] = Definition.objects.defer("draft").get(pk=pk)
        return self._definitions[pk]

    def _paper(self, pk: UUID) -> Document:
        """As it is now that it is locked: all of the batch at once."""
        if pk not in self._papers:
            self._papers = {one.pk: one for one in reading.papers(self._wanted)}
        return self._papers[pk]


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


_BEFORE = """
SELECT document_id, document_version, event, id FROM workflows_routing
WHERE document_id = ANY(%s::uuid[]) AND event = ANY(%s::text[])
UNION ALL
SELECT document_id, NULL, NULL, definition_id FROM workflows_instance
WHERE document_id = ANY(%s::uuid[]) AND status = ANY(%s::text[])
"""


def _before(looked: Sequence[Looked]) -> tuple[dict[Event, int], dict[UUID, set[int]]]:
    """What was routed before, with its row's id: a job that is done again starts nothing twice. And what runs on each
    document, by definition."""
    documents, events = list({one.document for one in looked}), list({one.event for one in looked})
    known: dict[Event, int] = {}
    runs: dict[UUID, set[int]] = {}
    for document, version, event, pk in prepared.rows(
        _BEFORE, [documents, events, documents, [str(status) for status in ALIVE]]
    ):
        if event is None:
            runs.setdefault(document, set()).add(pk)
        else:
            known[document, version, event] = pk
    return known, runs


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
    batch=32,
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
