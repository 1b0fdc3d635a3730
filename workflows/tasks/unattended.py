"""Which undecided tasks somebody can decide now: asked of thousands at once, in SQL.

It is stricter than `workflows.tasks.people.able`, never laxer: a task that it lets through has people enough; of the
others a closer look tells. A test holds the two together.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from workflows import deciding

FIRST = UUID(int=0)

_VOICES = """
FROM workflows_candidate c
CROSS JOIN LATERAL (
    SELECT c.user_id AS id WHERE c.user_id IS NOT NULL
    UNION ALL
    SELECT m.user_id FROM accounts_membership m JOIN accounts_department p ON p.id = m.department_id AND p.active
    WHERE c.user_id IS NULL AND m.department_id = c.department_id AND m.role = ANY(c.roles)
) AS holder
CROSS JOIN LATERAL (
    SELECT holder.id WHERE NOT EXISTS (
        SELECT FROM workflows_absence a WHERE a.user_id = holder.id AND %(day)s BETWEEN a.first_day AND a.last_day)
    UNION ALL
    SELECT a.deputy_id FROM workflows_absence a
    WHERE a.user_id = holder.id AND a.deputy_id IS NOT NULL AND %(day)s BETWEEN a.first_day AND a.last_day
) AS decider
JOIN accounts_user u ON u.id = decider.id AND u.is_active
WHERE c.task_id = s.id
AND (u.is_superuser OR u.house_role <> 'auditor')
AND EXISTS (
    SELECT FROM accounts_membership m JOIN accounts_department p ON p.id = m.department_id AND p.active
    WHERE m.user_id = u.id AND m.role IN ('reviewer', 'head'))
AND NOT EXISTS (
    SELECT FROM workflows_exclusion e
    WHERE e.task_id = s.id AND e.user_id IN (u.id, holder.id, coalesce(c.for_user_id, holder.id)))
AND NOT EXISTS (
    SELECT FROM workflows_decision v WHERE v.task_id = s.id AND (
        v.by_id IN (u.id, holder.id, coalesce(c.for_user_id, holder.id))
        OR v.for_user_id IN (u.id, holder.id, coalesce(c.for_user_id, holder.id))))
AND (
    s.document_id IS NULL
    OR u.is_superuser OR u.house_role = 'administrator'
    OR s.access = 'department' AND (
        s.department_id IS NULL AND s.uploaded_by_id = u.id
        OR EXISTS (
            SELECT FROM accounts_membership m JOIN accounts_department p ON p.id = m.department_id AND p.active
            WHERE m.user_id = u.id AND (m.department_id = s.department_id OR s.shared AND EXISTS (
                SELECT FROM documents_share h WHERE h.document_id = s.document_id AND h.department_id = p.id)))
        OR s.shared AND EXISTS (
            SELECT FROM documents_share h WHERE h.document_id = s.document_id AND h.user_id = u.id)
    ) AND s.status <> 'quarantined'
    OR s.access = 'restricted' AND s.status <> 'quarantined' AND EXISTS (
        SELECT FROM documents_document_people n WHERE n.document_id = s.document_id AND n.user_id = u.id)
)
"""

_LOOK = f"""
WITH s AS MATERIALIZED (
    SELECT t.id, t.instance_id, t.kind, t.quorum, t.unattended, t.token, t.step,
        d.id AS document_id, d.department_id, d.uploaded_by_id, d.access, d.shared, d.status
    FROM workflows_humantask t LEFT JOIN documents_document d ON d.id = t.document_id
    WHERE t.state IN ('open', 'claimed') AND t.id > %(after)s ORDER BY t.id LIMIT %(most)s
)
SELECT s.id, s.instance_id, s.token, s.step, s.unattended, CASE
    WHEN s.kind <> 'human' THEN true
    WHEN s.quorum <= 1 THEN EXISTS (SELECT {_VOICES})
    ELSE (SELECT count(DISTINCT coalesce(c.for_user_id, holder.id)) {_VOICES}) >= s.quorum - coalesce((
        SELECT max(n) FROM (SELECT count(*) AS n FROM workflows_decision v WHERE v.task_id = s.id GROUP BY v.outcome)
        AS alike), 0)
    END
FROM s ORDER BY s.id
"""  # noqa: S608 (made of constants alone)

_PEOPLE = """
SELECT md5(concat(
    (SELECT string_agg(concat_ws(' ', m.user_id, m.department_id, m.role), ',' ORDER BY m.user_id, m.department_id)
     FROM accounts_membership m
     JOIN accounts_user u ON u.id = m.user_id AND u.is_active
     JOIN accounts_department p ON p.id = m.department_id AND p.active),
    ';',
    (SELECT string_agg(concat_ws(' ', id, house_role, is_superuser), ',' ORDER BY id)
     FROM accounts_user WHERE is_active AND (house_role <> '' OR is_superuser)),
    ';',
    (SELECT string_agg(concat_ws(' ', user_id, deputy_id), ',' ORDER BY user_id, deputy_id)
     FROM workflows_absence WHERE %s BETWEEN first_day AND last_day)))
"""


@dataclass(frozen=True)
class Looked:
    """What was found at one undecided task: `attended` when people enough can decide it now."""

    task: UUID
    instance: UUID
    token: int
    step: str
    told: bool  # those who run the house know that nobody can decide it
    attended: bool


def look(*, after: UUID = FIRST, most: int) -> list[Looked]:
    """So many undecided tasks behind that one, in the order of their ids, each with whether people can decide it."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"day": deciding.today(), "after": after, "most": most})
        return [Looked(*row) for row in cursor.fetchall()]


def people_now() -> str:
    """A digest of who could decide anything today: roles, active people and departments, who is away and for whom."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [deciding.today()])
        return str(cursor.fetchone()[0])
