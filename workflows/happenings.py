"""What happens, for those who wait for it: tokens that listen (`wait_event`), runs that begin after others.

Whoever waits is told by a job of his own (`workflow.came`): his rows are locked there, in the house's order, and not in
the transaction of what happened. Nobody misses anything: who listens and what happens meet at an advisory lock, so what
commits later sees the other.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from accounts import history, prepared, writing
from accounts.rights import Rights
from jobs import enqueueing
from jobs.enqueueing import Order
from jobs.models import Priority
from workflows.models import Instance, Subscription
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
    hold(telling=what)
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
    """The work of telling those who wait; who asks has them held (`hold`), and enqueues it in the same transaction."""
    if not what:
        return []
    given = writing.in_json([{"n": n, "event": one.event, "key": one.key} for n, one in enumerate(what)])
    return [_order(pk, priority, token, what[n]) for n, pk, token, priority in prepared.rows(_WAITING, [given])]


def order_of(row: Subscription, data: dict[str, Any]) -> Order:
    """The work of telling one who listens."""
    return _order(row.instance.pk, row.instance.priority, row.token, Happening(row.event, row.key, data))


def begin_later(instance: Instance) -> Order:
    """The work of telling a run what was kept for it."""
    return _order(instance.pk, instance.priority, None, Happening("", "", {}))


def run_of(key: str) -> UUID | None:
    """The run whose end is told with this key. A definition may listen to any text; what is no id is nobody's end."""
    try:
        return UUID(key)
    except ValueError:
        return None


def _order(pk: UUID, priority: int, token: int | None, what: Happening) -> Order:
    return Order(
        kind=KIND,
        payload={
            "instance": str(pk),
            "token": token,
            "event": what.event,
            "key": what.key,
            "data": history.plain(what.data),
        },
        priority=Priority(priority),
        subject=(SUBJECT, str(pk)),
    )


def hold(*, listening: Iterable[tuple[str, str]] = (), telling: Iterable[Happening] = ()) -> None:
    """Let nothing of these (event, key) happen until commit, and let nobody begin to listen to what is told.

    One statement takes all of them in one order (`workflows.locks`): who has both to hold asks for both at once.
    """
    alone = {_number(event, key) for event, key in listening}
    shared = {_number(one.event, key) for one in telling for key in (one.key, "")} - alone
    held = [{"n": n, "alone": n in alone} for n in alone | shared]
    if held:
        prepared.rows(_HOLD, [writing.in_json(held)])


def _number(event: str, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{event}\0{key}".encode()).digest()[:8], signed=True)
