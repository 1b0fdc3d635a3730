"""Filters of the documents list: chips that are the address, nothing else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Department
from accounts.rights import Rights
from documents.models import Source, Status
from documents.models.document import IN_WORK
from documents.visibility import DocumentQuerySet
from jobs.models import Priority
from kmrl.pages import labels, wording

NAMES = ("status", "department", "document_type", "language", "source", "priority", "since", "batch", "mine")
UUIDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
DAYS = {"today": 1, "week": 7, "month": 31}


@dataclass(frozen=True)
class Choice:
    value: str
    name: str
    address: str


@dataclass(frozen=True)
class Chip:
    """One filter: what is chosen (and the address without it), or what there is to choose."""

    key: str
    name: str
    choices: list[Choice]
    chosen: str = ""
    without: str = ""


def narrow(documents: DocumentQuerySet, asked: QueryDict, rights: Rights) -> DocumentQuerySet:
    """The documents that the address asks for. Unknown values find nothing; unknown names are ignored."""
    if status := asked.get("status"):
        documents = documents.filter(status__in=IN_WORK if status == "in_work" else [status])
    if key := asked.get("department"):  # integer keys serve the indexes
        documents = documents.filter(
            department_id__in=list(Department.objects.filter(key=key).values_list("pk", flat=True))
        )
    if kind := asked.get("document_type"):
        documents = documents.filter(document_type="" if kind == "none" else kind)
    if language := asked.get("language"):
        documents = documents.filter(language=language)
    if key := asked.get("source"):
        documents = documents.filter(source_id__in=list(Source.objects.filter(key=key).values_list("pk", flat=True)))
    if priority := asked.get("priority"):
        documents = documents.filter(priority__in=[p.value for p in Priority if p.label == priority])
    if batch := asked.get("batch"):
        documents = documents.filter(batch_id=batch) if UUIDS.fullmatch(batch) else documents.none()
    if asked.get("mine"):
        documents = documents.filter(uploaded_by_id=rights.user_id)
    if days := DAYS.get(asked.get("since", "")):
        documents = documents.filter(uploaded_at__gte=timezone.now() - timedelta(days=days))
    return documents


def chips(request: HttpRequest, rights: Rights, *, counts: dict[str, dict[str, int]] | None = None) -> list[Chip]:
    """The chips for this address, in the order in which people narrow; with `counts`, only what was counted."""
    departments = Department.objects.filter(active=True)
    if not rights.sees_all:
        departments = departments.filter(pk__in=list(rights.departments))
    states = [("in_work", _("In work"))] + [
        (status.value, wording.state(status.value)) for status in Status if status != Status.QUARANTINED
    ]
    since = [("today", _("last 24 hours")), ("week", _("last 7 days")), ("month", _("last 31 days"))]
    found = [
        chip(request, "status", _("Status"), states),
        chip(request, "department", _("Department"), [(d.key, labels.department(d)) for d in departments]),
        chip(request, "document_type", _("Type"), [*labels.TYPES.items(), ("none", _("Not said"))]),
        chip(request, "language", _("Language"), labels.LANGUAGES.items()),
        chip(request, "source", _("Source"), [(s.key, s.name) for s in Source.objects.filter(active=True)]),
        chip(request, "priority", _("Priority"), [(p.label, labels.priority(p.label)) for p in Priority]),
        chip(request, "since", _("Received"), since),
        chip(request, "mine", _("Uploaded by"), [("1", _("me"))]),
    ]
    if batch := request.GET.get("batch"):
        found.append(chip(request, "batch", _("Sent"), [(batch, _("together, in one batch"))]))
    if counts is not None:
        found = [_counted(chip, counts[chip.key]) for chip in found if chip.key in counts]
    return [chip for chip in found if chip.chosen or len(chip.choices) > 1 or chip.key == "mine"]


def is_narrowed(asked: QueryDict) -> bool:
    return bool(canonical(asked))


def canonical(asked: QueryDict) -> str:
    """The filters alone, in one order: equal for addresses that ask for the same."""
    return urlencode([(name, asked[name]) for name in NAMES if asked.get(name)])


def address(request: HttpRequest, *, path: str | None = None, **changed: str | None) -> str:
    """This address with some parameters set, or removed by None."""
    asked = request.GET.copy()
    for name in ("after", "ids", "from"):
        asked.pop(name, None)
    for name, said in changed.items():
        asked.pop(name, None)
        if said is not None:
            asked[name] = said
    return f"{path or request.path}?{asked.urlencode()}" if asked else path or request.path


def address_of(path: str, said: dict[str, str]) -> str:
    """`path` with these parameters."""
    return f"{path}?{urlencode(said)}"


def chip(request: HttpRequest, key: str, name: str, choices: Iterable[tuple[str, object]]) -> Chip:
    """One filter of this address: what is chosen, or what there is to choose."""
    named = [(value, str(label)) for value, label in choices]
    offered = [Choice(value, label, address(request, **{key: value})) for value, label in named]
    value = request.GET.get(key)
    if not value:
        return Chip(key, name, offered)
    return Chip(key, name, offered, dict(named).get(value, value), address(request, **{key: None}))


def _counted(chip: Chip, counts: dict[str, int]) -> Chip:
    """With numbers beside the names, and without what there is none of."""
    found = [replace(one, name=f"{one.name} ({counts[one.value]})") for one in chip.choices if counts.get(one.value)]
    return replace(chip, choices=found)
