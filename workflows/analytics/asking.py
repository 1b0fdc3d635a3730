"""Asking PostgreSQL: rows as maps, and what all questions have in common."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from workflows import clock
from workflows.analytics.figures import Spread
from workflows.analytics.period import Period
from workflows.analytics.scope import Scope

Row = dict[str, Any]


def rows(sql: str, params: Mapping[str, Any]) -> list[Row]:
    """What the statement gives, by column."""
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(params))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def params(scope: Scope, period: Period, **more: Any) -> dict[str, Any]:
    """The values of every question: the period, the departments (None: all), and what is asked besides."""
    return {"since": period.since, "until": period.until, "departments": scope.departments, **more}


def spread(pair: list[float | None] | None) -> Spread:
    """What `percentile_cont(ARRAY[0.5, 0.95])` gave."""
    return Spread(*pair) if pair else Spread()


def refreshed_at() -> datetime:
    """When the views were worked out; now while they were never."""
    found = rows("SELECT max(as_of) AS at FROM workflows_run_figures", {})
    return found[0]["at"] or clock.now()
