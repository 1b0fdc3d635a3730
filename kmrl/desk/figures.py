"""Figures of workflows: how runs end and how long they take, where time goes, who has how much to decide.

Auditors and administrators see the house's, heads those of their departments: `workflows.analytics.scope` says whose.
"""

import csv
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Department
from accounts.refusals import NotFound
from kmrl.desk import door
from kmrl.pages import drawn, flow_words, labels
from kmrl.queue.words import duration
from workflows import analytics, bodies, clock
from workflows.admin.desk import malayalam, page, rights
from workflows.analytics import scope
from workflows.analytics.figures import Bottleneck, RunFigures, StepFigures, Trend, Work
from workflows.definitions import shown
from workflows.drawing import HEATS, style
from workflows.drawing import StepFigures as Passed
from workflows.models import Definition, DefinitionVersion

SPANS = {
    7: gettext_lazy("7 days"),
    30: gettext_lazy("30 days"),
    90: gettext_lazy("90 days"),
    365: gettext_lazy("a year"),
}
USUAL = 30
HEAT_WORDS = {
    "waiting": gettext_lazy("waiting time"),
    "working": gettext_lazy("working time"),
    "count": gettext_lazy("how often"),
    "breached": gettext_lazy("missed deadlines"),
}


@dataclass(frozen=True)
class Figure:
    name: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    key: str
    version: int | None
    days: int
    heat: str

    @property
    def since(self) -> Any:
        return clock.now() - timedelta(days=self.days)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Of all workflows, or of one (`?definition=`, `?version=`), over `?days=`."""
    door.ask_for_figures(request)
    asked, held = _asked(request), rights(request)
    if asked.key and not Definition.objects.filter(key=asked.key).exists():
        raise Http404
    overview = analytics.overview(held, since=asked.since)
    context: dict[str, Any] = {
        "asked": asked,
        "spans": list(SPANS.items()),
        "definitions": _choices(request, {one.definition for one in overview.definitions}),
        "whose": _whose(request),
        "keeps_record": door.keeps_record(request),
        "as_of": overview.as_of,
        "query": _query(request),
        "flow_css": style.PAGES,
    }
    by = "day" if asked.days <= 90 else "week"
    trend = analytics.trend(held, key=asked.key or None, by=by, since=asked.since)
    workload = analytics.workload(held, since=asked.since)
    places = {one.key: labels.department(one) for one in Department.objects.all()}
    context |= {
        "trend": _drawn(trend),
        "people": [_work(one, one.name) for one in workload.people],
        "departments": [_work(one, places.get(one.key, one.name)) for one in workload.departments],
        "most": max([one.open for one in (*workload.people, *workload.departments)], default=0) or 1,
    }
    context |= _of_one(request, asked) if asked.key else _of_all(overview.total, overview.definitions)
    return page(request, "admin/workflows/figures.html", _("Figures of workflows"), context)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The same as CSV: a line for each workflow, or for each step of one. Times in seconds, shares from 0 to 1."""
    door.ask_for_figures(request)
    asked, held = _asked(request), rights(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    name = "-".join(part for part in ("figures", asked.key, f"{asked.days}-days") if part)
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.write("\ufeff")  # spreadsheets take it for UTF-8 then
    write = csv.writer(answer)
    if not asked.key:
        write.writerow(("workflow", "title", *RUN_COLUMNS, "p50_seconds", "p95_seconds"))
        for run in analytics.overview(held, since=asked.since).definitions:
            values = [getattr(run, column) for column in RUN_COLUMNS]
            write.writerow((run.definition, _plain(run.title), *values, run.duration.p50, run.duration.p95))
        return answer
    times = ("waiting_p50", "waiting_p95", "working_p50", "working_p95")
    write.writerow(("step", "kind", "title", *STEP_COLUMNS, *times))
    try:
        found = analytics.steps_of(held, key=asked.key, version=asked.version, since=asked.since)
    except NotFound as refusal:
        raise Http404 from refusal
    for step in found.steps:
        values = [getattr(step, column) for column in STEP_COLUMNS]
        spreads = (step.waiting.p50, step.waiting.p95, step.working.p50, step.working.p95)
        write.writerow((step.step, step.kind, _plain(step.title), *values, *spreads))
    return answer


RUN_COLUMNS = (
    "started", "finished", "cancelled", "alive", "succeeded", "breached", "incidents", "success_rate", "breach_rate",
    "rework", "throughput",
)  # fmt: skip
STEP_COLUMNS = ("volume", "left", "open", "breached", "failed", "reworked", "spent", "machine", "share")


def _plain(text: str) -> str:
    """A title that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _asked(request: HttpRequest) -> Asked:
    said = request.GET
    days, version = said.get("days", ""), said.get("version", "")
    heat = said.get("heat", "")
    return Asked(
        key=said.get("definition", ""),
        version=int(version) if version.isdecimal() and said.get("definition") else None,
        days=int(days) if days.isdecimal() and int(days) in SPANS else USUAL,
        heat=heat if heat in HEATS else "waiting",
    )


def _whose(request: HttpRequest) -> list[str]:
    """The departments whose runs are counted; none: those of the house."""
    ids = scope.of(rights(request)).departments
    return [] if ids is None else [labels.department(one) for one in Department.objects.filter(pk__in=ids)]


def _choices(request: HttpRequest, ran: set[str | None]) -> list[tuple[str, str]]:
    """The definitions that may be chosen: those that this person knows of, and what ran in these departments."""
    seen = shown.visible_to(rights(request)).values("pk")
    found = Definition.objects.filter(Q(pk__in=seen) | Q(key__in=[key for key in ran if key])).order_by("title")
    return [(one.key, flow_words.titled(one)) for one in found]


def _query(request: HttpRequest) -> str:
    return request.GET.urlencode()


def _of_all(total: RunFigures, definitions: list[RunFigures]) -> dict[str, Any]:
    titles = {one.key: flow_words.titled(one) for one in Definition.objects.all()}
    lines = [
        (
            one,
            titles.get(one.definition or "", one.title),
            _percent(one.success_rate),
            _percent(one.breach_rate),
            duration(one.duration.p50),
        )
        for one in definitions
    ]
    return {"figures": _figures(total), "lines": lines}


def _of_one(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    held = rights(request)
    try:
        of = analytics.of_definition(held, key=asked.key, version=asked.version, since=asked.since)
        steps = analytics.steps_of(held, key=asked.key, version=asked.version, since=asked.since).steps
        slow = analytics.bottlenecks(held, key=asked.key, version=asked.version, since=asked.since)
    except NotFound as refusal:
        raise Http404 from refusal
    definition = Definition.objects.select_related("published").get(key=asked.key)
    version = _shown_version(definition, asked.version)
    passed = {one.step: _of_step(one) for one in steps}
    return {
        "definition": definition,
        "called": flow_words.titled(definition),
        "figures": _figures(of.total),
        "outcomes": [
            (flow_words.outcome(key), n, _percent(n / of.total.finished)) for key, n in of.total.outcomes.items()
        ]
        if of.total.finished
        else [],
        "numbers": [one.version for one in of.versions],
        "versions": [
            (one, _percent(one.success_rate), _percent(one.breach_rate), duration(one.duration.p50))
            for one in of.versions
        ],
        "steps": [_step(one) for one in steps],
        "bottlenecks": [_slow(one) for one in slow],
        "drawn": drawn.of(bodies.of(version.pk).data, figures=passed, heat=asked.heat) if version else None,
        "heats": [(name, HEAT_WORDS[name]) for name in HEATS],
        "shown": version,
    }


def _shown_version(definition: Definition, number: int | None) -> DefinitionVersion | None:
    if number is not None:
        return definition.versions.filter(number=number).first()
    return definition.published or definition.versions.order_by("-number").first()


def _of_step(one: StepFigures) -> Passed:
    return Passed(
        count=one.volume,
        open=one.open,
        waiting=one.waiting.p50 or 0.0,
        working=one.working.p50 or 0.0,
        breached=one.breached,
    )


def _figures(of: RunFigures) -> list[Figure]:
    most, late = duration(of.duration.p95), _("%(n)d runs") % {"n": of.breached}
    missed = Figure(_("missed deadlines"), _percent(of.breach_rate), late, "failed" if of.breached else "")
    at_incident = _("%(n)d at an incident") % {"n": of.open_incidents}
    return [
        Figure(_("started"), f"{of.started:,}"),
        Figure(_("ended"), f"{of.ended:,}", _("%(n).1f finished a day") % {"n": of.throughput}),
        Figure(_("success"), _percent(of.success_rate), _("finished without an incident")),
        missed,
        Figure(_("half took at most"), duration(of.duration.p50), _("95 %%: %(time)s") % {"time": most}),
        Figure(_("done over"), _percent(of.rework), _("of all steps")),
        Figure(_("alive now"), f"{of.alive:,}", at_incident, "failed" if of.open_incidents else ""),
    ]


def _step(one: StepFigures) -> dict[str, Any]:
    return {
        "of": one,
        "title": (one.title_ml if malayalam() else "") or one.title,
        "kind": flow_words.kind(one.kind),
        "waiting": duration(one.waiting.p50),
        "waiting_most": duration(one.waiting.p95),
        "working": duration(one.working.p50),
        "working_most": duration(one.working.p95),
        "late": _percent(one.breach_rate),
        "share": _percent(one.share),
        "width": round(100 * (one.share or 0)),
        "machine": duration(one.machine) if one.machine else "–",
    }


def _slow(one: Bottleneck) -> dict[str, Any]:
    return {
        "rank": one.rank,
        "why": one.why,
        "title": (one.figures.title_ml if malayalam() else "") or one.figures.title,
    }


def _work(one: Work, name: str) -> dict[str, Any]:
    return {"of": one, "name": name, "median": duration(one.median)}


def _drawn(trend: Trend) -> dict[str, Any]:
    """The points for the charts, and the rows of the table behind them."""
    form = "j M"
    labels = [date_format(localtime(point.start), form) for point in trend.points]
    busy = [point for point in reversed(trend.points) if point.started or point.finished or point.cancelled]
    rows = [
        (date_format(localtime(one.start), form), one.started, one.finished, one.cancelled, one.breached,
         duration(one.duration.p50), duration(one.duration.p95))
        for one in busy
    ]  # fmt: skip
    total = sum(point.finished for point in trend.points)
    return {
        "points": json.loads(json.dumps({
            "labels": labels,
            "started": [point.started for point in trend.points],
            "finished": [point.finished for point in trend.points],
            "breached": [point.breached for point in trend.points],
            "half": [point.duration.p50 for point in trend.points],
            "most": [point.duration.p95 for point in trend.points],
        }, default=float)),
        "rows": rows,
        "said": _("%(started)d started, %(finished)d finished, %(late)d of them late") % {
            "started": sum(point.started for point in trend.points),
            "finished": total,
            "late": sum(point.breached for point in trend.points),
        },
    }  # fmt: skip


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"
