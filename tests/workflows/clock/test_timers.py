"""Timers: each rings once and in order, however many sweepers there are and however late they come."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection, transaction

from tests.workflows.clock.conftest import NOON
from workflows import clock, running, timers
from workflows.engine.talk import Came
from workflows.models import Instance, Timer, TimerState


def states() -> dict[str, str]:
    return dict(Timer.objects.values_list("name", "state"))


def test_what_is_due_rings_oldest_first_and_the_rest_waits(paper_with, run_on, due, rung):
    one, two = run_on(paper_with("x")), run_on(paper_with("y"), key="other")
    due(one, "second", minutes=-2)
    due(two, "first", minutes=-3)
    due(one, "third", minutes=0)
    due(two, "later", minutes=1)
    assert timers.sweep(now=NOON) == 3
    assert rung == ["first", "second", "third"]
    assert states() == {"first": "fired", "second": "fired", "third": "fired", "later": "pending"}
    assert set(Timer.objects.filter(state="fired").values_list("fired_at", flat=True)) == {NOON}
    assert timers.sweep(now=NOON) == 0


def test_the_handler_sees_the_locked_run_and_the_moment_that_is_played(paper_with, run_on, due):
    seen = []
    timers.on("test", lambda timer: seen.append((timer.instance, timer.fired_at, clock.now(), timer.data)))
    instance = run_on(paper_with("x"))
    due(instance, "a", data={"n": 1})
    timers.sweep(now=NOON)
    assert seen == [(instance, NOON, NOON, {"n": 1})]
    assert seen[0][0].document == instance.document
    assert abs(clock.now() - NOON) > timedelta(days=1)


def test_dropped_timers_do_not_ring(paper_with, run_on, due, rung):
    instance = run_on(paper_with("x"))
    due(instance, "token", token=7)
    due(instance, "kind", kind="test")
    due(instance, "other")
    assert timers.drop(instance=instance, token=7) == 1
    assert timers.drop(instance=instance, name="kind", kind="test") == 1
    assert timers.sweep(now=NOON) == 1
    assert rung == ["other"]
    assert states() == {"token": "dropped", "kind": "dropped", "other": "fired"}


def test_a_timer_that_an_earlier_one_drops_does_not_ring(paper_with, run_on, due, rung):
    timers.on("dropping", lambda timer: timers.drop(instance=timer.instance, kind="test"))
    instance = run_on(paper_with("x"))
    due(instance, "first", minutes=-2, kind="dropping")
    due(instance, "second", minutes=-1)
    timers.sweep(now=NOON)
    assert (rung, states()) == ([], {"first": "fired", "second": "dropped"})


def test_an_outage_of_an_hour_is_played_in_one_sweep_each_thing_once_and_in_order(paper_with, run_on, due):
    rung = []

    def chase(timer):
        rung.append(timer.due_at)
        timers.set(
            instance=timer.instance, token=1, kind="chase.test", name="", due_at=timer.due_at + timedelta(minutes=10)
        )

    timers.on("chase.test", chase)
    due(run_on(paper_with("x")), "", minutes=-60, kind="chase.test")
    assert timers.sweep(now=NOON) == 7
    assert rung == [NOON - timedelta(minutes=60 - 10 * n) for n in range(7)]
    assert Timer.objects.get(state="pending").due_at == NOON + timedelta(minutes=10)


def test_a_handler_that_sets_its_own_timer_for_now_does_not_turn_for_ever(paper_with, run_on, due, monkeypatch):
    monkeypatch.setattr(timers, "OF_ONE_RUN", 5)
    timers.on("again", lambda timer: timers.set(instance=timer.instance, token=1, kind="again", name="", due_at=NOON))
    due(run_on(paper_with("x")), "", kind="again")
    assert timers.sweep(now=NOON) == 5


def test_a_handler_that_fails_changes_nothing_holds_up_nobody_and_is_tried_again(paper_with, run_on, due, rung, caplog):
    def fail(timer):
        Instance.objects.filter(pk=timer.instance_id).update(outcome="half")
        raise RuntimeError("boom")

    timers.on("failing", fail)
    instance = run_on(paper_with("x"))
    due(instance, "bad", minutes=-3, kind="failing")
    due(instance, "good", minutes=-2)
    due(run_on(paper_with("y"), key="other"), "another")
    assert timers.sweep(now=NOON) == 3
    instance.refresh_from_db()
    assert (rung, instance.outcome) == (["good", "another"], "")
    bad = Timer.objects.get(name="bad")
    assert (bad.state, bad.due_at, bad.fired_at) == ("pending", NOON + timedelta(seconds=5), None)
    assert (bad.data["failures"], bad.data["error"]) == (1, "RuntimeError: boom")
    assert "boom" in caplog.text
    timers.sweep(now=NOON + timedelta(seconds=5))
    bad.refresh_from_db()
    assert bad.data["failures"] == 2
    assert bad.due_at == NOON + timedelta(seconds=25)
    assert bad.data["was_due"] == (NOON - timedelta(minutes=3)).isoformat()


def test_a_kind_that_nobody_handles_waits_for_a_process_that_does(paper_with, run_on, due):
    due(run_on(paper_with("x")), "a", kind="unknown")
    timers.sweep(now=NOON)
    timer = Timer.objects.get()
    assert (timer.state, timer.data["error"]) == ("pending", "LookupError: Nobody handles timers of kind unknown.")


def test_a_run_that_has_ended_rings_no_more(paper_with, run_on, due, rung):
    instance = run_on(paper_with("x"))
    due(instance, "a")
    instance.finish()
    instance.save()
    timers.sweep(now=NOON)
    assert (rung, states()) == ([], {"a": "dropped"})


def test_a_sweep_is_bounded(paper_with, run_on, due, rung):
    for n in range(5):
        due(run_on(paper_with("x"), key=f"run-{n}"), str(n), minutes=n - 10)
    assert timers.sweep(now=NOON, limit=3) == 3
    assert timers.sweep(now=NOON, seconds=0) == 0
    assert timers.sweep(now=NOON) == 2
    assert rung == ["0", "1", "2", "3", "4"]


def test_two_handlers_for_one_kind_are_refused(rung):
    with pytest.raises(ValueError, match="handler already"):
        timers.on("test", lambda timer: None)


def test_a_timer_step_goes_on_when_its_time_has_come(publish, paper_with, now):
    definition = publish("waits", "- {id: rest, kind: timer, wait: 2 hours}")
    instance = running.start(definition=definition, document=paper_with("x"), by=None, reason={})
    timers.sweep(now=now + timedelta(minutes=119))
    instance.refresh_from_db()
    assert instance.status == "running"
    timers.sweep(now=now + timedelta(minutes=121))
    instance.refresh_from_db()
    assert (instance.status, instance.outcome) == ("finished", "done")


def test_a_timeout_takes_its_own_way(publish, paper_with, now):
    steps = """
