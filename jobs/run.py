"""One attempt at a job, as the work itself sees it: what to do, how to tell progress, when to stop."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from jobs.children import Child, ChildTimeout
from jobs.claiming import LARGE
from jobs.kinds import Kind
from jobs.models import Job
from jobs.models.job import STILL_RUNS
from realtime import audiences, events
from realtime.catalogue import JobProgress

TOLD_EVERY, STORED_EVERY = 0.2, 1.0
QUIET = 0.1
GRACE = 30.0  # seconds over its time after which an attempt that cannot be stopped loses its lease


class Lost(Exception):
    """The attempt is not ours any more: cancelled, or given to another worker. Whatever it did counts for nothing."""


class HandedBack(Exception):
    """This worker is stopping; the job waits again and its attempt is not spent."""


def _tell(job: Job, percent: int, step: str, eta: float | None, message: str = "") -> None:
    """To administrators, to whose it is, and to whoever listens to that job."""
    told = JobProgress(id=str(job.pk), kind=job.kind, percent=percent, step=step, eta=eta, message=message)
    mine = [audiences.user(job.owner_id)] if job.owner_id else []
    events.tell(told, to=[audiences.ADMIN, audiences.job(job.pk), *mine])


class Run:
    """One attempt. `job` is as it was claimed; `payload` is the job's."""

    def __init__(self, job: Job, kind: Kind, child: Callable[[], Child]) -> None:
        self.job = job
        self.kind = kind
        self.payload: dict[str, Any] = job.payload
        self.claimed = time.monotonic()
        self.told_began = False
        self.mates: Sequence[Run] = ()  # what was claimed together and is done by the same hand
        self.shared: dict[str, Any] = {}  # what the work finds out once for all its mates
        self._borrow = child
        self._child: Child | None = None
        self._started: float | None = None
        self._ended: float | None = None
        self._told = self._stored = 0.0
        self._reason = ""

    # --- for the work itself
    def check(self) -> None:
        """Raises Lost, HandedBack or ChildTimeout when this attempt must stop; call it in long loops."""
        if self._reason:
            raise self._stop_error(self._reason)

    def progress(self, percent: int, step: str, message: str = "") -> None:
        """Tell how far it is: live at most five times a second, stored at most once. Raises as `check` does."""
        self.check()
        now = time.monotonic()
        age = now - (self._started or now)
        if age < QUIET or now - self._told < TOLD_EVERY:
            return
        self._told = now
        percent = max(0, min(int(percent), 100))
        eta = round(age * (100 - percent) / percent, 1) if percent else None
        if self.kind.progressed is not None:
            self.kind.progressed(self.job, percent, step, eta)
        else:
            _tell(self.job, percent, step, eta, message)
        if now - self._stored >= STORED_EVERY:
            self._stored = now
            self._store(percent, step, message)

    def child(self) -> Child:
        """The child process for this attempt; it is killed when the attempt must stop."""
        self.check()
        self._child = self._borrow()
        self._child.limit = self._remaining
        if self._reason:
            self._child.stop(self._stop_error(self._reason))
        return self._child

    # --- for the runner and the heartbeat
    @property
    def seconds(self) -> float:
        """How long the work took, or takes."""
        return 0.0 if self._started is None else (self._ended or time.monotonic()) - self._started

    @property
    def is_large(self) -> bool:
        return self.job.size >= LARGE

    def start(self) -> None:
        self.check()
        self._started = time.monotonic()

    def end(self) -> None:
        self._ended = time.monotonic()
        self._child = None

    def stop(self, reason: str) -> None:
        """`lost`, `stopping` or `overdue`: the child is killed, and `check` raises from now on."""
        if self._ended is not None or self._reason:
            return
        self._reason = reason
        if (child := self._child) is not None:
            child.stop(self._stop_error(reason))

    def is_overdue(self, now: float) -> bool:
        return self._started is not None and self._ended is None and now - self._started > self._limit

    def is_lost_cause(self, now: float) -> bool:
        """Long over its time and not to be stopped (it runs in this process): its lease is left to lapse."""
        return self._started is not None and self._ended is None and now - self._started > self._limit + GRACE

    @property
    def awaits_its_turn(self) -> bool:
        """Claimed, and not begun: the hand is at another of its mates."""
        return self._started is None and not self._reason

    def has_lasted(self, now: float, seconds: float) -> bool:
        """Begun so long ago, and still at it."""
        return self._started is not None and self._ended is None and now - self._started >= seconds

    def may_tell_began(self, now: float, after: float) -> bool:
        return self.has_lasted(now, after) and not self.told_began and not self._reason

    @property
    def _limit(self) -> float:
        return self.kind.time_limit.total_seconds()

    def _remaining(self) -> float:
        return max(self._limit - self.seconds, 0.0)

    def _stop_error(self, reason: str) -> Exception:
        if reason == "stopping":
            return HandedBack()
        if reason == "overdue":
            return ChildTimeout(self._limit)
        return Lost()

    def _store(self, percent: int, step: str, message: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE jobs_job j SET percent = %s, step = %s, message = %s"  # noqa: S608 (our own text)
                f" WHERE j.id = %s AND j.fence = %s AND {STILL_RUNS}",
                [percent, step[:60], message[:200], self.job.pk, self.job.fence],
            )
            if cursor.rowcount == 0:
                self.stop("lost")
                raise Lost
