"""Deeds on very many jobs, as jobs themselves: nobody's request waits for them, and they tell how far they are.

What a request can do in a moment is done in it. More becomes one job that goes through it in bounded pieces, each in a
transaction of its own with its record; done again after a worker's death it goes on with what is left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import User
from jobs import enqueueing, kinds, unasked
from jobs.kinds import Kind
from jobs.models import Job
from jobs.run import Run

RETRY_AT_ONCE, CLEAN_AT_ONCE = 200, 5_000
TIME_LIMIT = timedelta(hours=6)


@dataclass(frozen=True)
class Chore:
    """How many jobs it is about, and the job that does it; without one it is done."""

    count: int
    job: Job | None = None


def retry_dead(*, by: User, error_code: str = "", kind: str = "") -> Chore:
    """As `unasked.retry_dead`, but more than 200 are done by a worker."""
    return _done_or_enqueued(
        unasked.dead(error_code=error_code, kind=kind),
        RETRY_AT_ONCE,
        lambda: unasked.retry_dead(by=by, error_code=error_code, kind=kind),
        lambda: enqueueing.enqueue(RETRY.name, payload={"error_code": error_code, "kind": kind}, owner=by),
    )


def clean_finished(*, by: User, states: Sequence[str], older_than: timedelta) -> Chore:
    """As `unasked.clean_finished`, but more than 5,000 are removed by a worker."""
    before = (timezone.now() - older_than).isoformat()
    return _done_or_enqueued(
        unasked.finished(states=states, older_than=older_than),
        CLEAN_AT_ONCE,
        lambda: unasked.clean_finished(by=by, states=states, older_than=older_than),
        lambda: enqueueing.enqueue(CLEAN.name, payload={"states": list(states), "before": before}, owner=by),
    )


def register() -> None:
    kinds.register(RETRY)
    kinds.register(CLEAN)


def _done_or_enqueued(jobs: QuerySet[Job], at_once: int, do: Callable[[], int], enqueue: Callable[[], Job]) -> Chore:
    if len(jobs.values_list("pk", flat=True)[: at_once + 1]) <= at_once:
        return Chore(do())
    count = jobs.count()
    with transaction.atomic():
        return Chore(count, enqueue())


def _retry(run: Run) -> None:
    of = {name: run.payload[name] for name in ("error_code", "kind")}
    total = unasked.dead(**of).count()
    unasked.retry_dead(by=run.job.owner, each=_teller(run, total, "retrying"), **of)


def _clean(run: Run) -> None:
    before = parse_datetime(run.payload["before"])
    states, age = run.payload["states"], timezone.now() - (before or timezone.now())
    total = unasked.finished(states=states, older_than=age).count()
    unasked.clean_finished(by=run.job.owner, states=states, older_than=age, each=_teller(run, total, "removing"))


def _teller(run: Run, total: int, step: str) -> Callable[[int], None]:
    def tell(done: int) -> None:
        """Raises when somebody has stopped it."""
        run.progress(100 * done // max(total, 1), step, f"{done:,} of {total:,}")

    return tell


RETRY = Kind("queue.retry", perform=_retry, time_limit=TIME_LIMIT)
CLEAN = Kind("queue.clean", perform=_clean, time_limit=TIME_LIMIT)
