"""Figures of workflows: by definition, version, step, person and period. PostgreSQL does the arithmetic.

Auditors and administrators see those of the house, heads of departments those of their departments' runs; for others
there are none (NotAllowed). Every answer says `as_of`: now, or when the materialised views were refreshed.
"""

from workflows.analytics.bottlenecks import bottlenecks, heat
from workflows.analytics.period import DAYS, Period
from workflows.analytics.reports import as_csv, as_json, report
from workflows.analytics.runs import of_definition, overview
from workflows.analytics.scope import may_look
from workflows.analytics.steps import steps_of
from workflows.analytics.trends import trend
from workflows.analytics.workloads import workload

__all__ = [
    "DAYS",
    "Period",
    "as_csv",
    "as_json",
    "bottlenecks",
    "heat",
    "may_look",
    "of_definition",
    "overview",
    "report",
    "steps_of",
    "trend",
    "workload",
]
