"""Runs of workflows: the list, one run with its graph, and what those who look after it do to it."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import keyset
from accounts.refusals import NotFound, Refusal
from accounts.rest.pagination import counted
from accounts.rights import Rights
from documents.models import Document
from kmrl.pages import answering, awaited, drawn, filters, flow_words, frame, others, run_history, ways
from kmrl.pages.condition_names import Names
from kmrl.pages.filters import Chip
from workflows import awaiting, bodies, by_hand, control, dependencies, drawing
from workflows.drawing.style import PAGES
from workflows.models import ALIVE, Definition, Instance, InstanceStatus

ROWS = 50
ORDER = ["-started_at", "-id"]
DRAWN = {"waiting": "waiting", "inside": "active", "handling": "active", "incident": "incident"}


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The runs that this person may see, newest first."""
    mine = frame.rights(request)
    found = _narrowed(request, mine)
    shown, after = _page(found, request.GET.get("after", ""))
    more = filters.address(request, after=after) if after else ""
    context: dict[str, Any] = {"rows": _rows(shown, mine), "more": more}
    if request.headers.get("X-Rows"):  # "Load more" asks for the rows alone
        answer = render(request, "workflows/rows.html", context)
        answer["X-More"] = more
        answer["Vary"] = "X-Rows"
        return answer
    context |= {
        "filters": _chips(request),
        "filtered": any(request.GET.get(name) for name in ("workflow", "status", "late", "mine")),
        "tally": _tally(found),
        "startable": by_hand.startable(None) if by_hand.may_start(None, mine) else [],
    }
    return frame.show(request, "workflows/list.html", context)


@login_required
@require_safe
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run: where it stands, its steps, what went wrong, and its history."""
    mine = frame.rights(request)
    instance = ways.ready(Instance.objects.visible_to(mine)).filter(pk=pk).first()
    if instance is None:
        raise Http404
    (way,) = ways.of_runs([instance], mine, every=True)
    document = None
    if instance.document_id:
        document = Document.objects.visible_to(mine).filter(pk=instance.document_id).first()
    related = Instance.objects.visible_to(mine).select_related("definition")
    names = Names.of(bodies.of(instance.version_id).data)
    controls = control.may_control(instance, mine) and instance.is_alive
    context = {
        "way": way,
        "instance": instance,
        "document": document,
        "drawn": _graph(instance, way),
        "incidents": [stop for stop in way.stops if stop.incident is not None],
        "controls": controls,
        "found": others.find(instance, request.GET.get("find", ""), mine) if controls else None,
        "finding": "find" in request.GET,
        "paused": instance.status == InstanceStatus.PAUSED,
        "awaited": awaited.lines(instance, mine),
        "waits": instance.is_alive and not dependencies.met(instance),
        "waited_by": awaiting.by_others(instance, mine),
        "history": run_history.of(instance),
        "parent": related.filter(pk=instance.parent_id).first() if instance.parent_id else None,
        "children": list(related.filter(parent=instance).order_by("started_at")[:20]),
        "variables": [
            (names.variable(name), flow_words.value(held))
            for name, held in sorted((instance.state.get("vars") or {}).items())
        ],
    }
    return frame.show(request, "workflows/one.html", context)


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """How the graphs look; the same for everybody, and not before the next release."""
    tag = f'"{hashlib.sha256(PAGES.encode()).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    answer = HttpResponse(PAGES, content_type="text/css; charset=utf-8")
    answer["ETag"], answer["Cache-Control"] = tag, "max-age=3600"
    return answer


# --- deeds


def _door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Signed in, by POST; refusals are sentences above the page, what one may not see is 404."""

    @login_required
    @require_POST
    @wraps(view)
    def answered(request: HttpRequest, **given: Any) -> HttpResponse:
        try:
            return view(request, **given)
        except NotFound as refusal:
            raise Http404 from refusal
        except Refusal as refusal:
            return answering.refused(request, refusal, to=_back(request, given.get("pk")))

    return answered


