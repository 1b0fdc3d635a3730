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

_PEOPLE = """
WITH decided AS (
    SELECT d.by_id AS who, count(*) AS decided,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.at - t.opened_at)) AS median
    FROM workflows_decision d JOIN workflows_humantask t ON t.id = d.task_id
    WHERE d.at >= %(since)s AND d.at < %(until)s
      AND (%(departments)s::bigint[] IS NULL OR t.department_id = ANY(%(departments)s))
    GROUP BY d.by_id
), waiting AS (
    SELECT t.assignee_id AS who, count(*) AS open, count(*) FILTER (WHERE t.breached OR t.due_at < %(now)s) AS overdue
    FROM workflows_humantask t
    WHERE t.state IN ('open', 'claimed') AND t.assignee_id IS NOT NULL AND t.kind = 'human'
      AND (%(departments)s::bigint[] IS NULL OR t.department_id = ANY(%(departments)s))
    GROUP BY t.assignee_id
)
SELECT u.username AS key, coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username) AS name,
    coalesce(decided, 0) AS decided, coalesce(open, 0) AS open, coalesce(overdue, 0) AS overdue, median
FROM decided FULL JOIN waiting USING (who) JOIN accounts_user u ON u.id = who
ORDER BY open DESC, decided DESC, u.username LIMIT %(most)s
"""
_DEPARTMENTS = """
WITH decided AS (
    SELECT t.department_id AS who, count(*) AS decided,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.at - t.opened_at)) AS median
    FROM workflows_decision d JOIN workflows_humantask t ON t.id = d.task_id
    WHERE d.at >= %(since)s AND d.at < %(until)s
      AND (%(departments)s::bigint[] IS NULL OR t.department_id = ANY(%(departments)s))
    GROUP BY t.department_id
), waiting AS (
    SELECT t.department_id AS who, count(*) AS open,
        count(*) FILTER (WHERE t.breached OR t.due_at < %(now)s) AS overdue
    FROM workflows_humantask t
    WHERE t.state IN ('open', 'claimed') AND t.kind = 'human'
      AND (%(departments)s::bigint[] IS NULL OR t.department_id = ANY(%(departments)s))
    GROUP BY t.department_id
)
SELECT d.key, d.name, coalesce(decided, 0) AS decided, coalesce(open, 0) AS open, coalesce(overdue, 0) AS overdue,
    median
FROM decided FULL JOIN waiting USING (who) JOIN accounts_department d ON d.id = who
ORDER BY open DESC, decided DESC, d.key
"""


def workload(rights: Rights, *, since: datetime | None = None, until: datetime | None = None) -> Workload:
    """Open and overdue now, decided in the period. Heads see the tasks of their departments.

    Raises NotAllowed, BadPeriod.
    """
    mine, period = scope.of(rights), Period.of(since, until)
    now = clock.now()
    values = asking.params(mine, period, now=now, most=MOST)
    people, departments = ([_made(row) for row in asking.rows(sql, values)] for sql in (_PEOPLE, _DEPARTMENTS))
    return Workload(now, period.since, period.until, people, departments)


def _made(row: Row) -> Work:
    return Work(row["key"], row["name"], row["decided"], row["open"], row["overdue"], row["median"])
