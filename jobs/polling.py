"""A worker process' own clock: every 2 s it looks for work, sweeps, and says that it is alive.

So work starts and leases expire without Redis, beat or Celery; wake-ups only make it faster.
"""

import logging
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from accounts import prepared
from jobs import claiming, leases, overview, presence, registry, running, sweepers, turns
from jobs.alerts import lookout
from jobs.heartbeat import HEART
from jobs.nursery import NURSERY
from jobs.offspring import remove_left_folders
from realtime import audiences, events
from realtime.catalogue import QueueStatus

logger = logging.getLogger(__name__)

EVERY = 2.0
GRACE = 3.0  # seconds that running jobs get when the process is asked to stop
AFTER_OUTAGE = 6.0  # seconds: the living extend their leases before anybody sweeps
TELL_EVERY = 10.0  # seconds: processes take turns to sweep, and none knows what another has told


def _unheard(queue: str, also: bool) -> None:
    """Nobody to tell: the poll finds the work."""


_thread: threading.Thread | None = None
_hear: Callable[[str, bool], None] = _unheard
_told: dict[str, Any] = {}
_told_at = [0.0]


def is_worker() -> bool:
    return _thread is not None


def begin(*, queues: list[str], concurrency: int, hear: Callable[[str, bool], None] = _unheard) -> None:
    """This process is a worker from now on: it polls, and serves the first of `queues` and what is more urgent.

    While nobody serves what is less urgent it does that too; `hear(queue, True)` is called when that begins, with False
    when it ends.
    """
    global _thread, _hear
    _hear = hear
    me = presence.mine()
    served = [queue for queue in queues if queue in running.SERVED]
    me.queue, me.concurrency = (served or ["low"])[0], max(concurrency, 1)
    prepared.use_only_indexes()
    _thread = threading.Thread(target=_poll, name="poll", daemon=True)
    _thread.start()
    lookout.begin()


def stop() -> None:
    """Asked to end: claim nothing more, give running jobs 3 s, then hand them back unspent. Returns at once."""
    me = presence.mine()
    if me.stopping.is_set():
        return
    me.stopping.set()
    threading.Thread(target=_stop_after_grace, name="grace", daemon=True).start()


def end() -> None:
    """The last thing: children are ended, the register forgets this process.

    Celery may call this while hands still work; they get their grace.
    """
    stop()
    until = time.monotonic() + GRACE + 1.0
    while HEART.running() and time.monotonic() < until:
        time.sleep(0.05)
    NURSERY.close()
    try:
        registry.leave(presence.mine())
    except (DatabaseError, InterfaceError) as error:
        logger.warning("Could not sign off: %s", error)


def sweep_now() -> dict[str, int]:
    """One sweep, unless another process is at it."""
    return leases.sweep()


def memory_mb() -> int:
    """What this process and its children hold in memory."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most >> (20 if sys.platform == "darwin" else 10)


def _stop_after_grace() -> None:
    until = time.monotonic() + GRACE
    while HEART.running() and time.monotonic() < until:
        time.sleep(0.05)
    HEART.stop_all("stopping")


def _poll() -> None:
    me = presence.mine()
    sweep_from = 0.0
    _prewarm(me.concurrency)
    while not me.stopping.is_set():
        try:
            _say_alive(me)
            if time.monotonic() >= sweep_from and leases.sweep():  # it was our turn
                _tell_status()
            turns.MARKS.look_everywhere()
            _begin_work(me)
            sweepers.sweep()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The poll could not reach PostgreSQL: %s", error)
            sweep_from = time.monotonic() + AFTER_OUTAGE
            _drop_broken_connections()
        except Exception:
            logger.exception("The poll stumbled")
        finally:
            connection.close()
        me.stopping.wait(EVERY)


def _say_alive(me: presence.Presence) -> None:
    helped = me.helping
    registry.say_alive(me, memory_mb())
    if me.helping != helped:
        for queue in registry.LESS_URGENT[me.queue]:
            _hear(queue, me.helping)


def _begin_work(me: presence.Presence) -> None:
    """Work that nobody was woken for (Redis is away, or the message was lost) is begun here, on threads of its own."""
    if not me.may_claim or not me.free_hands or not claiming.waits_in(me.serves):
        return
    for _ in range(me.free_hands):
        threading.Thread(target=running.drain, args=[me.serves], name="hand", daemon=True).start()


def _tell_status() -> None:
    """`queue.status` to administrators, when the figures are others than last time, and now and then as a sign of life.

    Live only, kept nowhere.
    """
    pulse, now = overview.pulse(), time.monotonic()
    if pulse != _told or now - _told_at[0] >= TELL_EVERY:
        _told_at[0] = now
        _told.clear()
        _told.update(pulse)
        events.tell(QueueStatus(**pulse), to=[audiences.ADMIN])


def _prewarm(concurrency: int) -> None:
    remove_left_folders()
    if settings.CHILD_PREWARM:
        try:
            NURSERY.prewarm(concurrency)
        except OSError as error:
            logger.warning("No child process could be started yet: %s", error)


def _drop_broken_connections() -> None:
    """After an outage the pool holds dead connections, which would fail one by one."""
    connection.close()
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.check()
