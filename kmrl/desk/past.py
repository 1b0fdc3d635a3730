"""Trying a definition on documents that came before: in the request up to 500, by a worker beyond.

What workers found is kept for a week, and listed here.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.admin.desk import actor
from accounts.models import Department
from accounts.refusals import Refusal
from jobs.models import Job
from kmrl.desk import door
from kmrl.desk.writing import head_of, named
from kmrl.pages import flow_words, labels, reasons
from workflows import past, trying
from workflows.admin.desk import page, rights
from workflows.definitions import checking, steps
from workflows.models import Definition, Trial

EARLIER = 10
NUMBERS = (100, 500, 2_000, past.MOST)
VERDICTS = {
    "same": (gettext_lazy("as it went"), gettext_lazy("It would start, and it did.")),
    "other": (gettext_lazy("another way"), gettext_lazy("It would start; another workflow ran.")),
    "new": (gettext_lazy("new"), gettext_lazy("It would start; nothing ran.")),
    "gone": (gettext_lazy("no more"), gettext_lazy("It would not start, but it did.")),
    "none": (gettext_lazy("not at all"), gettext_lazy("It would not start, and it did not.")),
}
STOPS = {
    "human": gettext_lazy("waits for people"),
    "acknowledge": gettext_lazy("waits for people"),
    "timer": gettext_lazy("waits for the clock"),
    "incident": gettext_lazy("stops at an incident"),
    "end": gettext_lazy("comes to its end"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, key: str) -> HttpResponse:
    """What is asked for; with `last`, what the draft (or the published version) would have done."""
    door.ask_to_change(request)
    definition = named(key)
    asked = request.POST if request.method == "POST" else request.GET
    last = int(asked["last"]) if asked.get("last", "").isdecimal() else 0
    source = _source(definition, asked.get("text", "draft"))
    context: dict[str, Any] = {"asked": asked, "last": last, "text": asked.get("text", "draft")}
    if not last:
        return _page(request, definition, context)
    body = checking.check(source).body
    if body is None:
        messages.error(request, _("This text has errors: mend them first, then try it."))
        return _page(request, definition, context)
    if last > trying.AT_ONCE:
        if request.method != "POST":
            return _page(request, definition, context)
        department = asked.get("department") or None
        trial = trying.begin(key=key, source=source, last=last, department=department, by=actor(request))
        return redirect("desk:tried", key=key, pk=trial.pk)
    report = past.dry_run(body, last=last, department=asked.get("department") or None, rights=rights(request))
    return _page(request, definition, context | _told(trying.shown(report), body))


@require_safe
def tried(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """How far the worker is, then what it found. `?live=` answers that part alone."""
    door.ask_to_change(request)
    definition = named(key)
    trial = _trial(request, definition, pk)
    job = Job.objects.filter(pk=pk).first()
    context: dict[str, Any] = {"asked": {"department": trial.department}, "last": trial.last, "text": "draft"}
    context |= {"trial": trial, "job": job, "at_work": not trial.state and job is not None}
    if found := trying.as_seen(trial, rights(request)):
        text = job.payload["source"] if job is not None else definition.draft
        context |= _told(found, checking.check(text).body or {})
    if request.GET.get("live"):
        return render(request, "admin/workflows/tried.html", context | head_of(definition, "past"))
    return _page(request, definition, context)


@require_POST
def cancel(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """The worker stops."""
    door.ask_to_change(request)
    trial = _trial(request, named(key), pk)
    try:
        trying.cancel(pk=trial.pk, by=actor(request), rights=rights(request))
    except Refusal as refusal:
        messages.warning(request, reasons.in_words(refusal.detail))
    return redirect("desk:tried", key=key, pk=pk)


def _trial(request: HttpRequest, definition: Definition, pk: UUID) -> Trial:
    """The try of that definition. Raises Http404."""
    try:
        found = trying.one(pk, rights(request))
    except Refusal as refusal:
        raise Http404 from refusal
    if found.definition != definition.key:
        raise Http404
    return found


def _page(request: HttpRequest, definition: Definition, context: dict[str, Any]) -> HttpResponse:
    departments = [(one.key, labels.department(one)) for one in Department.objects.filter(active=True)]
    shown = {
        **head_of(definition, "past"),
        "numbers": NUMBERS,
        "departments": departments,
        "at_once": trying.AT_ONCE,
        "earlier": Trial.objects.filter(definition=definition.key).select_related("by").order_by("-asked_at")[:EARLIER],
        **context,
    }
    return page(request, "admin/workflows/past.html", flow_words.titled(definition), shown)


def _told(report: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The report with the words of steps and verdicts."""
    known = steps.by_id(body)
    rows = [
        {
            **row,
            "way": [flow_words.step_title(known.get(step), step) for step in row["path"]],
            "rests": [_rest(stop, known) for stop in row["stops"]],
            "word": VERDICTS[row["verdict"]][0],
        }
        for row in report["rows"]
    ]
    return {
        "report": report,
        "rows": rows,
        "totals": [(name, *VERDICTS[name], report["totals"][name]) for name in past.VERDICTS],
        "first": [(flow_words.step_title(known.get(step), step), n) for step, n in report["first"].items()],
        "errors": list(report["errors"].items()),
    }


def _rest(stop: dict[str, Any], known: dict[str, Any]) -> str:
    where = flow_words.step_title(known.get(stop["step"]), stop["step"]) if stop.get("step") else ""
    what = str(STOPS.get(stop["kind"], stop["kind"]))
    return ": ".join(part for part in (where, what) if part)


def _source(definition: Definition, text: str) -> str:
    if text == "published" and definition.published is not None:
        return definition.published.source
    return definition.draft or (definition.published.source if definition.published else "")