@_door
def act(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Pauses, resumes, cancels; tries again or skips what stands at an incident; has it wait for others, or not."""
    given: dict[str, Any] = {
        "instance_id": pk,
        "by": frame.person(request),
        "rights": frame.rights(request),
        "why": request.POST.get("why", ""),
    }
    token = request.POST.get("token", "")
    if token.isascii() and token.isdecimal() and len(token) < 10:
        given["token"] = int(token)
    deed = request.POST.get("do", "")
    if deed not in DEEDS:
        raise Http404
    if deed == "wait":
        given["kind"], given["other"] = awaited.meant(request.POST.get("other", ""), given["rights"])
    if deed == "stop-waiting":
        given["dependency"] = given.get("token", 0)
    if deed not in ("retry", "skip"):
        given.pop("token", None)
    DEEDS[deed](**given)
    return answering.done(request, _said(deed), to=reverse("workflow", args=[pk]))


@_door
def start(request: HttpRequest) -> HttpResponse:
    """A workflow by hand, on a document or on none."""
    try:
        document = UUID(request.POST["document"]) if request.POST.get("document") else None
    except ValueError as error:
        raise Http404 from error
    run = by_hand.start(
        key=request.POST.get("workflow", ""),
        document_id=document,
        by=frame.person(request),
        rights=frame.rights(request),
        note=request.POST.get("note", "").strip()[:500],
    )
    to = reverse("document", args=[document]) if document else reverse("workflow", args=[run.pk])
    said = _("“{workflow}” has begun.").format(workflow=flow_words.titled(run.definition))
    return answering.done(request, said, to=to)


DEEDS: dict[str, Callable[..., Instance]] = {
    "pause": control.pause,
    "resume": control.resume,
    "cancel": control.cancel,
    "retry": control.retry,
    "skip": control.skip,
    "wait": control.wait_for,
    "stop-waiting": control.stop_waiting,
}


def _said(deed: str) -> str:
    said = {
        "pause": _("It is paused: nothing moves until somebody resumes it."),
        "resume": _("It goes on."),
        "cancel": _("It is cancelled. Its tasks are closed."),
        "retry": _("It is tried again."),
        "skip": _("It goes on without that step."),
        "wait": _("It waits for that: no new step begins before."),
        "stop-waiting": _("It does not wait for that any more."),
    }
    return said[deed]


def _back(request: HttpRequest, pk: UUID | None) -> str:
    """The page from which the deed came."""
    if pk is not None:
        return reverse("workflow", args=[pk])
    try:
        return reverse("document", args=[UUID(request.POST.get("document", ""))])
    except ValueError:
        return reverse("workflows")


# --- the list


def _narrowed(request: HttpRequest, mine: Rights) -> QuerySet[Any]:
    asked = request.GET
    found = Instance.objects.listed_for(mine)
    if key := asked.get("workflow"):  # integer keys serve the indexes
        found = found.filter(definition_id__in=list(Definition.objects.filter(key=key).values_list("pk", flat=True)))
    if status := asked.get("status"):
        found = found.filter(status__in=ALIVE if status == "alive" else [status])
    if asked.get("late"):
        found = found.filter(breached=True)
    if asked.get("mine"):
        found = found.filter(started_by_id=mine.user_id)
    return found


def _chips(request: HttpRequest) -> list[Chip]:
    ways_there = [(one.key, flow_words.titled(one)) for one in Definition.objects.order_by("title", "key")]
    states = [("alive", _("In work")), *((key.value, str(name)) for key, name in flow_words.STATUSES.items())]
    found = [
        filters.chip(request, "workflow", _("Workflow"), ways_there),
        filters.chip(request, "status", _("Status"), states),
        filters.chip(request, "late", _("Deadline"), [("1", _("missed"))]),
        filters.chip(request, "mine", _("Started by"), [("1", _("me"))]),
    ]
    return [one for one in found if one.chosen or one.choices]


def _rows(instances: list[Instance], mine: Rights) -> list[dict[str, Any]]:
    """What a row shows; documents that these rights do not show stay unnamed."""
    ids = [one.document_id for one in instances if one.document_id]
    shown = {one.pk: one for one in Document.objects.visible_to(mine).filter(pk__in=ids).only("pk", "title")}
    return [
        {
            "instance": one,
            "workflow": flow_words.titled(one.definition),
            "document": shown.get(one.document_id) if one.document_id else None,
            "status": flow_words.status(one),
            "tone": flow_words.TONES[InstanceStatus(one.status)],
            "icon": flow_words.ICONS[InstanceStatus(one.status)],
            "outcome": flow_words.outcome(one.outcome) if one.outcome else "",
            "where": ways.where(one) if one.is_alive else "",
            "reason": flow_words.reason(one),
            "due": ways.due_of(one),
        }
        for one in instances
    ]


def _page(found: QuerySet[Any], after: str) -> tuple[list[Instance], str]:
    columns = keyset.columns_of(found, ORDER)
    ordered = ways.ready(found).order_by(*(each.ordering for each in columns))
    if after:
        try:
            ordered = ordered.filter(keyset.beyond(columns, keyset.read(columns, after)))
        except Refusal as refusal:
            raise Http404 from refusal
    rows = list(ordered[: ROWS + 1])
    shown = rows[:ROWS]
    if len(rows) == len(shown):
        return shown, ""
    place = keyset.Place([each.value_in(shown[-1]) for each in columns], backward=False)
    return shown, keyset.write(columns, place)


def _tally(found: Any) -> str:
    number, estimated = counted(found)
    if estimated:
        return _("about {:,} runs").format(number)
    return ngettext("{:,} run", "{:,} runs", number).format(number)


# --- the graph


def _graph(instance: Instance, way: ways.Way) -> drawn.Drawn:
    """The steps with where it stands: who has it, and since when."""
    standing = {stop.token: stop for stop in way.stops}
    tokens: list[drawing.Token] = []
    for number, token in sorted((instance.state.get("tokens") or {}).items(), key=lambda one: int(one[0])):
        stop = standing.get(int(number))
        state = "paused" if instance.status == InstanceStatus.PAUSED else DRAWN.get(token.get("state", ""), "active")
        said: drawing.Token = {"step": token["step"], "state": state}
        if stop is not None and token.get("state") != "inside":
            said["since"] = ways.since(stop.entered_at)
            if stop.task is not None and stop.task.assignee is not None:
                said["who"] = flow_words.person(stop.task.assignee)
        tokens.append(said)
    alive = {token["step"] for token in tokens}
    passed = {stop.key for stop in way.stops if stop.left_at is not None and stop.outcome_given} - alive
    tokens += [{"step": key, "state": "done"} for key in sorted(passed)]
    return drawn.of(bodies.of(instance.version_id).data, tokens=tokens)
