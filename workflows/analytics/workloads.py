"""Who has how much to decide, and how quickly it is decided: by person and by department."""

from datetime import datetime

from accounts.rights import Rights
from workflows import clock
from workflows.analytics import asking, scope
from workflows.analytics.asking import Row
from workflows.analytics.figures import Work, Workload
from workflows.analytics.period import Period

MOST = 200
"""People of one answer: those with the most open and decided tasks."""

_DECIDED = """
decided AS (
    SELECT {whose} AS who, count(*) AS decided,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.at - t.opened_at)) AS median
    FROM workflows_decision d JOIN workflows_humantask t ON t.id = d.task_id
    WHERE d.at >= %(since)s AND d.at < %(until)s
      AND (%(departments)s::bigint[] IS NULL OR t.department_id = ANY(%(departments)s))
    GROUP BY 1
)
"""
_KEPT = """
decided AS (
    SELECT who, decided, median FROM workflows_work_figures WHERE days = %(days)s AND of = '{whose}'
)
"""
_WAITING = """
waiting AS (
    SELECT {whose} AS who, count(*) AS open, count(*) FILTER (WHERE t.breached OR t.due_at < %(now)s) AS overdue
    FROM workflows_humantask t
    WHERE t.state IN ('open', 'claimed') AND t.kind = 'human' AND {whose} IS NOT NULL
      AND (%(departments)s::bigint[] IS NULL OR t.department_id = ANY(%(departments)s))
    GROUP BY 1
)
"""
_ANSWER = """
SELECT {names}, coalesce(decided, 0) AS decided, coalesce(open, 0) AS open, coalesce(overdue, 0) AS overdue, median
FROM decided FULL JOIN waiting USING (who) JOIN {table} n ON n.id = who
ORDER BY open DESC, decided DESC, key LIMIT %(most)s
"""
_PERSON = "n.username AS key, coalesce(nullif(trim(n.first_name || ' ' || n.last_name), ''), n.username) AS name"


def workload(rights: Rights, *, since: datetime | None = None, until: datetime | None = None) -> Workload:
    """Open and overdue now, decided in the period. Heads see the tasks of their departments.

    Raises NotAllowed, BadPeriod.
    """
    mine, period = scope.of(rights), Period.of(since, until)
    now, kept = clock.now(), mine.kept_as(period)
    values = asking.params(mine, period, now=now, most=MOST, days=kept)
    decided = _DECIDED if kept is None else _KEPT
    people = _question(
        decided.format(whose="d.by_id" if kept is None else "person"), "t.assignee_id", _PERSON, "accounts_user"
    )
    departments = _question(
        decided.format(whose="t.department_id" if kept is None else "department"),
        "t.department_id",
        "n.key, n.name",
        "accounts_department",
    )
    found = [[_made(row) for row in asking.rows(sql, values)] for sql in (people, departments)]
    return Workload(now if kept is None else asking.refreshed_at(), period.since, period.until, *found)


def _question(decided: str, waiting: str, names: str, table: str) -> str:
    """All of it our own words."""
    return f"WITH {decided}, {_WAITING.format(whose=waiting)} {_ANSWER.format(names=names, table=table)}"


def _made(row: Row) -> Work:
    return Work(row["key"], row["name"], row["decided"], row["open"], row["overdue"], row["median"])
