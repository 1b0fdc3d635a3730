import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts import history
from accounts.refusals import Unavailable
from jobs import claiming, finishing, heartbeat, leases, run, running, turns
from jobs.finishing import Failure
from jobs.kinds import Cancelled, Done, Transient
from jobs.models import Job
from realtime.models import Event


def due(job):
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(seconds=1))
    leases.promote_due()


def test_a_job_is_performed_settled_and_done(recorder):
    work = recorder(work=lambda run: run.payload["n"] * 2)
    jobs = work.enqueue(3)
    assert running.drain("default") == 3
    assert work.values == [0, 2, 4]
    done = Job.objects.get(pk=jobs[0].pk)
    assert (done.state, done.percent, done.attempt, done.lease_until) == ("succeeded", 100, 1, None)
    assert done.started_at <= done.finished_at
    assert done.took_ms is not None
    assert running.drain("default") == 0


def test_short_jobs_are_settled_by_batches(recorder):
    work = recorder(batch=16, short=lambda job: True)
    work.enqueue(40)
    running.drain("default")
    assert sum(work.batches) == 40
    assert max(work.batches) > 1
    assert Job.objects.filter(state="succeeded").count() == 40


def test_a_stale_attempt_changes_nothing(recorder, claim):
    work = recorder()
    work.enqueue()
    stale = claim(worker="first")[0]
    finishing.hand_back(work.kind, [stale])
    newer = claim(worker="second")[0]
    stale = Job.objects.get(pk=newer.pk)
    finishing.as_written(stale, fence=1)
    with transaction.atomic():
        assert finishing.succeed(work.kind, [Done(stale, 1)], [0.1]) == []
    assert finishing.fail(work.kind, stale, Failure("internal", "late")) is None
    assert finishing.cancelled(work.kind, stale) is False
    assert finishing.hand_back(work.kind, [stale]) == 0
    now = Job.objects.get()
    assert (now.state, now.worker, now.fence, now.attempt, now.failures) == ("running", "second", 2, 1, [])
    assert work.settled == []
    assert work.hook_names() == ["retrying"]


def test_only_those_whose_guard_held_are_settled(recorder, claim):
    work = recorder(batch=8, short=lambda job: True)
    work.enqueue(4)
    jobs = claim()
    Job.objects.filter(pk=jobs[1].pk).update(state="cancelled")
    with transaction.atomic():
        finishing.succeed(work.kind, [Done(job, None) for job in jobs], [0.0] * len(jobs))
    assert [job.pk for job in work.settled] == [job.pk for job in jobs if job.pk != jobs[1].pk]
    assert Job.objects.get(pk=jobs[1].pk).state == "cancelled"


def test_one_bad_job_of_a_batch_fails_alone(recorder):
    settled = []

    def settle(done):
        for one in done:
            if one.job.payload["n"] == 2:
                raise ValueError("cannot be written")
        settled.extend(one.job.payload["n"] for one in done)

    work = recorder(batch=8, short=lambda job: True, settle=settle)
    work.enqueue(8)
    running.drain("default")
    assert sorted(settled) == [0, 1, 3, 4, 5, 6, 7]
    failed = Job.objects.get(state="failed")
    assert failed.payload == {"n": 2}
    assert failed.error_code == "internal"
    assert "cannot be written" in failed.error_detail
    assert Job.objects.filter(state="succeeded").count() == 7


def test_a_bug_is_tried_again_later_with_its_traceback_kept(recorder, caplog):
    def fall(run):
        raise KeyError("facts")

    work = recorder(work=fall)
    job = work.enqueue()[0]
    running.drain("default")
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.run_after is not None
    assert (job.error_code, job.attempt) == ("internal", 1)
    assert "KeyError" in job.failures[0]["log"]
    assert "KeyError" in caplog.text
    assert work.hook_names() == ["retrying"]
    assert running.drain("default") == 0


