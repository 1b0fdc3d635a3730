import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts import history
from accounts.refusals import IllegalMove, NotAllowed, NotFound
from jobs import control, enqueueing, running, unasked
from jobs.models import Job, Priority, Queue, Worker

F = "tests.work.child_functions:"


def test_a_waiting_job_is_cancelled_at_once(recorder, administrator):
    work = recorder()
    job = work.enqueue()[0]
    control.cancel(job_id=job.pk, by=administrator)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert job.finished_at is not None
    assert work.hook_names() == ["cancelled"]
    entry = history.of("job", job.pk).get()
    assert (entry.action, entry.actor, entry.before) == ("cancelled", administrator, {"state": "queued"})
    assert running.drain("low") == 0
    with pytest.raises(IllegalMove):
        control.cancel(job_id=job.pk, by=administrator)


def test_a_running_child_is_killed_within_two_seconds_of_a_cancel(recorder, administrator):
    pids = []

    def hang(run):
        child = run.child()
        child.start()
        pids.append(child.pid)
        child.call(F + "hang", timeout=60)

    work = recorder(work=hang)
    job = work.enqueue()[0]
    runner = threading.Thread(target=running.drain, args=["default"])
    runner.start()
    while not pids:
        time.sleep(0.02)
    time.sleep(0.6)
    began = time.monotonic()
    control.cancel(job_id=job.pk, by=administrator)
    runner.join(5)
    assert not runner.is_alive()
    assert time.monotonic() - began < 2
    assert Job.objects.get().state == "cancelled"
    assert work.settled == []
    assert work.hook_names().count("cancelled") == 1


@pytest.mark.parametrize("function", ["crash", "hog", "hang"])
def test_what_a_child_does_ends_one_job_and_not_the_worker(recorder, settings, function):
    settings.CHILD_MEMORY_MB = 150
    bad = recorder(work=lambda run: run.child().call(F + function, timeout=0.6), max_attempts=1)
    good = recorder(work=lambda run: run.child().call(F + "echo", run.payload["n"], timeout=10))
    bad.enqueue()
    good.enqueue(2)
    running.drain("default")
    assert good.values == [0, 1]
    dead = Job.objects.get(kind=bad.kind.name)
    assert dead.state == "dead"
    assert dead.error_code in {"crashed", "memory", "timeout"}


def test_a_job_has_its_kinds_time_limit_whatever_the_call_allows(recorder):
    work = recorder(
        work=lambda run: run.child().call(F + "hang", timeout=60),
        time_limit=timedelta(seconds=0.4),
        max_attempts=1,
    )
    work.enqueue()
    began = time.monotonic()
    running.drain("default")
    assert time.monotonic() - began < 3
    assert Job.objects.get().error_code == "timeout"


def test_cancel_locks_the_subject_before_the_job(recorder):
    seen = []

    def lock(jobs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE relation = 'jobs_job'::regclass AND mode LIKE 'Row%'")
            seen.append(cursor.fetchone()[0])

    job = recorder(lock=lock).enqueue()[0]
    unasked.cancel(job_id=job.pk, by=None)
    assert seen == [0]


def test_cancel_for_stops_all_work_on_a_subject(recorder, clerk):
    work = recorder()
    mine = work.enqueue(3, subject=("document", "d-1"))
    other = work.enqueue(1, subject=("document", "d-2"))[0]
    assert len(unasked.cancel_for("document", ["d-1"], by=clerk)) == 3
    assert {Job.objects.get(pk=job.pk).state for job in mine} == {"cancelled"}
    assert Job.objects.get(pk=other.pk).state == "queued"
    assert unasked.cancel_for("document", ["d-1"], by=clerk) == []


def test_a_retried_job_starts_with_a_fresh_count_and_a_stale_attempt_stays_fenced_off(recorder, administrator):
    work = recorder(work=lambda run: 1 / 0, max_attempts=1)
    job = work.enqueue()[0]
    running.drain("default")
    assert Job.objects.get().state == "dead"
    control.retry(job_id=job.pk, by=administrator)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.fence, job.error_code) == ("queued", 0, 1, "")
    assert len(job.failures) == 1
    assert history.of("job", job.pk).get().action == "retried"
    assert work.hook_names() == ["died", "requeued"]
    work.work = lambda run: "well"
    running.drain("default")
    assert work.values == ["well"]
    assert Job.objects.get().fence == 2


