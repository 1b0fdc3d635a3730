import subprocess
import sys
from datetime import timedelta

from django.utils import timezone

from jobs import deaths, leases, presence
from jobs.models import Death, Job, Worker


def died(claim, lapse, worker: str) -> Job:
    """That worker claims the one job, and dies."""
    assert len(claim(worker=worker)) == 1
    lapse()
    leases.expire_leases()
    return Job.objects.get()


def test_who_is_at_work_whenever_a_worker_dies_is_given_up_after_its_attempts(recorder, claim, lapse):
    recorder().enqueue()
    found = [(job.state, job.attempt) for n in range(3) if (job := died(claim, lapse, f"here:{n}:1"))]
    assert found == [("queued", 1), ("queued", 2), ("dead", 3)]
    assert Death.objects.count() == 3


def test_where_workers_die_anyway_a_death_spends_no_attempt(recorder, claim, lapse):
    recorder().enqueue()
    deaths.note(["a"])
    assert (job := died(claim, lapse, "here:1:1")).attempt == 0
    assert job.state == "queued"
    assert died(claim, lapse, "here:2:1").attempt == 1  # one without it, two with it
    deaths.note(["b", "c"])
    assert died(claim, lapse, "here:3:1").attempt == 1
    assert len(Job.objects.get().failures) == 3


def test_deaths_of_long_ago_excuse_nobody(recorder, claim, lapse):
    recorder().enqueue()
    deaths.note(["a", "b", "c"])
    Death.objects.update(at=timezone.now() - timedelta(seconds=deaths.LATELY + 1))
    assert died(claim, lapse, "here:1:1").attempt == 1


def test_however_many_die_a_job_is_given_up_after_three_times_its_attempts(recorder, claim, lapse):
    recorder(max_attempts=2).enqueue()
    deaths.note(f"other {n}" for n in range(100))
    found = [died(claim, lapse, f"here:{n}:1").state for n in range(6)]
    assert found == ["queued"] * 5 + ["dead"]


def test_an_idle_workers_death_is_noted_too(queues):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    long_ago, space = timezone.now() - timedelta(seconds=10), presence.mine().space
    Worker.objects.create(
        id="here:1:1", host="here", pid=process.pid, space=space, started_at=long_ago, seen_at=long_ago
    )
    leases.forget_workers()
    leases.forget_workers()
    assert list(Death.objects.values_list("worker", flat=True)) == ["here:1:1"]