- id: wait
  kind: wait_event
  event: never.comes
  on_timeout: {after: 1 hours, steps: [{id: late, kind: end, outcome: too_late}]}
"""
    instance = running.start(definition=publish("waits", steps), document=paper_with("x"), by=None, reason={})
    timers.sweep(now=now + timedelta(hours=2))
    instance.refresh_from_db()
    assert (instance.status, instance.outcome) == ("finished", "too_late")
    assert not Timer.objects.filter(state=TimerState.PENDING).exists()


def test_the_search_for_what_is_due_uses_its_index(paper_with, run_on, due):
    instance = run_on(paper_with("x"))
    Timer.objects.bulk_create(
        Timer(
            instance=instance,
            token=1,
            kind="test",
            due_at=NOON + timedelta(minutes=n),
            state="pending" if n % 50 == 0 else "fired",
        )
        for n in range(5_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workflows_timer")
        cursor.execute(
            "EXPLAIN SELECT instance_id, id FROM workflows_timer WHERE state = 'pending' AND due_at <= %s"
            " ORDER BY due_at, id LIMIT 500",
            [NOON],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "timer_due" in plan


# --- side by side, on the real database


def in_threads(number, work) -> None:
    failures = []

    def run():
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (told to the test)
            failures.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


@pytest.mark.django_db(transaction=True)
def test_sweepers_side_by_side_ring_nothing_twice(paper_with, run_on, due):
    rung, lock = [], threading.Lock()

    def note(timer):
        time.sleep(0.002)
        with lock:
            rung.append(timer.name)

    timers.on("test", note)
    for run in range(12):
        instance = run_on(paper_with("x"), key=f"run-{run}")
        for n in range(6):
            due(instance, f"{run:02}.{n}", minutes=-60 + run + n)

    def sweep_until_nothing():
        until = time.monotonic() + 30
        while Timer.objects.filter(state="pending").exists() and time.monotonic() < until:
            timers.sweep(now=NOON)

    in_threads(4, sweep_until_nothing)
    assert len(rung) == 72
    assert len(set(rung)) == 72
    for run in range(12):
        assert [name for name in rung if name.startswith(f"{run:02}.")] == [f"{run:02}.{n}" for n in range(6)]


@pytest.mark.django_db(transaction=True)
def test_a_timer_and_a_decision_at_the_same_moment_give_one_outcome(publish, paper_with, now):
    """Whoever has the run first wins; the other finds the token gone."""
    steps = """
