"""Kinds of work: what the queue can run. An app registers its kinds when it is ready; the queue knows nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobs.models import Job
    from jobs.running import Run


class Transient(Exception):
    """The moment is bad (network, lock, service away): try again later, nobody needs to know."""


class Cancelled(Exception):
    """Somebody asked for this work to stop; raised inside `perform` by `Run.check`."""


@dataclass(frozen=True)
class Done:
    """A job with what `perform` returned for it."""

    job: "Job"
    value: Any


def _nothing(jobs: Sequence[Any]) -> None:
    """No hook."""


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    The runner calls, for each batch of claimed jobs (one job unless `short`, which is asked when it is enqueued and
    promises well under 0.1 s of work; a batch is at most `batch` jobs and about 0.2 s):

    1. `perform(run)` for each job, outside any transaction; slow work, may take long; returns any value.
    2. one short transaction: `lock(jobs)` (take the rows of the subjects, in id order: they come before Job in the
       house's lock order), the guarded UPDATE of the jobs to succeeded, then `settle(done)` with only those jobs
       whose guard held. Effects belong into `settle` and nowhere else: they happen once. A kind that gives
       neither `lock` nor `settle` has no effects.

    `began(jobs)` is called in a transaction of its own (after `lock`) once an attempt has lasted 0.1 s: quick work goes
    from waiting to done in one step. `retrying(jobs)`, `died(jobs)` and `cancelled(jobs)` are called in the transaction
    (after `lock`) that moves the jobs to failed, dead or cancelled; `job.error_code` and `job.error_detail` are set.
    `retrying` is also called when jobs wait again because their worker died or was stopped (`job.state` is queued), and
    `requeued` when somebody has an ended job done again: both mean "it waits again".
    What `perform` needs and cannot reach just now (a storage, a service elsewhere) it tells by raising
    `accounts.refusals.Unavailable`: the job waits with growing pauses and spends no attempt, for about twenty minutes.
    `progressed(job, percent, step, eta)` is called outside any transaction, at most five times a second, for attempts
    that have lasted 0.1 s: tell it live, store nothing; without one, `job.progress` is told. `child_modules` are
    imported by child processes as they start.
    """

    name: str
    perform: Callable[["Run"], Any]
    settle: Callable[[Sequence[Done]], None] = _nothing
    lock: Callable[[Sequence["Job"]], None] = _nothing
    began: Callable[[Sequence["Job"]], None] = _nothing
    retrying: Callable[[Sequence["Job"]], None] = _nothing
    died: Callable[[Sequence["Job"]], None] = _nothing
    cancelled: Callable[[Sequence["Job"]], None] = _nothing
    requeued: Callable[[Sequence["Job"]], None] = _nothing
    progressed: Callable[["Job", int, str, float | None], None] | None = None
    child_modules: tuple[str, ...] = ()
    time_limit: timedelta = timedelta(minutes=10)
    max_attempts: int = 3
    batch: int = 1
    short: Callable[["Job"], bool] = field(default=lambda job: False)

    @property
    def without_effects(self) -> bool:
        """Nothing is written where it is finished but the job itself: then one statement finishes and claims on."""
        return self.settle is _nothing and self.lock is _nothing


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known. Registering another kind under the same name is a mistake of ours: ValueError."""
    if _kinds.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"There is already a kind of work named {kind.name}.")
    return kind


def is_registered(name: str) -> bool:
    return name in _kinds


def get(name: str) -> Kind:
    """Raises KeyError for a kind that this process does not know (an older worker during an upgrade)."""
    return _kinds[name]


def names() -> list[str]:
    """What this process can run."""
    return list(_kinds)


def batching() -> list[Kind]:
    """The kinds whose short jobs share batches."""
    return [kind for kind in _kinds.values() if kind.batch > 1]


def child_modules() -> list[str]:
    return sorted({module for kind in _kinds.values() for module in kind.child_modules})