def test_a_job_is_dead_after_its_last_attempt_and_administrators_hear_of_it(recorder):
    work = recorder(work=lambda run: 1 / 0, max_attempts=3)
    job = work.enqueue()[0]
    for _ in range(3):
        running.drain("default")
        if Job.objects.get().state == "failed":
            due(job)
    job.refresh_from_db()
    assert (job.state, job.attempt, len(job.failures)) == ("dead", 3, 3)
    assert job.finished_at is not None
    assert work.hook_names() == ["retrying", "retrying", "died"]
    told = Event.objects.get(type="job.dead")
    assert "admin" in told.audience
    assert told.data["error_code"] == "internal"
    assert running.drain("default") == 0


@pytest.mark.parametrize("error", [Transient("service away"), OperationalError("server closed the connection")])
def test_a_bad_moment_waits_longer_and_is_no_error_of_ours(recorder, caplog, error):
    def away(run):
        raise error

    work = recorder(work=away)
    job = work.enqueue()[0]
    running.drain("default")
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "transient")
    assert "ERROR" not in caplog.text
    assert work.hook_names() == ["retrying"]


def away(run):
    raise Unavailable("It is away.")


def test_what_is_away_costs_no_attempt_and_is_looked_for_less_and_less_often(recorder, caplog):
    work = recorder(work=away, max_attempts=2)
    job = work.enqueue()[0]
    pauses = []
    for number in range(1, finishing.SPARED + 1):
        running.drain("default")
        job.refresh_from_db()
        assert (job.state, job.attempt, job.error_code, len(job.failures)) == ("failed", 0, "away", number)
        pauses.append((job.run_after - timezone.now()).total_seconds())
        due(job)
    assert all(5 * 2**n - 5 < seconds <= 10 * 2**n for n, seconds in enumerate(pauses[:5]))
    assert max(pauses) <= 300 and min(pauses[5:]) > 140
    assert "ERROR" not in caplog.text


def test_what_stays_away_spends_its_attempts_and_does_not_go_round_for_ever(recorder):
    work = recorder(work=away, max_attempts=2)
    job = work.enqueue()[0]
    for _ in range(finishing.SPARED):
        running.drain("default")
        due(job)
    for attempt, state in ((1, "failed"), (2, "dead")):
        running.drain("default")
        job.refresh_from_db()
        assert (job.state, job.attempt, job.error_code) == (state, attempt, "away")
        if state == "failed":
            due(job)
    assert work.hook_names() == ["retrying"] * (finishing.SPARED + 1) + ["died"]


