"""Filters of the documents list: chips that are the address, nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Department
from accounts.rights import Rights
from documents.models import DocumentType, Language, Source, Status
from documents.models.document import IN_WORK
from documents.visibility import DocumentQuerySet
from jobs.models import Priority
from kmrl.pages import wording

DAYS = {"today": 1, "week": 7, "month": 31}


@dataclass(frozen=True)
class Choice:
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
    if department := asked.get("department"):
        documents = documents.filter(department__key=department)
    if kind := asked.get("document_type"):
        documents = documents.filter(document_type="" if kind == "none" else kind)
    if language := asked.get("language"):
        documents = documents.filter(language=language)
    if source := asked.get("source"):
        documents = documents.filter(source__key=source)
    if priority := asked.get("priority"):
        documents = documents.filter(priority__in=[p.value for p in Priority if p.label == priority])
    if asked.get("mine"):
        documents = documents.filter(uploaded_by_id=rights.user_id)
    if days := DAYS.get(asked.get("since", "")):
        documents = documents.filter(uploaded_at__gte=timezone.now() - timedelta(days=days))
    if words := asked.get("q", "").strip():
        for word in words.split()[:8]:
            documents = documents.filter(title__icontains=word)
    return documents


def chips(request: HttpRequest, rights: Rights) -> list[Chip]:
    """The chips for this address, in the order in which people narrow."""
    departments = Department.objects.filter(active=True)
    if not rights.sees_all:
        departments = departments.filter(pk__in=list(rights.departments))
    states = [("in_work", _("In work"))] + [
        (status.value, wording.state(status.value)) for status in Status if status != Status.QUARANTINED
    ]
    since = [("today", _("last 24 hours")), ("week", _("last 7 days")), ("month", _("last 31 days"))]
    found = [
        _chip(request, "status", _("Status"), states),
        _chip(request, "department", _("Department"), [(d.key, d.name) for d in departments]),
        _chip(request, "document_type", _("Type"), DocumentType.choices + [("none", _("Not said"))]),
        _chip(request, "language", _("Language"), Language.choices),
        _chip(request, "source", _("Source"), [(s.key, s.name) for s in Source.objects.filter(active=True)]),
        _chip(request, "priority", _("Priority"), [(p.label, p.label) for p in Priority]),
        _chip(request, "since", _("Received"), since),
        _chip(request, "mine", _("Uploaded by"), [("1", _("me"))]),
    ]
    if words := request.GET.get("q", ""):
        found.insert(0, _chip(request, "q", _("Title has"), [(words, words)]))
    return [chip for chip in found if chip.chosen or len(chip.choices) > 1 or chip.key == "mine"]


def is_narrowed(asked: QueryDict) -> bool:
    names = ("status", "department", "document_type", "language", "source", "priority", "since", "mine", "q")
    return any(asked.get(name) for name in names)


def address(request: HttpRequest, *, path: str | None = None, **changed: str | None) -> str:
    """This address with some parameters set, or removed by None."""
    asked = request.GET.copy()
    for name in ("after", "ids"):
        asked.pop(name, None)
    for name, said in changed.items():
        asked.pop(name, None)
        if said is not None:
            asked[name] = said
    return f"{path or request.path}?{asked.urlencode()}" if asked else path or request.path


def _chip(request: HttpRequest, key: str, name: str, choices: Iterable[tuple[str, object]]) -> Chip:
    named = [(value, str(label)) for value, label in choices]
    offered = [Choice(label, address(request, **{key: value})) for value, label in named]
    value = request.GET.get(key)
    if not value:
        return Chip(key, name, offered)
    return Chip(key, name, offered, dict(named).get(value, value), address(request, **{key: None}))
