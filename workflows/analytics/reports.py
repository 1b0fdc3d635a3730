"""All figures of one question together: for the API, and as a table for a spreadsheet."""

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.rights import Rights
from workflows.analytics.bottlenecks import of_steps
from workflows.analytics.figures import Bottleneck, Point, RunFigures, Spread, StepFigures, Work
from workflows.analytics.runs import of_definition, overview
from workflows.analytics.steps import steps_of
from workflows.analytics.trends import trend
from workflows.analytics.workloads import workload


@dataclass
class Report:
    """Of the house: `definitions`, `people`, `departments`. Of one definition: `versions`, `steps`, `bottlenecks`."""

    as_of: datetime
    since: datetime
    until: datetime
    by: str
    total: RunFigures
    definitions: list[RunFigures] = field(default_factory=list)
    versions: list[RunFigures] = field(default_factory=list)
    steps: list[StepFigures] = field(default_factory=list)
    bottlenecks: list[Bottleneck] = field(default_factory=list)
    trend: list[Point] = field(default_factory=list)
    people: list[Work] = field(default_factory=list)
    departments: list[Work] = field(default_factory=list)


def report(
    rights: Rights,
    *,
    key: str | None = None,
    version: int | None = None,
    step: str | None = None,
    by: str = "day",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Report:
    """Of the house, or of one definition, version, step. Raises NotAllowed, NotFound, BadPeriod, BadGrain."""
    period = {"since": since, "until": until}
    points = trend(rights, key=key, by=by, **period).points
    if key is None:
        whole, work = overview(rights, **period), workload(rights, **period)
        return Report(
            whole.as_of,
            whole.since,
            whole.until,
            by,
            whole.total,
            definitions=whole.definitions,
            trend=points,
            people=work.people,
            departments=work.departments,
        )
    one = of_definition(rights, key=key, version=version, **period)
    steps = steps_of(rights, key=key, version=version, **period).steps
    return Report(
        one.as_of,
        one.since,
        one.until,
        by,
        one.total,
        versions=one.versions,
        steps=[figures for figures in steps if step in (None, figures.step)],
        bottlenecks=of_steps(steps),
        trend=points,
    )


def as_json(of: Report) -> dict[str, Any]:
    """Times in seconds, rates from 0 to 1."""
    return {
        "as_of": of.as_of,
        "since": of.since,
        "until": of.until,
        "by": of.by,
        "total": _run(of.total),
        "definitions": [_run(one) for one in of.definitions],
        "versions": [_run(one) for one in of.versions],
        "steps": [_step(one) for one in of.steps],
        "bottlenecks": [
            {"rank": one.rank, "step": one.figures.step, "share": one.figures.share, "why": one.why}
            for one in of.bottlenecks
        ],
        "trend": [
            {
                "start": one.start,
                "started": one.started,
                "finished": one.finished,
                "cancelled": one.cancelled,
                "breached": one.breached,
                "duration": _spread(one.duration),
            }
            for one in of.trend
        ],
        "people": [_work(one) for one in of.people],
        "departments": [_work(one) for one in of.departments],
    }


RUN_COLUMNS = (
    "started", "finished", "cancelled", "alive", "succeeded", "failed", "success_rate", "failure_rate", "breached",
    "breach_rate", "incidents", "open_incidents", "rework", "throughput",
)  # fmt: skip
STEP_COLUMNS = (
    "volume", "left", "open", "failed", "breached", "breach_rate", "reworked", "rework", "spent", "machine", "share",
)  # fmt: skip
SPREADS = ("duration", "waiting", "working")
COLUMNS = (
    "of", "definition", "version", "step", "kind", "title",
    *RUN_COLUMNS, *(name for name in STEP_COLUMNS if name not in RUN_COLUMNS),
    *(f"{name}_{part}" for name in SPREADS for part in ("p50", "p95")),
)  # fmt: skip


def as_csv(of: Report) -> str:
    """One line for the whole, each definition or version, and each step; UTF-8 with its mark, for spreadsheets."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    lines = [("total", of.total), *(("definition", one) for one in of.definitions)]
    lines += [("version", one) for one in of.versions]
    for what, run in lines:
        writer.writerow({"of": what, **_cells(run, ("definition", "version", "title", *RUN_COLUMNS))})
    for step in of.steps:
        cells = _cells(step, ("step", "kind", "title", *STEP_COLUMNS))
        writer.writerow({"of": "step", "definition": of.total.definition, "version": of.total.version, **cells})
    return "\ufeff" + out.getvalue()


def _cells(figures: RunFigures | StepFigures, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: _plain(getattr(figures, name)) for name in names}
    for name in SPREADS:
        spread = getattr(figures, name, None)
        if isinstance(spread, Spread):
            found |= {f"{name}_p50": _plain(spread.p50), f"{name}_p95": _plain(spread.p95)}
    return found


def _plain(value: Any) -> Any:
    """Numbers short enough to read; no text that a spreadsheet takes for a formula."""
    if isinstance(value, float):
        return round(value, 4)
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _run(one: RunFigures) -> dict[str, Any]:
    return {
        "definition": one.definition or None,
        "title": one.title or None,
        "version": one.version,
        **{name: getattr(one, name) for name in RUN_COLUMNS},
        "outcomes": dict(one.outcomes),
        "duration": _spread(one.duration),
    }


def _step(one: StepFigures) -> dict[str, Any]:
    return {
        "step": one.step,
        "kind": one.kind,
        "title": one.title,
        "title_ml": one.title_ml,
        **{name: getattr(one, name) for name in STEP_COLUMNS},
        "waiting": _spread(one.waiting),
        "working": _spread(one.working),
    }


def _spread(of: Spread) -> dict[str, float | None]:
    return {"p50": of.p50, "p95": of.p95}


def _work(one: Work) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "decided": one.decided,
        "open": one.open,
        "overdue": one.overdue,
        "median": one.median,
    }