- id: wait
  kind: wait_event
  event: comes
  on_timeout: {after: 1 hours, steps: [{id: late, kind: end, outcome: too_late}]}
- {id: in_time, kind: end, outcome: in_time}
"""
    definition = publish("races", steps)
    for _ in range(6):
        instance = running.start(definition=definition, document=paper_with("x"), by=None, reason={})
        token = int(next(iter(instance.state["tokens"])))
        barrier = threading.Barrier(2)
        deeds = iter(
            [
                lambda: timers.sweep(now=now + timedelta(hours=2)),
                lambda pk=instance.pk, token=token: running.tell(
                    instance_id=pk, news=Came(token, event="comes"), by=None
                ),
            ]
        )

        def race(deeds=deeds, barrier=barrier):
            deed = next(deeds)
            barrier.wait()
            deed()

        in_threads(2, race)
        instance.refresh_from_db()
        assert instance.status == "finished"
        assert instance.outcome in ("too_late", "in_time")
        assert instance.state["tokens"] == {}


@pytest.mark.django_db(transaction=True)
def test_a_run_that_somebody_holds_does_not_hold_up_the_other_sweeper(paper_with, run_on, due, rung):
    """The one who waits for the run has claimed its timers; the other sweeper goes on with the next run."""
    one, two = run_on(paper_with("x")), run_on(paper_with("y"), key="other")
    due(one, "held", minutes=-5)
    due(two, "free", minutes=-4)
    with transaction.atomic():
        Instance.objects.select_for_update().get(pk=one.pk)
        first = threading.Thread(target=lambda: (timers.sweep(now=NOON), connection.close()))
        first.start()
        time.sleep(0.5)
        second = threading.Thread(target=lambda: (timers.sweep(now=NOON), connection.close()))
        second.start()
        second.join(10)
        assert not second.is_alive()
        assert rung == ["free"]
    first.join(10)
    assert sorted(rung) == ["free", "held"]


def test_what_rang_long_ago_is_forgotten_and_what_is_pending_never(paper_with, run_on, due, rung, monkeypatch):
    monkeypatch.setattr(timers, "FORGOTTEN_AT_ONCE", 2)
    instance = run_on(paper_with("x"))
    for number in range(5):
        due(instance, f"rang {number}")
    due(instance, "dropped", token=7)
    timers.drop(instance=instance, token=7)
    timers.sweep(now=NOON)
    due(instance, "never rung")
    Timer.objects.update(due_at=NOON - timedelta(days=31))
    due(instance, "of today")
    timers.drop(instance=instance, name="of today", kind="test")
    Timer.objects.filter(name="of today").update(due_at=clock.now())
    assert timers.forget() == 6
    assert states() == {"never rung": "pending", "of today": "dropped"}
