"""Running: a hand claims, performs and settles jobs until nothing is claimable."""

import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from accounts.refusals import Unavailable
from jobs import claiming, finishing, kinds, presence, turns, waking
from jobs.children import Child, ChildFailed, ChildTimeout
from jobs.finishing import Failure
from jobs.heartbeat import HEART
from jobs.kinds import Cancelled, Done, Kind, Transient
from jobs.models import Job
from jobs.nursery import NURSERY
from jobs.run import HandedBack, Lost, Run

__all__ = ["HandedBack", "Lost", "Run", "drain", "work_off"]

logger = logging.getLogger(__name__)

FINISH_FOR = 20.0  # seconds that a finished attempt tries to write its result while PostgreSQL is away
SERVED = {"high": ("high",), "default": ("high", "default"), "low": ("high", "default", "low")}

CRY_EVERY = 0.1  # seconds between two looks whether others should be woken for short work
CRY_AT_LAST = 2.0  # and between two cries, at last: who could come has come, whoever rests polls as often

Outcome = Done | BaseException
Next = Callable[[], list[Job]]


def drain(queue: str) -> int:
    """Run what a worker of `queue` may claim until nothing is left; the number of jobs that ended.

    Takes one hand of this process; with none free it returns 0, and the busy ones look once more before they rest.
    Never raises for the fault of a job or because PostgreSQL is away (the work waits).
    """
    me = presence.mine()
    if not me.may_claim or not me.take_hand():
        return 0
    ended, resting = 0, False
    try:
        while not resting:
            heard = me.knocks()
            try:
                ended += _until_nothing_is_claimable(queue)
            except (OperationalError, InterfaceError) as error:
                logger.warning("Cannot claim work, PostgreSQL is away: %s", error)
                connection.close()
                break
            resting = me.rest_hand(heard)
        return ended
    finally:
        if not resting:
            me.drop_hand()
        if not connection.in_atomic_block:
            connection.close()


def work_off(jobs: Sequence[Job], *, then: "Claims | None" = None) -> list[Job]:
    """Perform and settle claimed jobs of one kind. `then` claims the next ones, in the settling transaction.

    Returns what was claimed.
    """
    if not jobs:
        return []
    kind, hand = kinds.get(jobs[0].kind), Hand()
    runs = [Run(job, kind, hand.child) for job in jobs]
    for run in runs:
        run.mates, run.shared = runs, runs[0].shared
    HEART.watch(runs)
    try:
        outcomes = _perform_all(kind, runs)
        return _settle(kind, outcomes, then)
    finally:
        HEART.forget(runs)
        hand.rest()


@dataclass
class Hand:
    """Holds the child process of one batch: borrowed when a job first asks for it."""

    _child: Child | None = None

    def child(self) -> Child:
        if self._child is None:
            self._child = NURSERY.take()
        return self._child

    def rest(self) -> None:
        if self._child is not None:
            NURSERY.give_back(self._child)
            self._child = None


class Claims:
    """How a hand gets its next jobs: with a statement of their own, or with the one that finishes the last ones."""

    def __init__(self, queue: str) -> None:
        self._queue, self._me = queue, presence.mine()

    def next(self) -> list[Job]:
        if not self._me.may_claim:
            return []
        return claiming.claim(self._queue, worker=self._me.id, large=self._large())

    def finish_and_next(self, done: Sequence[tuple[Run, Done]]) -> list[Job] | None:
        """None when that cannot be done in one statement: nothing was changed."""
        kind = done[0][0].kind
        if not kind.without_effects or not self._me.may_claim or any(run.job.parent_id for run, _ in done):
            return None
        took = [run.seconds for run, _ in done]
        values = [value for _, value in done]
        return claiming.finish_and_claim(values, took, self._queue, worker=self._me.id, large=self._large())

    def _large(self) -> bool:
        return HEART.may_take_large(self._me.concurrency)


def _until_nothing_is_claimable(queue: str) -> int:
    """One commit by batch: what settles a batch also claims the next (FINDINGS: ten times as fast)."""
    me, claims, others = presence.mine(), Claims(queue), Others(queue)
    ended = 0
    others.may_come()
    jobs = claims.next()
    while jobs:
        _besides(lambda claimed=jobs: others.hear_of(claimed))  # type: ignore[misc]
        ended += len(jobs)
        me.jobs_done += len(jobs)
        jobs = work_off(jobs, then=claims)
        _besides(turns.MARKS.look_near)
        if not jobs:
            others.may_come()
            jobs = claims.next()
    if not me.may_claim:
        _besides(lambda: _leave_to_others(queue))
    elif not ended:
        _besides(lambda: waking.leave_alone(*(set(SERVED[queue]) & claiming.paused())))
    return ended


def _leave_to_others(queue: str) -> None:
    """This process stops: what came while it held the mark is somebody else's now."""
    if behind := claiming.waits_in(queue):
        waking.wake(behind)


def _besides(act: Callable[[], None]) -> None:
    """What must not keep this hand from the jobs that it has claimed: should PostgreSQL be away, settling will tell."""
    try:
        act()
    except (OperationalError, InterfaceError) as error:
        logger.warning("PostgreSQL is away: %s", error)
        connection.close()


