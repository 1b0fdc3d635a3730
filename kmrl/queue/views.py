"""The pages of the queue in the administration: the dashboard, the list of jobs, one job. Administrators' alone.

`?live=` answers only the parts that change, for the page that listens (static/admin_queue.js).
"""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.admin.desk import actor, runs_house
from accounts.rights import rights_of
from jobs import kinds
from jobs.models import JobState, Priority, QueueName
from kmrl.queue import board, charts, finding, story, words

DAYS = (1, 7, 30, 90)


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """How the queue stands: `?live=board` and `?live=charts` answer those parts alone."""
    ask(request)
    live, span = request.GET.get("live"), request.GET.get("span", "hour")
    if live == "charts":
        return render(request, "admin/queue/charts.html", {"series": charts.series(span)})
    if live:
        return render(request, "admin/queue/board.html", {"board": board.now()})
    context = {"board": board.now(), "series": charts.series(span), "choices": choices(), "days": DAYS}
    return page(request, "admin/queue/dashboard.html", _("Queue"), context)


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Search over jobs: newest first, a keyset page at a time."""
    ask(request)
    found = finding.find(request.GET, rights_of(actor(request)))
    asked = request.GET.copy()
    for name in ("before", "live"):
        asked.pop(name, None)
    further = asked.copy()
    further["before"] = found.before
    context = {
        "found": found,
        "asked": {name: request.GET.get(name, "") for name in finding.FILTERS},
        "narrowed": any(asked.get(name) for name in finding.FILTERS),
        "further": f"?{further.urlencode()}" if found.before else "",
        "begun_later": "before" in request.GET,
        "here": request.get_full_path(),
        "choices": choices(),
    }
    return page(request, "admin/queue/jobs.html", _("Jobs"), context)


@require_safe
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about one job."""
    ask(request)
    told = story.of(pk)
    if told is None:
        raise Http404
    if request.GET.get("live"):
        return render(request, "admin/queue/story.html", {"story": told})
    title = told.row.about or told.row.kind
    return page(request, "admin/queue/job.html", title, {"story": told})


def choices() -> dict[str, list[tuple[str, str]]]:
    """What filters and forms offer."""
    return {
        "state": [(state.value, words.state(state.value)) for state in JobState],
        "queue": [(name.value, words.queue(name.value)) for name in QueueName],
        "kind": [(name, words.kind(name)) for name in kinds.names()],
        "priority": [(priority.label, words.priority(priority.label)) for priority in Priority],
        "code": [(code, words.cause(code)) for code in words.CAUSES],
    }


def page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    """A page in the administration's frame."""
    frame = {"title": title, "subtitle": None, "is_fullwidth": "1", "queue_address": reverse("queue:dashboard")}
    return render(request, template, {**admin.site.each_context(request), **frame, **context})


def ask(request: HttpRequest) -> None:
    """Raises PermissionDenied to who does not run the house."""
    if not runs_house(request):
        raise PermissionDenied
