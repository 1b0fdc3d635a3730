"""The dashboard's controls: each goes by the core, says how it went, and is recorded; nobody else may."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts import history
from documents.models import Document, Status
from jobs.models import Job, Priority, Queue, Worker
from tests.dashboard.test_pages import fail

BOARD, JOBS = "/admin/queue/", "/admin/queue/jobs/"


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.fixture
def worker(db) -> Worker:
    now = timezone.now()
    return Worker.objects.create(pk="depot:7:1", queues=["low"], host="depot", pid=7, started_at=now, seen_at=now)


DEEDS = [
    JOBS + "{job}/cancel/",
    JOBS + "{job}/retry/",
    JOBS + "{job}/priority/",
    JOBS + "chosen/",
    BOARD + "queues/low/pause/",
    BOARD + "queues/low/resume/",
    BOARD + "workers/depot:7:1/drain/",
    BOARD + "dead/again/",
    BOARD + "failed/again/?code=timeout",
    BOARD + "clean/",
]


@pytest.mark.parametrize("who", ["clerk", "head", "auditor"])
@pytest.mark.parametrize("path", DEEDS)
def test_nobody_but_administrators_may(client, request, make, worker, who, path):
    job = make(state="dead", finished_at=timezone.now() - timedelta(days=9))
    client.force_login(request.getfixturevalue(who))
    given = {"sure": "1", "state": "dead", "days": "1", "job": str(job.pk), "deed": "retry", "priority": "high"}
    assert client.post(path.format(job=job.pk), given, follow=True).status_code == 403
    job.refresh_from_db()
    worker.refresh_from_db()
    assert (job.state, job.priority, worker.draining) == ("dead", Priority.NORMAL, False)
    assert not Queue.objects.filter(paused=True).exists()


@pytest.mark.parametrize("path", DEEDS)
def test_a_link_does_nothing_and_a_foreign_page_neither(desk, administrator, make, worker, path):
    assert desk.get(path.format(job=make().pk)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(administrator)
    assert strict.post(path.format(job=make().pk), {"sure": "1"}).status_code == 403


def test_a_job_is_stopped_and_done_again(desk, administrator, make):
    job = make()
    answer = desk.post(f"{JOBS}{job.pk}/cancel/", {"next": f"{JOBS}{job.pk}/"})
    assert (answer.url, "Stopped." in said(answer)) == (f"{JOBS}{job.pk}/", True)
    refused = desk.post(f"{JOBS}{job.pk}/cancel/")
    assert "has ended already" in said(refused)
    assert "It waits again" in said(desk.post(f"{JOBS}{job.pk}/retry/"))
    assert "waits or runs already" in said(desk.post(f"{JOBS}{job.pk}/retry/"))
    deeds = history.of("job", job.pk).order_by("sequence").values_list("action", "actor")
    assert list(deeds) == [("cancelled", administrator.pk), ("retried", administrator.pk)]


def test_a_job_is_moved_to_another_priority(desk, administrator, make):
    job = make()
    assert "Moved." in said(desk.post(f"{JOBS}{job.pk}/priority/", {"priority": "emergency"}))
    job.refresh_from_db()
    assert (job.priority, job.queue) == (Priority.EMERGENCY, "high")
    assert "Choose what is to be done" in said(desk.post(f"{JOBS}{job.pk}/priority/", {"priority": "at once"}))
    assert history.of("job", job.pk).get().actor == administrator


def test_several_chosen_ones_are_done_together_and_refusals_counted(desk, make):
    waiting, other, dead = make(), make(), make(state="dead")
    chosen = {"job": [waiting.pk, other.pk, dead.pk], "deed": "cancel"}
    answer = desk.post(JOBS + "chosen/", chosen)
    assert "2 jobs: done." in said(answer)
    assert "1 job not: This work has ended already" in said(answer)
    assert set(Job.objects.filter(state="cancelled")) == {waiting, other}
    assert "Choose at least one job." in said(desk.post(JOBS + "chosen/", {"deed": "cancel", "job": "nonsense"}))


def test_a_queue_is_paused_and_goes_on(desk, administrator):
    assert "is paused" in said(desk.post(BOARD + "queues/low/pause/"))
    assert Queue.objects.get(name="low").paused
    assert "goes on" in said(desk.post(BOARD + "queues/low/resume/"))
    assert not Queue.objects.get(name="low").paused
    deeds = history.of("queue", "low").values_list("action", "actor")
    assert set(deeds) == {("paused", administrator.pk), ("resumed", administrator.pk)}
    assert "no such queue" in said(desk.post(BOARD + "queues/middle/pause/"))


def test_a_worker_is_drained(desk, administrator, worker):
    assert "begins nothing more" in said(desk.post(BOARD + f"workers/{worker.pk}/drain/"))
    worker.refresh_from_db()
    assert worker.draining
    assert history.of("worker", worker.pk).get().actor == administrator
    assert "no such worker" in said(desk.post(BOARD + "workers/nobody/drain/"))


def test_dead_jobs_of_a_cause_are_done_again_after_a_question(desk, administrator, make):
    crashed = [make(state="dead", error_code="crashed") for _ in range(3)]
    other = make(state="dead", error_code="memory")
    address = BOARD + "dead/again/?kind=test.dashboard&code=crashed"
    asked = desk.post(address, {"next": BOARD})
    assert "Have 3 jobs that were given up done again?" in asked.content.decode()
    assert Job.objects.filter(state="dead").count() == 4
    assert "3 jobs wait again." in said(desk.post(address, {"sure": "1"}))
    assert set(Job.objects.filter(state="queued")) == set(crashed)
    other.refresh_from_db()
    assert other.state == "dead"
    assert history.of("job", crashed[0].pk).get().actor == administrator
    assert "no such job any more" in said(desk.post(address, {"sure": "1"}))


def test_documents_that_failed_by_our_fault_are_read_again_after_a_question(desk, administrator, paper):
    slow, torn = paper("slow.pdf"), paper("torn.pdf")
    fail(slow, "timeout")
    fail(torn, "damaged")
    address = BOARD + "failed/again/?code=timeout"
    assert "Have 1 document read again?" in desk.post(address).content.decode()
    assert Document.objects.get(pk=slow.pk).status == Status.FAILED
    assert "1 document waits to be read again." in said(desk.post(address, {"sure": "1"}))
    assert Document.objects.get(pk=slow.pk).status == Status.QUEUED
    again = history.of("document", slow.pk).get(action="reprocessed")
    assert again.actor == administrator
    refused = desk.post(BOARD + "failed/again/?code=damaged", {"sure": "1"})
    assert "would end the same way" in said(refused)
    assert Document.objects.get(pk=torn.pk).status == Status.FAILED


def test_ended_jobs_are_removed_by_state_and_age_after_a_question(desk, administrator, make):
    long_ago, lately = timezone.now() - timedelta(days=9), timezone.now() - timedelta(days=2)
    old = make(state="succeeded", finished_at=long_ago)
    kept = [make(state="succeeded", finished_at=lately), make(state="dead", finished_at=long_ago), make()]
    asked = desk.post(BOARD + "clean/", {"state": ["succeeded"], "days": "7"}).content.decode()
    assert "Remove 1 job that ended?" in asked
    assert 'name="state" value="succeeded"' in asked and 'name="days" value="7"' in asked
    assert Job.objects.filter(pk=old.pk).exists()
    answer = desk.post(BOARD + "clean/", {"state": ["succeeded"], "days": "7", "sure": "1"})
    assert "1 job removed." in said(answer)
    assert set(Job.objects.all()) == set(kept)
    record = history.of("queue", "default").get(action="finished work removed")
    assert (record.actor, record.after["removed"]) == (administrator, 1)


@pytest.mark.parametrize("given", [{}, {"state": "succeeded"}, {"state": "running", "days": "1"}, {"days": "-1"}])
def test_what_cannot_be_removed_is_refused_with_a_sentence(desk, make, given):
    make(state="running", finished_at=timezone.now() - timedelta(days=9))
    answer = desk.post(BOARD + "clean/", {"sure": "1", **given})
    assert "Choose at least one state" in said(answer) or "Only ended work" in said(answer)
    assert Job.objects.count() == 1


def test_nobody_is_sent_to_a_foreign_page_afterwards(desk):
    assert desk.post(BOARD + "queues/low/pause/", {"next": "https://evil.example/"}).url == BOARD
    assert desk.post(BOARD + "queues/low/pause/", {"next": "//evil.example/"}).url == BOARD


def test_an_unknown_job_or_deed_is_said_or_not_found(desk, make):
    assert "nothing here" in said(desk.post(f"{JOBS}{uuid.uuid4()}/cancel/"))
    assert desk.post(f"{JOBS}{make().pk}/explode/").status_code == 404
    assert desk.post(BOARD + "queues/low/explode/").status_code == 404