class Others:
    """The other hands, and when to wake them (see `jobs.waking`)."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._know = False
        self._held = self._quiet_until = 0.0
        self._pause = CRY_EVERY

    def may_come(self) -> None:
        """From now on what is enqueued wakes somebody: this hand is about to look for the last time."""
        waking.heard(*SERVED[self._queue])
        self._held = self._quiet_until = 0.0
        self._pause = CRY_EVERY

    def hear_of(self, jobs: Sequence[Job]) -> None:
        """Wake another hand where one is not enough for what was claimed."""
        if all(job.short for job in jobs):
            self._know = False
            if time.monotonic() - self._held >= CRY_EVERY:
                self._hear_of_short_work(jobs)
                self._held = time.monotonic()
        elif not self._know:
            self._know = True
            waking.heard(*SERVED[self._queue])
            if behind := claiming.waits_in(self._queue):
                waking.wake(behind)

    def _hear_of_short_work(self, jobs: Sequence[Job]) -> None:
        waking.hold(*(served for served in SERVED[self._queue] if served != "high"))  # urgent work always wakes
        if time.monotonic() < self._quiet_until:
            return
        if claiming.is_full(jobs) and (behind := claiming.waits_in(self._queue)):
            waking.pass_on(behind)
            waking.hold(*({behind} - {"high"}))
            self._quiet_until = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, CRY_AT_LAST)
        else:
            self._pause = CRY_EVERY


def _perform_all(kind: Kind, runs: Sequence[Run]) -> list[tuple[Run, Outcome]]:
    """One after the other; what is away for one is away for those behind it, which are not tried."""
    outcomes: list[tuple[Run, Outcome]] = []
    for run in runs:
        last = outcomes[-1][1] if outcomes else None
        outcomes.append((run, last if isinstance(last, Unavailable) else _perform(kind, run)))
    return outcomes


def _perform(kind: Kind, run: Run) -> Outcome:
    """The outcome as a value: errors are sorted later, when the others of the batch are safe."""
    try:
        run.start()
        return Done(run.job, kind.perform(run))
    except Exception as error:  # noqa: BLE001 (kept and sorted in _settle_failed; bugs are logged there)
        return error
    finally:
        run.end()
        if run.job.short or kind.batch == 1:
            claiming.remember_pace(kind.name, run.seconds)


def _settle(kind: Kind, outcomes: list[tuple[Run, Outcome]], claims: "Claims | None") -> list[Job]:
    done = [(run, outcome) for run, outcome in outcomes if isinstance(outcome, Done)]
    then: Next = claims.next if claims else list
    claimed: list[Job] | None = None
    if done:
        try:
            if claims is not None:
                claimed = _patiently(lambda: claims.finish_and_next(done))
            if claimed is None:
                claimed = _patiently(lambda: _succeed(kind, done, then))
        except (OperationalError, InterfaceError) as error:
            if len(done) == 1:
                outcomes = [*outcomes, (done[0][0], error)]
            else:
                claimed = None
                outcomes = [*outcomes, *_one_by_one(kind, done)]
        except Exception as error:
            logger.exception("Settling %s of kind %s failed; now one at a time", len(done), kind.name)
            outcomes = [*outcomes, *([(done[0][0], error)] if len(done) == 1 else _one_by_one(kind, done))]
    back = [run.job for run, outcome in outcomes if isinstance(outcome, HandedBack)]
    if back:
        _patiently(lambda: finishing.hand_back(kind, back))
    for run, outcome in outcomes:
        if not isinstance(outcome, (Done, HandedBack, Lost)):
            _settle_failed(kind, run, outcome)
    return then() if claimed is None else claimed


def _succeed(kind: Kind, done: Sequence[tuple[Run, Done]], then: Next) -> list[Job]:
    with transaction.atomic():
        finishing.succeed(kind, [value for _, value in done], [run.seconds for run, _ in done])
        return then()


def _one_by_one(kind: Kind, done: Sequence[tuple[Run, Done]]) -> list[tuple[Run, Outcome]]:
    """Each in a transaction of its own, so that a bad one fails alone; those that failed."""
    failed: list[tuple[Run, Outcome]] = []
    for run, outcome in done:
        try:
            _patiently(lambda run=run, outcome=outcome: _succeed(kind, [(run, outcome)], list))  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 (sorted and logged in _settle_failed)
            failed.append((run, error))
    return failed


def _settle_failed(kind: Kind, run: Run, error: BaseException) -> None:
    if isinstance(error, Cancelled):
        _patiently(lambda: finishing.cancelled(kind, run.job))
        return
    failure = _failure_of(error)
    state = _patiently(lambda: finishing.fail(kind, run.job, failure, took=run.seconds))
    if failure.code == finishing.AWAY:
        logger.warning("Job %s (%s) is now %s: %s", run.job.pk, run.job.kind, state, failure.log or failure.detail)
    elif not failure.transient:
        logger.error(
            "Job %s (%s, attempt %s) failed and is now %s: %s\n%s",
            run.job.pk, run.job.kind, run.job.attempt, state, failure.detail, failure.log,
        )  # fmt: skip


def _failure_of(error: BaseException) -> Failure:
    """Away, or transient: the moment was bad. Everything else is a fault of ours, whose traceback is kept."""
    if isinstance(error, Unavailable):
        return Failure(finishing.AWAY, error.detail, transient=True, log=error.why)
    if isinstance(error, (Transient, OperationalError, InterfaceError)):
        return Failure("transient", str(error) or type(error).__name__, transient=True)
    if isinstance(error, ChildTimeout):
        return Failure("timeout", str(error), log=error.log)
    if isinstance(error, ChildFailed):
        return Failure(error.code, str(error), log=error.log)
    trace = "".join(traceback.format_exception(error))
    return Failure("internal", f"{type(error).__name__}: {error}"[:500], log=trace)


def _patiently(write: Callable[[], Any]) -> Any:
    """Do a transaction again while PostgreSQL is away or picked us as a deadlock's victim, for 20 s at most."""
    until, pause = time.monotonic() + FINISH_FOR, 0.05
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, 2.0)
