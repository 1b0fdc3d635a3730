"""Jobs of kinds that say nothing of batches: in groups while they are quick, alone when they are not."""

import threading
import time

import pytest

from jobs import claiming, heartbeat, kinds, leases, running
from jobs.finishing import Failure, fail
from jobs.models import Job
from jobs.run import Lost, Run


def watched(work, seconds: float, times: int = claiming.WATCHED) -> None:
    for _ in range(times):
        claiming.remember_pace(work.kind.name, seconds)


def test_quick_work_is_claimed_and_settled_in_groups_and_the_unknown_alone(recorder):
    work = recorder()
    work.enqueue(40)
    assert running.drain("default") == 40
    assert work.batches[: claiming.WATCHED] == [1] * claiming.WATCHED
    assert max(work.batches) > 1
    assert sum(work.batches) == 40
    assert set(Job.objects.values_list("state", "attempt", "fence")) == {("succeeded", 1, 1)}


@pytest.mark.parametrize(("seconds", "expected"), [(0.0001, 20), (0.02, 15), (0.03, 10), (0.19, 1), (0.3, 1)])
def test_a_group_lasts_about_three_tenths_of_a_second(recorder, claim, seconds, expected):
    work = recorder()
    watched(work, seconds)
    work.enqueue(24)
    assert len(claim()) == expected


def test_one_slow_job_is_remembered_for_a_while(recorder, claim):
    work = recorder()
    watched(work, 0.0001)
    watched(work, 5.0, 1)
    watched(work, 0.0001, 20)
    work.enqueue(3)
    assert len(claim()) == 1
    watched(work, 0.0001, 100)
    assert len(claim()) == 2


def test_a_kind_that_says_which_of_its_jobs_are_short_is_taken_at_its_word(recorder, claim):
    work = recorder(batch=4, short=lambda job: job.payload["n"] > 0)
    watched(work, 0.0001)
    work.enqueue(6)
    assert [len(claim()) for _ in range(3)] == [1, 4, 1]


def test_who_was_tried_before_is_done_alone(recorder, claim):
    work = recorder()
    first, *_ = work.enqueue(4)
    [attempt] = claim()
    fail(work.kind, attempt, Failure("internal", "no"))
    Job.objects.filter(pk=first.pk).update(state="queued", run_after=None)
    watched(work, 0.0001)
    assert [[job.pk == first.pk for job in claim()] for _ in range(2)] == [[True], [False] * 3]


def test_a_death_in_a_group_spends_no_attempt_and_it_is_done_alone_then(recorder, claim, lapse):
    work = recorder()
    watched(work, 0.0001)
    work.enqueue(3)
    assert [job.short for job in claim()] == [True] * 3
    lapse()
    leases.expire_leases()
    assert set(Job.objects.values_list("state", "attempt", "short")) == {("queued", 0, False)}
    for _ in range(3):
        assert len(claim()) == 1


def test_what_was_claimed_with_work_that_turns_out_to_be_long_waits_again(recorder, claim):
    go_on = threading.Event()
    work = recorder(work=lambda run: go_on.wait(20) if run.payload["n"] == 0 else None)
    watched(work, 0.0001)
    long, *others = work.enqueue(3)
    hand = threading.Thread(target=running.drain, args=["default"])
    hand.start()
    until = time.monotonic() + 10
    while set(Job.objects.filter(fence=1).values_list("state", flat=True)) != {"running", "queued"}:
        assert time.monotonic() < until
        time.sleep(0.02)
    waiting = set(Job.objects.filter(state="queued").values_list("pk", "attempt"))
    go_on.set()
    hand.join()
    assert waiting == {(job.pk, 0) for job in others}
    assert set(Job.objects.values_list("state", "attempt")) == {("succeeded", 1)}
    assert sorted(job.pk for job in work.settled) == sorted(job.pk for job in (long, *others))
    assert len(work.settled) == 3


def test_a_mate_that_was_released_is_not_begun_by_its_old_hand(recorder, claim):
    work = recorder()
    watched(work, 0.0001)
    work.enqueue(2)
    kind = kinds.get(work.kind.name)
    first, second = (Run(job, kind, lambda: None) for job in claim())
    first.mates = second.mates = [first, second]
    first.start()
    heartbeat._release([mate for mate in first.mates if mate.awaits_its_turn])
    with pytest.raises(Lost):
        second.start()
    assert Job.objects.filter(state="queued").get().pk == second.job.pk
