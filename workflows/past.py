"""A dry run over the past: what a draft would have done with the last documents, beside what was done. Reads only.

The draft's triggers are looked at together with those of everything else that is active; where the draft would start,
the engine itself takes its path, in memory, up to the first thing that waits for somebody. Service steps are passed
where their action is quick and only finds something.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.rights import Rights
from documents.models import Document
from workflows import triggers, walking
from workflows.models import Instance
from workflows.routing import OF_STATUS
from workflows.triggers import Considered, Trigger
from workflows.walking import Stop

MOST, CHUNK = 5_000, 200
VERDICTS = ("same", "other", "new", "gone", "none")
"""The draft would start: as it did (same), where others ran (other), where nothing ran (new). It would not: though it
did (gone), and did not (none)."""


@dataclass(frozen=True)
class Row:
    """One document: what the draft would do, and what was done."""

    document: str
    title: str
    document_type: str
    department: str
    event: str
    verdict: str
    starts: bool
    result: str
    reason: str = ""
    error: str = ""
    instead: str = ""  # what would win over it
    path: tuple[str, ...] = ()
    stops: tuple[Stop, ...] = ()
    did: tuple[str, ...] = ()


@dataclass
class Report:
    """All rows, the newest document first, and how many there are of each kind."""

    looked_at: int = 0
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    first: dict[str, int] = field(default_factory=dict)  # by the step where paths come to rest
    errors: dict[str, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def said(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def dry_run(
    body: Mapping[str, Any],
    *,
    last: int = 500,
    department: str | None = None,
    rights: Rights | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Report:
    """What this checked body would have done with the last documents (5,000 at most) that were read or could not be.

    Of one department (by key), and of what `rights` show, where these are given. `tell` hears after each document how
    many are looked at, of how many; what it raises ends the run.
    """
    key = str(body.get("key") or "draft")
    mine = triggers.of_body(body, key=key)
    others = {event: [one for one in triggers.active(event) if one.key != key] for event in set(OF_STATUS.values())}
    now, report, stops, errors = timezone.now(), Report(), Counter[str](), Counter[str]()
    last = min(max(last, 0), MOST)
    asked = _documents(department, rights)
    of = asked[:last].count() if tell is not None else 0
    for documents in _chunks(asked, last):
        did = _done([document.pk for document in documents])
        for document in documents:
            event = OF_STATUS[str(document.status)]
            found = [trigger for trigger in mine if trigger.said.get("on") == event]
            row = _row(body, document, event, _Rivals(found, others[event]), did.get(document.pk, ()), now)
            report.rows.append(row)
            report.totals[row.verdict] += 1
            stops.update({stop.step or stop.kind for stop in row.stops})
            errors.update([row.error] if row.error else [])
            if tell is not None:
                tell(len(report.rows), of)
    report.looked_at = len(report.rows)
    report.first, report.errors = dict(stops.most_common()), dict(errors.most_common(50))
    return report


@dataclass(frozen=True)
class _Rivals:
    """The draft's triggers on one event, and those of the others."""

    mine: list[Trigger]
    others: list[Trigger]

    @property
    def read_head(self) -> bool:
        return any(trigger.reads_head for trigger in (*self.mine, *self.others))


def _documents(department: str | None, rights: Rights | None) -> Any:
    found = Document.objects.outside_bin().filter(status__in=list(OF_STATUS), newest__isnull=False)
    if rights is not None:
        found = found.visible_to(rights)
    if department:
        found = found.filter(department__key=department)
    related = (*triggers.RELATED, "readable")
    return found.select_related(*related).order_by("-uploaded_at", "-pk")


def _chunks(found: Any, last: int) -> Iterator[list[Document]]:
    rows = iter(found[:last].iterator(chunk_size=CHUNK))
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _done(ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """By which workflows each document went: those that something started, not what these started in turn."""
    runs = Instance.objects.filter(document__in=list(ids), parent=None).order_by("started_at")
    found: dict[UUID, list[str]] = {}
    for pk, key in runs.values_list("document_id", "definition__key"):
        if pk is not None and key not in found.setdefault(pk, []):
            found[pk].append(key)
    return {pk: tuple(keys) for pk, keys in found.items()}


def _row(
    body: Mapping[str, Any], document: Document, event: str, rivals: _Rivals, did: tuple[str, ...], now: datetime
) -> Row:
    key = str(body.get("key") or "draft")
    names = triggers.names_of(document, {"name": event, "status": str(document.status)}, head=_head(body, rivals))
    considered = triggers.consider(triggers.in_order([*rivals.mine, *rivals.others]), names)
    triggers.choose(considered)
    mine = [one for one in considered if one.trigger.key == key]
    chosen = next((one for one in mine if one.starts), None)
    shown = chosen or next((one for one in mine if one.result != "no"), None)
    path, stops, error = _path(body, document, names, chosen, now) if chosen else ((), (), "")
    won = next((one.trigger.key for one in considered if one.result == "won" and one.trigger.key != key), "")
    return Row(
        document=str(document.pk),
        title=document.title,
        document_type=document.document_type,
        department=document.department.key if document.department else "",
        event=event,
        verdict=_verdict(chosen is not None, key, did),
        starts=chosen is not None,
        result=shown.result if shown else "no",
        reason=str(shown.trigger.said.get("reason") or "") if shown else "",
        error=error or next((one.error for one in mine if one.error), ""),
        instead="" if chosen else won,
        path=path,
        stops=stops,
        did=did,
    )


def _head(body: Mapping[str, Any], rivals: _Rivals) -> bool:
    """The text is fetched where a trigger or a step may look at it."""
    return rivals.read_head or "head" in str(body.get("steps"))


def _verdict(starts: bool, key: str, did: Sequence[str]) -> str:
    if starts:
        return "same" if key in did else "other" if did else "new"
    return "gone" if key in did else "none"


def _path(
    body: Mapping[str, Any], document: Document, names: Mapping[str, Any], chosen: Considered, now: datetime
) -> tuple[tuple[str, ...], tuple[Stop, ...], str]:
    """The steps in the order in which they are entered, where they come to rest, and what went wrong."""
    walk = walking.walk(body, document, names["document"], variables=chosen.variables, now=now)
    wrong = walk.wrong or next((stop.detail for stop in walk.stops if stop.kind == "incident"), "")
    return tuple(walk.path), tuple(walk.stops), wrong
