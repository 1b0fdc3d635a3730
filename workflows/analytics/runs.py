"""Figures of runs: how many, how they ended, how long they took."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from accounts.rights import Rights
from workflows import clock
from workflows.analytics import asking, scope
from workflows.analytics.asking import Row
from workflows.analytics.figures import DefinitionFigures, Overview, RunFigures
from workflows.analytics.period import Period
from workflows.analytics.scope import Chosen, Scope
from workflows.models import Definition, DefinitionVersion

ALL = 0
"""In the place of a definition's or version's id: all of them together."""
Keyed = dict[tuple[int, int], Row]

_RUNS = """
WITH chosen AS (
    SELECT i.definition_id, i.version_id, i.outcome, i.breached, i.status,
        i.started_at >= %(since)s AND i.started_at < %(until)s AS started,
        coalesce(i.finished_at >= %(since)s AND i.finished_at < %(until)s, false) AS ended,
        extract(epoch FROM i.finished_at - i.started_at) AS seconds,
        EXISTS (SELECT FROM workflows_incident n WHERE n.instance_id = i.id) AS stood
    FROM workflows_instance i
    WHERE (i.started_at >= %(since)s AND i.started_at < %(until)s
        OR i.finished_at >= %(since)s AND i.finished_at < %(until)s)
      AND (%(definition)s::bigint IS NULL OR i.definition_id = %(definition)s)
      AND (%(departments)s::bigint[] IS NULL OR i.department_id = ANY(%(departments)s))
), outcomes AS (
    SELECT definition_id, version_id, jsonb_object_agg(outcome, n) AS outcomes FROM (
        SELECT coalesce(definition_id, 0) AS definition_id, coalesce(version_id, 0) AS version_id, outcome,
            count(*) AS n
        FROM chosen WHERE ended AND status = 'finished'
        GROUP BY GROUPING SETS ((outcome), (definition_id, outcome), (definition_id, version_id, outcome))
    ) AS o GROUP BY definition_id, version_id
)
SELECT r.*, coalesce(o.outcomes, '{}') AS outcomes FROM (
    SELECT coalesce(definition_id, 0) AS definition_id, coalesce(version_id, 0) AS version_id,
        count(*) FILTER (WHERE started) AS started,
        count(*) FILTER (WHERE ended AND status = 'finished') AS finished,
        count(*) FILTER (WHERE ended AND status = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE ended AND status = 'finished' AND NOT stood) AS succeeded,
        count(*) FILTER (WHERE ended AND breached) AS breached,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds)
            FILTER (WHERE ended AND status = 'finished') AS duration
    FROM chosen GROUP BY GROUPING SETS ((), (definition_id), (definition_id, version_id))
) AS r LEFT JOIN outcomes o USING (definition_id, version_id)
"""
_KEPT_RUNS = """
SELECT definition_id, version_id, started, finished, cancelled, succeeded, breached, duration, outcomes
FROM workflows_run_figures
WHERE days = %(days)s AND (%(definition)s::bigint IS NULL OR definition_id = %(definition)s)
"""
_PASSAGES = """
SELECT coalesce(v.definition_id, 0) AS definition_id, coalesce(v.id, 0) AS version_id, sum(p.passages) AS passages,
    sum(p.reworked) AS reworked
FROM (
    SELECT s.version_id, count(*) AS passages, count(*) FILTER (WHERE s.round > 1) AS reworked
    FROM workflows_steprun s
    WHERE s.entered_at >= %(since)s AND s.entered_at < %(until)s
      AND (%(definition)s::bigint IS NULL OR s.version_id IN (
          SELECT id FROM workflows_definitionversion WHERE definition_id = %(definition)s))
      AND (%(departments)s::bigint[] IS NULL OR s.instance_id IN (
          SELECT id FROM workflows_instance WHERE department_id = ANY(%(departments)s)))
    GROUP BY s.version_id
) AS p JOIN workflows_definitionversion v ON v.id = p.version_id
GROUP BY GROUPING SETS ((), (v.definition_id), (v.definition_id, v.id))
"""
_KEPT_PASSAGES = """
SELECT coalesce(definition_id, 0) AS definition_id, coalesce(version_id, 0) AS version_id, sum(volume) AS passages,
    sum(reworked) AS reworked
