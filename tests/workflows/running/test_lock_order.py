"""What waits and what ends at the same moment: every path takes its locks in one order, so nobody is a deadlock's
victim. The order is written down in `workflows.locks`."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from accounts.rights import rights_of
from tests.workflows.running.conftest import paper_of
from tests.workflows.running.test_races import together
from tests.workflows.running.test_together import answer, start, work_off
from tests.workflows.running.test_waiting import holds, steps_of, stop, wait
from workflows import coming, control, happenings, running
from workflows.engine.talk import Done
from workflows.models import Dependency, Instance, InstanceStatus, Subscription
from workflows.turn import Turn

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, SECONDS = 200, 8.0
FEW, SHORT = 30, 3.0
WORK = "- {id: one, kind: service, call: text.find, with: {words: [a]}}"
MORE = f"{WORK}\n- {{id: two, kind: timer, wait: 1 days}}"
EARS = """
- id: both
  kind: parallel
  branches:
    - steps: [{id: here, kind: wait_event, event: workflow.finished, key: {expr: vars.first}}]
    - steps: [{id: there, kind: wait_event, event: workflow.finished, key: {expr: vars.second}}]
"""
LISTEN_AND_END = """
- {id: one, kind: service, call: text.find, with: {words: [a]}, save: other}
- id: both
  kind: parallel
  branches:
    - steps: [{id: ear, kind: wait_event, event: workflow.finished, key: {expr: vars.other.id}}]
    - steps: [{id: over, kind: end, outcome: done}]
"""
TEXTS = {"first": {"type": "string"}, "second": {"type": "string"}}


def deadlocks() -> int:
    """So many PostgreSQL has ended in this database; those that somebody did again are among them."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def rounds(most: int, seconds: float) -> Iterator[int]:
    """So many, or as many as there is time for."""
    until = time.monotonic() + seconds
    for number in range(most):
        if time.monotonic() > until:
            return
        yield number


def test_two_that_listen_for_the_same_two_ends(publish, clerk):
    idle, ears = publish("idle", WORK, one_at_a_time=False), publish("ears", EARS, variables=TEXTS)
    here, there = (start(idle, by=clerk) for _ in range(2))
    before = deadlocks()

    def listen(first: Instance, second: Instance) -> Callable[[], object]:
        return lambda: start(ears, by=clerk, variables={"first": str(first.pk), "second": str(second.pk)})

    for _ in rounds(FEW, SHORT):
        together(*[listen(here, there), listen(there, here)] * 2)
    assert deadlocks() == before
    assert Subscription.objects.filter(key=str(here.pk)).count() == Subscription.objects.count() / 2 > 0


def test_two_that_listen_for_each_others_end_and_end(publish, clerk):
    definition = publish("both", LISTEN_AND_END, variables={"other": {"type": "map"}})
    before = deadlocks()
    for _ in rounds(FEW, SHORT):
        first, second = (start(definition, by=clerk) for _ in range(2))
        together(answered(first.pk, {"id": str(second.pk)}), answered(second.pk, {"id": str(first.pk)}))
        for run in Instance.objects.filter(pk__in=[first.pk, second.pk]):
            assert run.status == InstanceStatus.FINISHED
    assert deadlocks() == before


def test_additions_and_ends_and_what_is_taken_away_against_each_other(
    publish, operations, clerk, api_source, administrator
):
    """Additions, removals, ends, cancels and migrations of runs with and without a document, with subflows."""
    publish("child", WORK, one_at_a_time=False)
    parents = publish("parents", "[{id: sub, kind: subflow, definition: child}]", one_at_a_time=False)
    alone = publish("alone", MORE, one_at_a_time=False)
    papers = [paper_of(operations, clerk, api_source, title) for title in "AB"]
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    before, done = deadlocks(), 0
    runs: list[Instance] = []

    def some() -> Instance:
        return chance.choice(runs)

    def deed() -> Callable[[], object]:
        run, other = some(), some()
        if (kind := chance.randrange(6)) < 2:
            return lambda: wait(run, other, administrator)
        if kind == 2 and (found := Dependency.objects.filter(instance=run, met_at=None).first()):
            return lambda: stop(run, found, administrator)
        if kind == 3:
            return lambda: control.cancel(instance_id=run.pk, by=administrator, rights=rights_of(administrator))
        return answered(run.pk)

    for number in rounds(ROUNDS, SECONDS):
        if number % 20 == 0:
            runs = [start(alone, paper, clerk) for paper in [*papers, None]]
            made = [start(parents, paper, clerk) for paper in [*papers, None]]
            runs += [*made, *Instance.objects.filter(parent__in=made)]
        together(*[deed() for _ in range(4)])
        done += 1
    while work_off("workflow.came"):
        pass
    assert deadlocks() == before, f"seed {seed}, {done} rounds"
    assert done > 20
    for run in runs:
        holds(run)