def test_another_failure_in_between_is_counted_and_begins_the_patience_anew(recorder):
    errors = [Unavailable("away")] * 3 + [ValueError("ours")] + [Unavailable("away")] * 3

    def fall(run):
        raise errors.pop(0)

    work = recorder(work=fall)
    job = work.enqueue()[0]
    seen = []
    for _ in range(7):
        running.drain("default")
        job.refresh_from_db()
        seen.append((job.attempt, finishing.away_in_a_row(job)))
        due(job)
    assert seen == [(0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (1, 3)]


def test_what_is_away_for_one_of_a_batch_is_not_asked_for_by_those_behind_it(recorder):
    work = recorder(work=away, batch=8, short=lambda job: True)
    work.enqueue(8)
    running.drain("default")
    assert set(Job.objects.values_list("state", "attempt", "error_code")) == {("failed", 0, "away")}
    assert len(work.performed) < 8


def test_waits_grow_and_are_spread():
    for attempt, most in ((1, 1), (2, 4), (3, 16)):
        waits = [finishing.backoff(attempt, transient=False).total_seconds() for _ in range(50)]
        assert most / 2 <= min(waits)
        assert max(waits) <= most
        assert len(set(waits)) > 10
    assert finishing.backoff(1, transient=True) > finishing.backoff(1, transient=False)
    assert finishing.backoff(30, transient=True).total_seconds() <= 300


def test_work_may_cancel_itself(recorder):
    def stop(run):
        raise Cancelled

    work = recorder(work=stop)
    work.enqueue()
    running.drain("default")
    assert Job.objects.get().state == "cancelled"
    assert work.hook_names() == ["cancelled"]
    assert work.settled == []


def test_effects_and_the_state_are_one_transaction(recorder):
    def settle(done):
        for one in done:
            history.record("job", one.job.pk, "effect", by=None)
        if done[0].job.attempt == 1:
            raise RuntimeError("after the effect")

    work = recorder(settle=settle)
    job = work.enqueue()[0]
    running.drain("default")
    assert history.of("job", job.pk).count() == 0
    due(job)
    running.drain("default")
    assert history.of("job", job.pk).count() == 1
    assert Job.objects.get().state == "succeeded"


def test_work_of_a_moment_goes_from_waiting_to_done_in_one_step(recorder, monkeypatch):
    monkeypatch.setattr(heartbeat, "BEGAN_AFTER", 20.0)  # a moment, on a machine that is busy with other things
    work = recorder()
    work.enqueue()
    running.drain("default")
    assert "began" not in work.hook_names()


def test_longer_work_tells_that_it_began(recorder):
    def go_on_until_it_is_told(run):
        until = time.monotonic() + 10
        while not work.hooks and time.monotonic() < until:
            time.sleep(0.01)

    work = recorder(work=go_on_until_it_is_told)
    work.enqueue()
    running.drain("default")
    assert work.hook_names() == ["began"]


def test_progress_is_told_five_times_a_second_and_stored_once(recorder, monkeypatch):
    told, stored = [], []
    moment = [time.monotonic()]
    monkeypatch.setattr(run, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    original = run.Run._store
    monkeypatch.setattr(run.Run, "_store", lambda *args: (stored.append(args[1]), original(*args)))

    def work_for_a_second(run):
        for step in range(200):
            moment[0] += 0.005
            run.progress(min(step + 1, 99), "reading", "page by page")

    work = recorder(
        work=work_for_a_second, progressed=lambda job, percent, step, eta: told.append((percent, step, eta))
    )
    work.enqueue()
    running.drain("default")
    assert len(told) == 5
    assert len(stored) == 1
    assert [percent for percent, _, _ in told] == sorted(percent for percent, _, _ in told)
    assert told[-1][1] == "reading"
    assert told[-1][2] is not None
    assert Job.objects.get().step == "reading"


def test_the_progress_of_a_job_about_no_document_is_told_to_who_listens_to_it(recorder, monkeypatch):
    told = []
    monkeypatch.setattr(run.events, "tell", lambda event, to: told.append((event, list(to))))

    def work_for_a_moment(run):
        time.sleep(0.15)
        run.progress(40, "counting")

    work = recorder(work=work_for_a_moment)
    job = work.enqueue()[0]
    running.drain("default")
    [(event, heard_by)] = told
    assert (event.type, event.id, event.kind, event.percent) == ("job.progress", str(job.pk), job.kind, 40)
    assert (event.step, event.durable) == ("counting", False)
    assert heard_by == ["admin", f"job:{job.pk}"]


def test_an_attempt_that_was_taken_away_is_told_to_stop(recorder):
    def long(run):
        Job.objects.filter(pk=run.job.pk).update(state="cancelled")
        until = time.monotonic() + 5
        while time.monotonic() < until:
            run.check()
            time.sleep(0.02)

    work = recorder(work=long)
    work.enqueue()
    began = time.monotonic()
    running.drain("default")
    assert time.monotonic() - began < 2
    assert Job.objects.get().state == "cancelled"
    assert work.settled == []


def test_leases_of_long_work_are_extended(recorder, monkeypatch, lapse):
    monkeypatch.setattr(heartbeat, "EXTEND", 0.2)

    def long(run):
        lapse()
        time.sleep(0.8)
        return leases.expire_leases()

    work = recorder(work=long)
    work.enqueue()
    running.drain("default")
    assert work.values == [0]
    assert Job.objects.get().state == "succeeded"


def test_what_a_hand_has_claimed_is_done_although_it_could_not_look_further(recorder, monkeypatch):
    def away() -> None:
        raise OperationalError("away")

    monkeypatch.setattr(turns.MARKS, "look_near", away)
    monkeypatch.setattr(claiming, "waits_in", lambda queue: away())
    work = recorder()
    work.enqueue(3)
    assert running.drain("default") == 3
    assert set(Job.objects.values_list("state", "attempt")) == {("succeeded", 1)}
