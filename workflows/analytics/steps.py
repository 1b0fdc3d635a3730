"""Figures of steps: how often, how long they wait and work, and what share of the whole each takes."""

from datetime import datetime

from accounts.rights import Rights
from workflows import bodies, clock
from workflows.analytics import asking, scope
from workflows.analytics.asking import Row
from workflows.analytics.figures import StepFigures, Steps, rate
from workflows.analytics.period import Period
from workflows.analytics.scope import Chosen, Scope
from workflows.definitions import steps as written

HOLDING = frozenset({"parallel", "repeat", "foreach", "choice", "subflow"})
"""Kinds whose time is that of what they hold: they have no share of their own."""

_STEPS = """
SELECT s.step, max(s.kind) AS kind, count(*) AS volume, count(s.left_at) AS left,
    count(*) FILTER (WHERE s.left_at IS NULL) AS open, count(*) FILTER (WHERE s.breached) AS breached,
    count(*) FILTER (WHERE s.failed) AS failed, count(*) FILTER (WHERE s.round > 1) AS reworked,
    percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
        ORDER BY extract(epoch FROM coalesce(s.begun_at, s.left_at) - s.entered_at)) AS waiting,
    percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
        ORDER BY greatest(extract(epoch FROM s.left_at - s.begun_at), 0)) AS working,
    coalesce(sum(extract(epoch FROM s.left_at - s.entered_at)), 0)::float8 AS spent,
    (sum(s.worked_ms) / 1000.0)::float8 AS machine
FROM workflows_steprun s
WHERE s.version_id = ANY(%(versions)s) AND s.entered_at >= %(since)s AND s.entered_at < %(until)s
  AND (%(departments)s::bigint[] IS NULL OR s.instance_id IN (
      SELECT id FROM workflows_instance WHERE department_id = ANY(%(departments)s)))
GROUP BY s.step
"""
_KEPT = """
SELECT step, kind, volume, "left", open, breached, failed, reworked, waiting, working, spent, machine
FROM workflows_step_figures
WHERE days = %(days)s AND definition_id = %(definition)s AND version_id = %(version)s
"""


def steps_of(
    rights: Rights,
    *,
    key: str,
    version: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Steps:
    """The steps of a definition (all versions together), or of one version, in its order.

    Raises NotAllowed, NotFound, BadPeriod.
    """
    mine, period = scope.of(rights), Period.of(since, until)
    what = scope.chosen(key, version)
    rows, as_of = _rows(mine, period, what)
    whole = sum(row["spent"] for row in rows.values() if row["kind"] not in HOLDING)
    known = written.by_id(bodies.of(what.shown.pk).data) if what.shown else {}
    ordered = [*(step for step in known if step in rows), *sorted(set(rows) - set(known))]
    steps = [_made(rows[step], known.get(step, {}), whole) for step in ordered]
    return Steps(as_of, period.since, period.until, key, version, steps)


def _rows(mine: Scope, period: Period, what: Chosen) -> tuple[dict[str, Row], datetime]:
    kept = mine.kept_as(period)
    versions = [what.version.pk] if what.version else list(what.definition.versions.values_list("pk", flat=True))
    values = asking.params(
        mine,
        period,
        days=kept,
        definition=what.definition.pk,
        versions=versions,
        version=what.version.pk if what.version else 0,
    )
    found = asking.rows(_STEPS if kept is None else _KEPT, values)
    as_of = clock.now() if kept is None else asking.refreshed_at()
    return {row["step"]: row for row in found}, as_of


def _made(row: Row, step: dict[str, object], whole: float) -> StepFigures:
    return StepFigures(
        step=row["step"],
        kind=row["kind"],
        title=str(step.get("title") or row["step"]),
        title_ml=str(step.get("title_ml") or ""),
        volume=row["volume"],
        left=row["left"],
        open=row["open"],
        breached=row["breached"],
        failed=row["failed"],
        reworked=row["reworked"],
        waiting=asking.spread(row["waiting"]),
        working=asking.spread(row["working"]),
        spent=row["spent"],
        machine=row["machine"],
        share=None if row["kind"] in HOLDING else rate(row["spent"], whole),
    )