FROM workflows_step_figures
WHERE days = %(days)s AND version_id > 0 AND (%(definition)s::bigint IS NULL OR definition_id = %(definition)s)
GROUP BY GROUPING SETS ((), (definition_id), (definition_id, version_id))
"""
_NOW = """
SELECT coalesce(definition_id, 0) AS definition_id, coalesce(version_id, 0) AS version_id, count(*) AS alive
FROM workflows_instance
WHERE status IN ('running', 'paused', 'incident')
  AND (%(definition)s::bigint IS NULL OR definition_id = %(definition)s)
  AND (%(departments)s::bigint[] IS NULL OR department_id = ANY(%(departments)s))
GROUP BY GROUPING SETS ((), (definition_id), (definition_id, version_id))
"""
_INCIDENTS = """
SELECT coalesce(i.definition_id, 0) AS definition_id, coalesce(i.version_id, 0) AS version_id,
    count(*) FILTER (WHERE n.opened_at >= %(since)s AND n.opened_at < %(until)s) AS incidents,
    count(*) FILTER (WHERE n.resolved_at IS NULL) AS open_incidents
FROM workflows_incident n JOIN workflows_instance i ON i.id = n.instance_id
WHERE (n.resolved_at IS NULL OR n.opened_at >= %(since)s AND n.opened_at < %(until)s)
  AND (%(definition)s::bigint IS NULL OR i.definition_id = %(definition)s)
  AND (%(departments)s::bigint[] IS NULL OR i.department_id = ANY(%(departments)s))
GROUP BY GROUPING SETS ((), (i.definition_id), (i.definition_id, i.version_id))
"""


def overview(rights: Rights, *, since: datetime | None = None, until: datetime | None = None) -> Overview:
    """All definitions that ran or run, the busiest first, and all together. Raises NotAllowed, BadPeriod."""
    mine, period = scope.of(rights), Period.of(since, until)
    found, as_of = _figures(mine, period, None)
    of = {one.pk: one for one in Definition.objects.only("pk", "key", "title")}
    rows = [
        replace(_made(row, period), definition=of[pk].key, title=of[pk].title)
        for (pk, version), row in found.items()
        if pk != ALL and version == ALL
    ]
    rows.sort(key=lambda one: (-one.started - one.finished, -one.alive, one.definition))
    return Overview(as_of, period.since, period.until, _made(found.get((ALL, ALL), {}), period), rows)


def of_definition(
    rights: Rights,
    *,
    key: str,
    version: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> DefinitionFigures:
    """One definition, or one version of it, and by version. Raises NotAllowed, NotFound, BadPeriod."""
    mine, period = scope.of(rights), Period.of(since, until)
    what = scope.chosen(key, version)
    found, as_of = _figures(mine, period, what.definition)
    numbers = dict(DefinitionVersion.objects.filter(definition=what.definition).values_list("pk", "number"))
    key, title = what.definition.key, what.definition.title
    versions = [
        replace(_made(row, period), definition=key, title=title, version=numbers[pk])
        for (definition, pk), row in found.items()
        if definition == what.definition.pk and pk != ALL
    ]
    versions.sort(key=lambda one: -(one.version or 0))
    total = _made(found.get((what.definition.pk, _pk(what)), {}), period)
    total = replace(total, definition=key, title=title, version=version)
    return DefinitionFigures(as_of, period.since, period.until, total, versions)


def _pk(what: Chosen) -> int:
    return what.version.pk if what.version else ALL


def _figures(mine: Scope, period: Period, definition: Definition | None) -> tuple[Keyed, datetime]:
    """Rows by definition and version (0: all), and of when they are."""
    kept = mine.kept_as(period)
    values = asking.params(mine, period, days=kept, definition=definition.pk if definition else None)
    heavy = (_RUNS, _PASSAGES) if kept is None else (_KEPT_RUNS, _KEPT_PASSAGES)
    found: Keyed = {}
    for sql in (*heavy, _NOW, _INCIDENTS):
        for row in asking.rows(sql, values):
            found.setdefault((row["definition_id"], row["version_id"]), {}).update(row)
    return found, clock.now() if kept is None else asking.refreshed_at()


def _made(row: Row, period: Period) -> RunFigures:
    counted: dict[str, Any] = {
        name: int(row.get(name) or 0)
        for name in (
            "started", "finished", "cancelled", "alive", "succeeded", "breached", "incidents", "open_incidents",
            "passages", "reworked",
        )
    }  # fmt: skip
    return RunFigures(**counted, days=period.days, duration=asking.spread(row.get("duration")), outcomes=_outcomes(row))


def _outcomes(row: Row) -> dict[str, int]:
    """The commonest first."""
    counted: dict[str, int] = orjson.loads(row.get("outcomes") or "{}")
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))
