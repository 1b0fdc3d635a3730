import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs import children, claiming, enqueueing, kinds, leases, place, presence, turns, waking
from jobs.kinds import Done, Kind
from jobs.models import Job, Priority, Queue
from jobs.nursery import NURSERY

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch) -> Iterator[None]:
    """Nothing that this process remembers of the queue survives a test."""
    monkeypatch.setattr(presence, "_mine", None)
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    turns.MARKS.forget()
    monkeypatch.setattr(claiming, "_pace", {})
    monkeypatch.setattr(claiming, "_slowest", {})
    monkeypatch.setattr(place, "_rates", None)
    monkeypatch.setattr(leases, "_lifted_at", [0.0])
    monkeypatch.setattr(children, "ALLOWED", [*children.ALLOWED, "tests.work.child_functions"])
    yield
    NURSERY.close()


@pytest.fixture(autouse=True)
def heard(monkeypatch) -> list[str]:
    """Queues that were woken; the broker is left in peace (tests of waking itself take it back)."""
    found: list[str] = []
    monkeypatch.setattr(waking, "_publish_now", waking._publish, raising=False)
    monkeypatch.setattr(waking, "_publish", found.append)
    monkeypatch.setattr(waking, "_away_until", 0.0)
    return found


@pytest.fixture
def queues(transactional_db) -> None:
    """The three queues, which a flushed database has lost."""
    for name in ("high", "default", "low"):
        Queue.objects.get_or_create(name=name)
    set_turns(0)


def set_turns(rank: int) -> None:
    """As if that rank was being claimed; sequences are not set back with the tables."""
    with connection.cursor() as cursor:
        for urgency in turns.URGENCIES:
            cursor.execute(f"SELECT setval('jobs_turn_{urgency}', %s)", [rank])


class Recorder:
    """A kind that remembers what the runner did with it."""

    def __init__(self, **options) -> None:
        self.settled: list[Job] = []
        self.values: list[object] = []
        self.batches: list[int] = []
        self.hooks: list[tuple[str, Job]] = []
        self.performed: list[Job] = []
        self.work: Callable = options.pop("work", lambda run: None)
        hooks = {
            name: (lambda jobs, name=name: self.hooks.extend((name, job) for job in jobs))
            for name in ("began", "retrying", "died", "cancelled", "requeued")
        }
        self.kind = kinds.register(
            Kind(
                name=f"test.{next(_numbers)}",
                perform=self._perform,
                settle=options.pop("settle", self._settle),
                **{**hooks, **options},
            )
        )

    def _perform(self, run):
        self.performed.append(run.job)
        return self.work(run)

    def _settle(self, done: list[Done]) -> None:
        self.batches.append(len(done))
        self.settled += [one.job for one in done]
        self.values += [one.value for one in done]

    def enqueue(self, number: int = 1, *, owner=None, priority=Priority.NORMAL, size=0, **more) -> list[Job]:
        orders = [
            enqueueing.Order(kind=self.kind.name, payload={"n": n}, owner=owner, priority=priority, size=size, **more)
            for n in range(number)
        ]
        with transaction.atomic():
            return enqueueing.enqueue_many(orders)

    def hook_names(self) -> list[str]:
        return [name for name, _ in self.hooks]


@pytest.fixture
def recorder(queues) -> type[Recorder]:
    return Recorder


@pytest.fixture
def claim(queues) -> Callable[..., list[Job]]:
    def take(queue: str = "default", worker: str = "another", **options) -> list[Job]:
        with transaction.atomic():
            return claiming.claim(queue, worker=worker, **options)

    return take


@pytest.fixture
def lapse() -> Callable[[], None]:
    """As if 15 s had passed without a heartbeat."""

    def make() -> None:
        Job.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(seconds=1))

    return make