def test_a_run_that_is_let_go_and_listens_for_what_it_was_waiting_for(publish, clerk, administrator):
    idle = publish("idle", WORK, one_at_a_time=False)
    ear = f"{WORK}\n- {{id: ear, kind: wait_event, event: workflow.finished, key: {{expr: vars.first}}}}"
    waits = publish("waits", ear, variables=TEXTS, one_at_a_time=False)
    before = deadlocks()
    for _ in rounds(FEW, SHORT):
        first = start(idle, by=clerk)
        run = start(waits, by=clerk, variables={"first": str(first.pk)})
        dependency = wait(run, first, administrator)
        answer(run)
        together(answered(first.pk), lambda run=run, one=dependency: stop(run, one, administrator))
        while work_off("workflow.came"):
            pass
        assert Instance.objects.get(pk=run.pk).status == InstanceStatus.FINISHED
    assert deadlocks() == before


def test_who_ends_after_the_look_and_before_the_lock_is_heard(publish, clerk, monkeypatch):
    first = start(publish("idle", WORK), by=clerk)
    hold = happenings.hold
    here = threading.get_ident()

    def late(**what: object) -> None:
        if threading.get_ident() == here and what.get("listening") and Instance.objects.get(pk=first.pk).is_alive:
            together(answered(first.pk))
        hold(**what)

    monkeypatch.setattr(happenings, "hold", late)
    ear = f"[{{id: ear, kind: wait_event, event: workflow.finished, key: '{str(first.pk).upper()}', save: got}}]"
    run = start(publish("ear", ear, variables={"got": {"type": "map"}}), by=clerk)
    assert (run.status, Subscription.objects.count()) == (InstanceStatus.RUNNING, 1)
    assert work_off("workflow.came") == 1
    run.refresh_from_db()
    assert (run.status, run.state["vars"]["got"]["id"]) == (InstanceStatus.FINISHED, str(first.pk))
    assert not Subscription.objects.exists()


# --- what leaves the order


def lock(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(-1, %s)", [number])


def in_the_way(began: threading.Event, holds: threading.Event) -> None:
    """Holds 2 and wants 1, a little after who holds 1 wants 2: that one is the deadlock's victim."""
    with transaction.atomic():
        lock(2)
        holds.set()
        assert began.wait(10)
        time.sleep(0.3)
        lock(1)
    connection.close()


@pytest.fixture
def victim() -> Iterator[Callable[[], None]]:
    """Makes the transaction that calls it a deadlock's victim, the first time."""
    began, holding = threading.Event(), threading.Event()
    other = threading.Thread(target=in_the_way, args=(began, holding))

    def suffer() -> None:
        if not began.is_set():
            other.start()
            assert holding.wait(10)
            lock(1)
            began.set()
            lock(2)

    yield suffer
    other.join(10)


def test_a_door_does_it_again(publish, clerk, administrator, victim, monkeypatch):
    first, second = (start(publish(key, WORK), by=clerk) for key in ("first", "second"))
    finish, tries = running.finish, []

    def slow(turn: Turn) -> None:
        tries.append(1)
        finish(turn)
        victim()

    monkeypatch.setattr(running, "finish", slow)
    before = deadlocks()
    assert wait(second, first, administrator).met_at is None
    assert (len(tries), deadlocks() - before) == (2, 1)
    holds(second)


def test_a_job_is_settled_again(publish, clerk, administrator, victim, monkeypatch):
    first, second = start(publish("first", WORK), by=clerk), start(publish("second", MORE), by=clerk)
    wait(second, first, administrator)
    answer(second)
    answer(first)
    settle, tries = coming.running.finish, []

    def slow(turn: Turn) -> None:
        tries.append(1)
        settle(turn)
        victim()

    monkeypatch.setattr(coming.running, "finish", slow)
    before = deadlocks()
    assert work_off("workflow.came") == 1
    assert (len(tries), deadlocks() - before) == (2, 1)
    assert steps_of(second) == ["two"]
    holds(second)


def test_within_another_transaction_it_is_raised(publish, clerk, administrator, victim, monkeypatch):
    first, second = (start(publish(key, WORK), by=clerk) for key in ("first", "second"))
    finish = running.finish
    monkeypatch.setattr(running, "finish", lambda turn: (finish(turn), victim()))
    with pytest.raises(OperationalError, match="deadlock"), transaction.atomic():
        wait(second, first, administrator)
    assert not Dependency.objects.exists()


def answered(pk: UUID, result: object = None) -> Callable[[], object]:
    """Its service job has succeeded; nothing when it waits for none. (`refresh_from_db` is not for threads.)"""

    def tell() -> object:
        run = Instance.objects.get(pk=pk)
        tokens = (run.state or {}).get("tokens")
        return tokens and running.tell(instance_id=pk, news=Done(int(next(iter(tokens))), result=result), by=None)

    return tell
