"""One hand in batches does more than three that settle document by document: others sleep while it is at short work."""

import time

import pytest

from jobs import heartbeat, running, waking
from jobs.models import Job, JobState, Priority


@pytest.fixture
def clean(monkeypatch):
    """No mark stands, and what is done in no time is not taken for long where this machine is busy."""
    monkeypatch.setattr(heartbeat, "BEGAN_AFTER", 20.0)
    waking.forget()
    waking._redis().delete(*(waking._mark(queue) for queue in ("high", "default", "low")))
    yield
    waking._redis().delete(*(waking._mark(queue) for queue in ("high", "default", "low")))
    waking.forget()


def short(recorder, **options):
    return recorder(batch=4, short=lambda job: True, **options)


def test_what_comes_during_short_work_wakes_nobody_and_is_done_by_the_same_hand(recorder, heard, clean):
    work = short(recorder)
    sent = []

    def more(run) -> None:
        if not sent:
            sent.append(work.enqueue())

    work.work = more
    work.enqueue()
    assert running.drain("default") == 2
    assert heard == ["default"]
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.SUCCEEDED}


def test_once_the_hand_rests_the_next_one_wakes_again(recorder, heard, clean):
    work = short(recorder)
    work.enqueue()
    running.drain("default")
    work.enqueue()
    assert heard == ["default", "default"]


def test_urgent_work_wakes_while_a_hand_is_at_short_work(recorder, heard, clean):
    work = short(recorder)
    sent = []

    def more(run) -> None:
        if not sent:
            sent.append(work.enqueue(priority=Priority.HIGH))

    work.work = more
    work.enqueue()
    running.drain("default")
    assert heard == ["default", "high"]


def test_a_full_batch_with_more_behind_it_wakes_another_hand(recorder, heard, clean):
    work = short(recorder)
    work.enqueue(9)
    running.drain("default")
    assert heard[0] == "default" and len(heard) >= 2


@pytest.mark.parametrize("of", [short, lambda recorder: recorder()], ids=["short", "long"])
def test_others_are_woken_where_all_who_could_do_it_hear(recorder, heard, clean, of):
    """A hand that serves every queue would call only itself by the name of its own."""
    of(recorder).enqueue(9)
    heard.clear()
    running.drain("low")
    assert "default" in heard and "low" not in heard


def test_urgent_work_behind_is_told_to_those_of_urgent_work(recorder, heard, clean):
    work = short(recorder)
    work.enqueue(40, priority=Priority.HIGH)
    heard.clear()
    running.drain("low")
    assert "high" in heard and "low" not in heard


def test_a_long_backlog_wakes_others_ever_less_often_and_at_once_after_a_lull(monkeypatch):
    """Each wake-up costs a worker milliseconds, and who could come has come."""
    moment, cries, behind = [10.0], [], [True]
    monkeypatch.setattr(running, "CRY_EVERY", 0.125)
    monkeypatch.setattr(running, "CRY_AT_LAST", 1.0)
    monkeypatch.setattr(running.time, "monotonic", lambda: moment[0])
    monkeypatch.setattr(running.claiming, "is_full", lambda jobs: True)
    monkeypatch.setattr(running.claiming, "waits_in", lambda queue: "default" if behind[0] else None)
    monkeypatch.setattr(waking, "hold", lambda *queues: None)
    monkeypatch.setattr(waking, "pass_on", lambda queue: cries.append(moment[0] - 10))
    others = running.Others("default")

    def claim_until(end: float) -> list[float]:
        while moment[0] < end:
            moment[0] += 0.0625
            others.hear_of([Job(short=True)])
        found, cries[:] = list(cries), []
        return found

    assert claim_until(14.0) == [0.0625, 0.1875, 0.4375, 0.9375, 1.9375, 2.9375, 3.9375]
    behind[0] = False
    assert claim_until(15.0) == []
    behind[0] = True
    assert claim_until(15.5) == [5.0625, 5.1875, 5.4375]


def test_short_work_that_turns_out_long_wakes_another_hand(recorder, heard, clean, monkeypatch):
    monkeypatch.setattr(heartbeat, "BEGAN_AFTER", 0.05)
    work = short(recorder, work=lambda run: time.sleep(0.5))
    work.enqueue()
    running.drain("default")
    assert heard == ["default", "default"]