def test_what_waits_or_runs_is_not_retried(recorder, claim):
    job = recorder().enqueue()[0]
    with pytest.raises(IllegalMove):
        unasked.retry(job_id=job.pk, by=None)
    claim()
    with pytest.raises(IllegalMove):
        unasked.retry(job_id=job.pk, by=None)
    with pytest.raises(NotFound):
        unasked.retry(job_id=enqueueing.new_id(), by=None)


def test_all_dead_of_one_cause_are_retried(recorder, administrator, clerk):
    work = recorder(work=lambda run: 1 / 0, max_attempts=1)
    work.enqueue(4)
    running.drain("default")
    other = Job.objects.first()
    Job.objects.filter(pk=other.pk).update(error_code="timeout")
    with pytest.raises(NotAllowed):
        control.retry_dead(by=clerk)
    assert control.retry_dead(by=administrator, error_code="internal") == 3
    assert Job.objects.get(pk=other.pk).state == "dead"
    assert control.retry_dead(by=administrator) == 1


def test_another_priority_moves_the_job_to_its_queue(recorder, administrator, claim):
    work = recorder()
    jobs = work.enqueue(3)
    control.set_priority(job_id=jobs[2].pk, priority=Priority.EMERGENCY, by=administrator)
    assert claim("high")[0].pk == jobs[2].pk
    assert history.of("job", jobs[2].pk).get().after == {"priority": "emergency"}


def test_pausing_and_draining_are_the_administrators(recorder, head, administrator):
    with pytest.raises(NotAllowed):
        control.pause(queue="low", by=head)
    with pytest.raises(NotFound):
        control.pause(queue="fast", by=administrator)
    control.pause(queue="low", by=administrator)
    assert Queue.objects.get(pk="low").paused
    assert history.of("queue", "low").get().actor == administrator
    now = timezone.now()
    Worker.objects.create(id="w:1:1", host="w", pid=1, started_at=now, seen_at=now)
    with pytest.raises(NotAllowed):
        control.drain(worker_id="w:1:1", by=head)
    control.drain(worker_id="w:1:1", by=administrator)
    assert Worker.objects.get().draining


def test_ended_work_is_removed_by_state_and_age(recorder, administrator, clerk):
    work = recorder()
    old, young, waiting = work.enqueue(3)
    Job.objects.filter(pk__in=[old.pk, young.pk]).update(state="succeeded", finished_at=timezone.now())
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=40))
    with pytest.raises(NotAllowed):
        control.clean_finished(by=clerk, older_than=timedelta())
    with pytest.raises(IllegalMove):
        control.clean_finished(by=administrator, states=["running"], older_than=timedelta())
    assert control.clean_finished(by=administrator, older_than=timedelta(days=30)) == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}


def test_a_parent_waits_for_its_children_and_is_done_after_the_last(recorder):
    order = []
    parent_kind = recorder(work=lambda run: order.append("parent"))
    child_kind = recorder(work=lambda run: order.append("child"))
    parent = parent_kind.enqueue(parts_follow=True)[0]
    child_kind.enqueue(2, parent=parent)
    assert Job.objects.get(pk=parent.pk).state == "waiting"
    running.drain("default")
    assert order == ["child", "child", "parent"]
    assert Job.objects.get(pk=parent.pk).state == "succeeded"


def test_of_two_last_children_that_end_at_once_one_releases_the_parent(recorder):
    barrier = threading.Barrier(2, timeout=5)
    parent_kind = recorder()
    child_kind = recorder(work=lambda run: barrier.wait())
    parent = parent_kind.enqueue(parts_follow=True)[0]
    child_kind.enqueue(2, parent=parent)

    def one() -> None:
        from jobs import claiming  # noqa: PLC0415

        with transaction.atomic():
            jobs = claiming.claim("default", worker="x")
        running.work_off(jobs)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Job.objects.get(pk=parent.pk).state == "queued"


def test_a_parent_is_cancelled_with_its_open_children(recorder, administrator):
    parent = recorder().enqueue(parts_follow=True)[0]
    children = recorder()
    children.enqueue(2, parent=parent)
    control.cancel(job_id=parent.pk, by=administrator)
    assert set(Job.objects.values_list("state", flat=True)) == {"cancelled"}
    assert children.hook_names() == ["cancelled", "cancelled"]
