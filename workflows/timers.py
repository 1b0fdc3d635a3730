"""Timers: what is due at a time. Set and dropped in the transaction of what they are about, rung by the sweep.

A kind of timer has one handler (`on`). It runs in the sweep's transaction with the run and its document locked
(`timer.instance` is fresh); `timer.fired_at` is the moment of the sweep, and so is `workflows.clock.now()`. A timer
that its handler sets is rung in the same sweep when it is due by then: however late the sweeper comes, everything
happens once and in order. Timers without a run (schedules) are locked by their own row alone.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import prepared, writing
from workflows import clock, locks
from workflows.models import HumanTask, Instance, Timer, TimerState

logger = logging.getLogger(__name__)

Handler = Callable[[Timer], None]

AT_ONCE = 500  # timers that one sweep rings
OF_ONE_RUN = 100
SECONDS = 1.5  # that one sweep takes, about: the poll that calls it has more to do
PATIENCE = "2s"  # that a run is waited for which somebody holds
KEPT = timedelta(days=30)  # of what has rung or was dropped; history and step runs say more
FORGOTTEN_AT_ONCE = 5_000
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)

_handlers: dict[str, Handler] = {}


def on(kind: str, handler: Handler) -> None:
    """Who handles timers of this kind. Another handler for the same kind is a mistake of ours: ValueError."""
    if _handlers.setdefault(kind, handler) is not handler:
        raise ValueError(f"Timers of kind {kind} have a handler already.")


def set(
    *,
    instance: Instance | None,
    token: int | None,
    kind: str,
    name: str,
    due_at: datetime,
    data: dict[str, Any] | None = None,
    task: HumanTask | UUID | None = None,
) -> Timer:
    """Have the handler of `kind` called once, at `due_at` or soon after. In the caller's transaction."""
    timer = draft(instance=instance, token=token, kind=kind, name=name, due_at=due_at, data=data, task=task)
    writing.insert([timer])
    return timer


def draft(
    *,
    instance: Instance | None,
    token: int | None,
    kind: str,
    name: str,
    due_at: datetime,
    data: dict[str, Any] | None = None,
    task: HumanTask | UUID | None = None,
) -> Timer:
    """As `set`, not written yet."""
    task_id = task.pk if isinstance(task, HumanTask) else task
    return Timer(instance=instance, token=token, task_id=task_id, kind=kind, name=name, due_at=due_at, data=data or {})


_DUE = f"""
SELECT instance_id, id FROM workflows_timer WHERE state = '{TimerState.PENDING.value}' AND due_at <= %s
ORDER BY due_at, id LIMIT %s
"""  # noqa: S608 (our own words, here and below)
_DROP = f"""
UPDATE workflows_timer SET state = '{TimerState.DROPPED.value}'
WHERE instance_id = %(instance)s::uuid AND state = '{TimerState.PENDING.value}'
    AND (%(token)s::int IS NULL OR token = %(token)s::int) AND (%(kind)s::text IS NULL OR kind = %(kind)s::text)
    AND (%(name)s::text IS NULL OR name = %(name)s::text) AND (%(task)s::uuid IS NULL OR task_id = %(task)s::uuid)
RETURNING id
"""  # noqa: S608


def drop(
    *,
    instance: Instance,
    token: int | None = None,
    kind: str | None = None,
    name: str | None = None,
    task: HumanTask | UUID | None = None,
) -> int:
    """Forget the pending timers of a run (of that token, kind, name, task); how many there were."""
    wanted = {"token": token, "kind": kind, "name": name, "task": task.pk if isinstance(task, HumanTask) else task}
    return len(prepared.rows(_DROP, {"instance": instance.pk, **wanted}))


def forget(*, older_than: timedelta = KEPT) -> int:
    """Remove what rang or was dropped and was due before, in pieces; how many there were."""
    before, removed = clock.now() - older_than, 0
    while True:
        old = Timer.objects.exclude(state=TimerState.PENDING).filter(due_at__lt=before).order_by("pk")
        count, _ = Timer.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])).delete()
        removed += count
        if count < FORGOTTEN_AT_ONCE:
            return removed


