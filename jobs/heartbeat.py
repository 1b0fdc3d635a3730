"""The heartbeat: one thread by process that keeps the leases of all running attempts, and watches over them.

Every 0.1 s it tells `began` of attempts that have lasted so long, has what was claimed with attempts of over a second
wait again, and stops those that are over their time; every 0.5 s it looks whether an attempt is still ours (cancelled,
or taken from us) and stops it otherwise; every 5 s it extends the leases. While PostgreSQL is away it keeps trying. It
sleeps without a tick when nothing runs.
"""

import logging
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, connection, transaction

from jobs import finishing, waking
from jobs.claiming import LEASE
from jobs.models import Job
from jobs.models.job import STILL_RUNS

if TYPE_CHECKING:
    from jobs.running import Run

logger = logging.getLogger(__name__)

TICK, LOOK, EXTEND = 0.1, 0.5, 5.0
BEGAN_AFTER = 0.1
RELEASE_AFTER = 1.0  # on a busy machine many a short document takes 0.1 s: handing back costs more than it waits


class Heartbeat:
    """Watches the attempts given to `watch` until `forget`."""

    def __init__(self) -> None:
        self._runs: dict[int, Run] = {}
        self._guard = threading.Lock()
        self._something = threading.Event()
        self._thread: threading.Thread | None = None
        self._looked = self._extended = 0.0

    def watch(self, runs: Sequence["Run"]) -> None:
        with self._guard:
            self._runs.update({id(run): run for run in runs})
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
                self._thread.start()
        if not self._something.is_set():
            self._something.set()

    def forget(self, runs: Sequence["Run"]) -> None:
        with self._guard:
            for run in runs:
                self._runs.pop(id(run), None)

    def running(self) -> list["Run"]:
        with self._guard:
            return list(self._runs.values())

    def may_take_large(self, concurrency: int) -> bool:
        """Whether another large file may begin: of several hands, one is kept for small ones."""
        return concurrency < 2 or sum(run.is_large for run in self.running()) < concurrency - 1

    def stop_all(self, reason: str) -> None:
        """Stop every attempt of this process."""
        for run in self.running():
            run.stop(reason)

    def _beat(self) -> None:
        while True:
            self._something.wait()
            time.sleep(TICK)
            try:
                self._tick(time.monotonic())
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The heartbeat could not reach PostgreSQL: %s", error)
                connection.close()
                time.sleep(TICK)
            except Exception:
                logger.exception("The heartbeat stumbled")

    def _tick(self, now: float) -> None:
        runs = self.running()
        if not runs:
            self._rest()
            return
        for run in runs:
            if run.is_overdue(now):
                run.stop("overdue")
        _tell_began([run for run in runs if run.may_tell_began(now, BEGAN_AFTER)])
        long = [run for run in runs if run.has_lasted(now, RELEASE_AFTER)]
        _release([mate for run in long for mate in run.mates if mate.awaits_its_turn])
        if now - self._looked >= LOOK and (aged := [run for run in runs if now - run.claimed > LOOK]):
            self._looked = now
            _stop_those_lost(aged)
        if now - self._extended >= EXTEND and (aged := [run for run in runs if now - run.claimed > EXTEND]):
            _extend([run for run in aged if not run.is_lost_cause(now)])
            self._extended = now

    def _rest(self) -> None:
        with self._guard:
            if not self._runs:
                self._something.clear()
        if not self._something.is_set():
            connection.close()


def _tell_began(runs: Sequence["Run"]) -> None:
    """`Kind.began` for those still ours, in a transaction of its own that waits for no lock longer than 2 s."""
    for kind, jobs in finishing.by_kind([run.job for run in runs]):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
            kind.lock(jobs)
            ours = _still_ours(jobs, locked=True)
            if held := [job for job in jobs if job.pk in ours]:
                kind.began(held)
    for run in runs:
        run.told_began = True
    for queue in sorted({run.job.queue for run in runs if run.job.short}):
        waking.pass_on(queue)  # its hand comes back later than it said


def _release(runs: Sequence["Run"]) -> None:
    """What was claimed together with work that turns out to be long waits again, for whoever is free."""
    for kind, jobs in finishing.by_kind([run.job for run in runs]):
        finishing.hand_back(kind, jobs)
    for run in runs:
        run.stop("lost")


def _stop_those_lost(runs: Sequence["Run"]) -> None:
    ours = _still_ours([run.job for run in runs])
    for run in runs:
        if run.job.pk not in ours:
            run.stop("lost")


def _still_ours(jobs: Sequence[Job], *, locked: bool = False) -> set[object]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.id FROM jobs_job j JOIN unnest(%s::uuid[], %s::int[]) AS g (id, fence)"  # noqa: S608
            f" ON j.id = g.id AND j.fence = g.fence AND {STILL_RUNS}"
            + (" ORDER BY j.id FOR SHARE OF j" if locked else ""),
            [[job.pk for job in jobs], [job.fence for job in jobs]],
        )
        return {row[0] for row in cursor.fetchall()}


def _extend(runs: Sequence["Run"]) -> None:
    """Those being finished at this moment are skipped: they need no lease any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE jobs_job SET lease_until = clock_timestamp() + interval '{LEASE} seconds' WHERE id IN (
                SELECT j.id FROM jobs_job j JOIN unnest(%s::uuid[], %s::int[]) AS g (id, fence)
                ON j.id = g.id AND j.fence = g.fence AND {STILL_RUNS} FOR UPDATE OF j SKIP LOCKED
            )
            """,  # noqa: S608
            [[run.job.pk for run in runs], [run.job.fence for run in runs]],
        )


HEART = Heartbeat()
