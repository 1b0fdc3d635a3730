"""Deeds on very many jobs: in the request when they are few, by a worker when they are many."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import HistoryEntry
from jobs import chores, control, kinds, running
from jobs.kinds import Cancelled
from jobs.models import Job


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(chores, "RETRY_AT_ONCE", 3)
    monkeypatch.setattr(chores, "CLEAN_AT_ONCE", 3)


def ended(recorder, number: int, state: str) -> None:
    work = recorder()
    long_ago = timezone.now() - timedelta(days=2)
    ids = [job.pk for job in work.enqueue(number)]
    Job.objects.filter(pk__in=ids).update(state=state, finished_at=long_ago, error_code="internal")


def test_few_dead_jobs_wait_again_at_once(recorder, administrator, api_client_as):
    ended(recorder, 3, "dead")
    answer = api_client_as(administrator).post("/api/v1/admin/queue/retry-dead/")
    assert answer.json() == {"count": 3}
    assert Job.objects.filter(state="queued").count() == 3


def test_many_dead_jobs_are_retried_by_a_worker(recorder, administrator, api_client_as):
    ended(recorder, 4, "dead")
    answer = api_client_as(administrator).post("/api/v1/admin/queue/retry-dead/?error_code=internal").json()
    chore = Job.objects.get(kind="queue.retry")
    assert answer == {"count": 4, "job": str(chore.pk)}
    assert Job.objects.filter(state="dead").count() == 4
    running.drain("default")
    assert set(Job.objects.values_list("state", flat=True)) == {"succeeded"}
    assert HistoryEntry.objects.filter(action="retried", actor=administrator).count() == 4


def test_many_ended_jobs_are_removed_by_a_worker(recorder, administrator, api_client_as):
    ended(recorder, 4, "cancelled")
    answer = api_client_as(administrator).delete("/api/v1/admin/queue/finished/?state=cancelled").json()
    assert answer["count"] == Job.objects.filter(state="cancelled").count() == 4
    running.drain("default")
    assert [str(job.pk) for job in Job.objects.all()] == [answer["job"]]


def test_a_chore_tells_how_far_it_is_and_stops_when_it_is_told_to(recorder, administrator, monkeypatch):
    ended(recorder, 4, "dead")
    chore = control.begin_retry_dead(by=administrator)
    told = []

    def progress(run, percent, step, message=""):
        told.append((percent, step, message))
        if len(told) == 3:
            raise Cancelled

    monkeypatch.setattr("jobs.run.Run.progress", progress)
    running.drain("high")  # nothing for it here
    assert told == []
    job = Job.objects.get(pk=chore.job.pk)
    with pytest.raises(Cancelled):
        kinds.get("queue.retry").perform(running.Run(job, kinds.get("queue.retry"), lambda: None))
    assert told == [(0, "retrying", "0 of 4"), (25, "retrying", "1 of 4"), (50, "retrying", "2 of 4")]
    assert Job.objects.filter(state="dead").count() == 2


def test_only_administrators_begin_one(recorder, clerk, api_client_as):
    ended(recorder, 4, "dead")
    assert api_client_as(clerk).post("/api/v1/admin/queue/retry-dead/").status_code == 403
    assert Job.objects.filter(state="dead").count() == 4
    assert not Job.objects.filter(kind="queue.retry").exists()
