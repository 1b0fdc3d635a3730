"""One hand in batches does more than three that settle document by document: others sleep while it is at short work."""

import time

import pytest

from jobs import heartbeat, running, waking
from jobs.models import Job, JobState, Priority


@pytest.fixture
def clean():
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


def test_short_work_that_turns_out_long_wakes_another_hand(recorder, heard, clean, monkeypatch):
    monkeypatch.setattr(heartbeat, "BEGAN_AFTER", 0.05)
    work = short(recorder, work=lambda run: time.sleep(0.5))
    work.enqueue()
    running.drain("default")
    assert heard == ["default", "default"]