def sweep(*, now: datetime | None = None, limit: int = AT_ONCE, seconds: float = SECONDS) -> int:
    """Ring what is due, oldest first; how many. Several sweepers side by side ring nothing twice.

    What a handler raises is logged, and its timer is tried again later; the others go on. Raises InterfaceError and
    OperationalError when PostgreSQL is away.
    """
    moment, until = now or timezone.now(), time.monotonic() + seconds
    found = due(moment, limit)
    rung = 0
    groups = dict.fromkeys((instance, None if instance else timer) for instance, timer in found)
    for instance, timer in groups:
        if rung >= limit or time.monotonic() > until:
            break
        with clock.at(moment):
            rung += _ring_group(instance, timer, moment, min(OF_ONE_RUN, limit - rung))
    return rung


def due(moment: datetime, limit: int) -> list[tuple[UUID | None, int]]:
    """The runs and ids of what is due, oldest first."""
    return [(instance, timer) for instance, timer in prepared.rows(_DUE, [moment, limit])]


def _ring_group(instance: UUID | None, timer: int | None, now: datetime, most: int) -> int:
    """Those of one run (or the one without), in one transaction. One that cannot be had now is left to the next."""
    try:
        with transaction.atomic():
            if not _mine(str(instance or timer)):
                return 0
            return _ring_all(instance, timer, now, most)
    except OperationalError as error:
        if not connection.is_usable():
            raise
        logger.warning("The timers of run %s wait for the next sweep: %s", instance, error)
        return 0


def _mine(name: str) -> bool:
    """Nobody else rings these until commit. Only tried, so it stands in no order of locks.

    From here on the transaction waits no longer than `PATIENCE` for a run that somebody holds.
    """
    number = int.from_bytes(hashlib.sha256(f"timers of {name}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s), set_config('lock_timeout', %s, true)", [number, PATIENCE])
        return bool(cursor.fetchone()[0])


def _ring_all(instance: UUID | None, timer: int | None, now: datetime, most: int) -> int:
    rung = 0
    while rung < most:
        held = locks.hold([instance]).get(instance) if instance else None  # fresh: the last handler changed it
        pending = Timer.objects.filter(state=TimerState.PENDING, due_at__lte=now).order_by("due_at", "id")
        mine = Q(instance=instance) if instance else Q(pk=timer)
        found = pending.filter(mine).select_for_update(of=("self",)).first()
        if found is None:
            break
        if held is not None and not held.is_alive:
            rung += drop(instance=held)
            break
        if held is not None:
            found.instance = held
        rung += _ring(found, now)
    return rung


def _ring(timer: Timer, now: datetime) -> bool:
    """One timer; a handler that fails changes nothing but that its timer is due again later."""
    handler = _handlers.get(timer.kind)
    try:
        if handler is None:
            raise LookupError(f"Nobody handles timers of kind {timer.kind}.")
        with transaction.atomic():
            timer.state, timer.fired_at = TimerState.FIRED, now
            timer.save(update_fields=["state", "fired_at"])
            handler(timer)
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:
        logger.exception("Timer %s (%s %s) of run %s failed", timer.pk, timer.kind, timer.name, timer.instance_id)
        _put_off(timer.pk, error, now)
    return True


def _put_off(pk: int, error: Exception, now: datetime) -> None:
    """Due again after a pause that grows; since when it is due, and why it waits, stay with it."""
    timer = Timer.objects.get(pk=pk)
    failures = int(timer.data.get("failures", 0)) + 1
    pause = min(FIRST_PAUSE * 4 ** min(failures - 1, 8), LONGEST_PAUSE)
    was_due = timer.data.get("was_due", timer.due_at.isoformat())
    said = f"{type(error).__name__}: {error}"[:300]
    timer.data = {**timer.data, "failures": failures, "was_due": was_due, "error": said}
    timer.due_at = now + pause
    timer.save(update_fields=["data", "due_at"])
