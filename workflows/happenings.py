"""What happens, for those who wait for it: tokens that listen (`wait_event`), runs that begin after others.

Whoever waits is told by a job of his own (`workflow.came`): his rows are locked there, in the house's order, and not in
the transaction of what happened. Nobody misses anything: who listens and what happens meet at an advisory lock, so what
commits later sees the other.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from accounts import history, prepared, writing
from accounts.rights import Rights
from jobs import enqueueing
from jobs.enqueueing import Order
from jobs.models import Priority
from workflows.models import Instance
from workflows.turn import Happening

KIND = "workflow.came"
SUBJECT = "workflow"

_HOLD = """
SELECT CASE WHEN alone THEN pg_advisory_xact_lock(n) ELSE pg_advisory_xact_lock_shared(n) END
FROM (SELECT * FROM json_to_recordset(%s::json) AS g (n bigint, alone boolean) ORDER BY n OFFSET 0) AS sorted
"""
_WAITING = """
WITH given AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json) AS g (n int, event text, key text)
), met AS (
    UPDATE workflows_dependency d SET met_at = clock_timestamp() FROM given g
    WHERE d.event = g.event AND d.key = g.key AND d.met_at IS NULL RETURNING g.n, d.instance_id
)
SELECT w.n, w.instance_id, w.token, i.priority FROM (
    SELECT n, instance_id, NULL::int AS token FROM met
    UNION ALL
    SELECT g.n, s.instance_id, s.token FROM given g
    JOIN workflows_subscription s ON s.event = g.event AND (s.key = g.key OR s.key = '')
) AS w JOIN workflows_instance i ON i.id = w.instance_id ORDER BY w.n, w.instance_id, w.token
"""


def happen(*, event: str, key: str = "", data: dict[str, Any], seen_by: Rights | None = None) -> int:
    """Tell everybody who waits for this, when the caller's transaction commits; how many wait.

    `seen_by`: of the runs that these rights show alone.
    """
    return happen_many([Happening(event, key, data)], seen_by=seen_by)


def happen_many(what: Sequence[Happening], *, seen_by: Rights | None = None) -> int:
    """As `happen`, for many in the same few statements."""
    found = orders(what)
    if seen_by is not None:
        told = [order.payload["instance"] for order in found]
        shown = {
            str(pk) for pk in Instance.objects.visible_to(seen_by).filter(pk__in=told).values_list("pk", flat=True)
        }
        found = [order for order in found if order.payload["instance"] in shown]
    enqueueing.enqueue_many(found)
    return len(found)


def orders(what: Sequence[Happening]) -> list[Order]:
    """The work of telling those who wait; whoever asks enqueues it in the same transaction."""
    if not what:
        return []
    hold([(one.event, key) for one in what for key in {one.key, ""}], listening=False)
    given = writing.in_json([{"n": n, "event": one.event, "key": one.key} for n, one in enumerate(what)])
    return [
        Order(
            kind=KIND,
            payload={
                "instance": str(pk),
                "token": token,
                "event": what[n].event,
                "key": what[n].key,
                "data": history.plain(what[n].data),
            },
            priority=Priority(priority),
            subject=(SUBJECT, str(pk)),
        )
        for n, pk, token, priority in prepared.rows(_WAITING, [given])
    ]


def begin_later(instance: Instance) -> Order:
    """The work of telling a run what was kept for it."""
    return Order(
        kind=KIND,
        payload={"instance": str(instance.pk), "token": None, "event": "", "key": "", "data": {}},
        priority=Priority(instance.priority),
        subject=(SUBJECT, str(instance.pk)),
    )


def hold(pairs: Iterable[tuple[str, str]], *, listening: bool) -> None:
    """Let nothing of this sort happen until commit (`listening`), or let nobody begin to listen meanwhile."""
    held = [{"n": _number(event, key), "alone": listening} for event, key in set(pairs)]
    if held:
        prepared.rows(_HOLD, [writing.in_json(held)])


def _number(event: str, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{event}\0{key}".encode()).digest()[:8], signed=True)
