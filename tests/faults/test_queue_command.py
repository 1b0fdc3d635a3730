"""`manage.py queue`: every deed of the administration from the command line, recorded with who did it."""

import io
import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import history
from jobs.models import Job, Queue, Worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _piped(monkeypatch):
    monkeypatch.setattr("os.isatty", lambda number: False)


def make(**fields) -> Job:
    now = timezone.now()
    ended = {"finished_at": now} if fields.get("state") in ("dead", "succeeded", "cancelled") else {}
    return Job.objects.create(**{"kind": "test.typed", "queue": "default", "created_at": now, **ended, **fields})


def typed(*words: str) -> str:
    out = io.StringIO()
    call_command("queue", *words, stdout=out, stderr=out)
    return out.getvalue()


def states() -> list[str]:
    return sorted(Job.objects.values_list("state", flat=True))


def test_without_a_deed_it_is_the_table():
    make()
    assert "default            1" in typed("--once")


def test_one_job_is_stopped_and_the_history_says_where_it_was_typed():
    job = make()
    assert typed("cancel", str(job.pk)) == f"{job.pk} stopped\n"
    entry = history.of("job", job.pk).get()
    assert (entry.action, entry.actor, entry.actor_name) == ("cancelled", None, "KMRL Gateway")
    assert entry.note.startswith("at the command line of ")
    with pytest.raises(CommandError, match=r"1 refused\."):
        typed("cancel", str(job.pk))


def test_many_are_only_hit_by_who_says_yes():
    jobs = [make(queue="low"), make(queue="low"), make()]
    with pytest.raises(CommandError, match=r"2 would be stopped\. Say --yes"):
        typed("cancel", "--queue", "low")
    assert states() == ["queued"] * 3
    assert typed("cancel", "--queue", "low", "--yes").count("stopped") == 2
    assert states() == ["cancelled", "cancelled", "queued"]
    with pytest.raises(CommandError, match="Name jobs, or"):
        typed("cancel")
    with pytest.raises(CommandError, match="Name jobs, or"):
        typed("cancel", str(jobs[2].pk), "--queue", "low")


def test_the_dead_are_done_again_by_code_and_kind():
    for code in ("timeout", "internal", "internal"):
        make(state="dead", error_code=code)
    with pytest.raises(CommandError, match="2 would be done again"):
        typed("retry-dead", "--code", "internal")
    assert typed("retry-dead", "--code", "internal", "--yes") == "2 waiting again\n"
    assert states() == ["dead", "queued", "queued"]
    assert typed("retry-dead", "--kind", "test.other", "--yes") == "0 waiting again\n"
    assert typed("retry-dead") == "1 waiting again\n"


def test_one_is_retried_and_one_is_moved():
    dead, waiting = make(state="dead", error_code="timeout"), make()
    assert typed("retry", str(dead.pk)) == f"{dead.pk} waiting again\n"
    assert typed("priority", "emergency", str(waiting.pk)) == f"{waiting.pk} now emergency\n"
    waiting.refresh_from_db()
    assert (waiting.queue, waiting.priority) == ("high", 0)
    with pytest.raises(CommandError, match=r"1 refused\."):
        typed("priority", "low", str(uuid.uuid4()))
    with pytest.raises(CommandError):
        typed("priority", "soon", str(waiting.pk))


def test_queues_are_switched_and_workers_drained():
    typed("pause", "low", "default")
    assert set(Queue.objects.filter(paused=True).values_list("name", flat=True)) == {"low", "default"}
    typed("resume", "low")
    assert set(Queue.objects.filter(paused=True).values_list("name", flat=True)) == {"default"}
    assert history.of("queue", "default").get().note.startswith("at the command line of ")
    now = timezone.now()
    Worker.objects.create(id="w:1:1", host="w", pid=1, started_at=now, seen_at=now)
    assert typed("drain", "w:1:1") == "w:1:1 draining\n"
    assert Worker.objects.get().draining
    with pytest.raises(CommandError):
        typed("drain", "nobody")


def test_ended_work_is_removed_by_state_and_age():
    old = timezone.now() - timedelta(days=3)
    make(state="succeeded", finished_at=old), make(state="cancelled", finished_at=old), make(state="succeeded")
    make(state="dead", finished_at=old, error_code="timeout")
    with pytest.raises(CommandError, match="2 would be removed"):
        typed("clean")
    assert typed("clean", "--yes") == "2 removed\n"
    assert states() == ["dead", "succeeded"]
    assert history.of("queue", "default").get().after["removed"] == 2
    assert typed("clean", "--state", "dead", "--older-than", "2d") == "1 removed\n"
    with pytest.raises(CommandError):
        typed("clean", "--older-than", "soon")


def test_a_deed_in_somebodys_name_needs_that_persons_right(administrator, clerk):
    job = make()
    with pytest.raises(CommandError, match="Only administrators run the queue"):
        typed("pause", "low", "--as", "clerk")
    with pytest.raises(CommandError, match="There is nobody named nobody"):
        typed("pause", "low", "--as", "nobody")
    assert not Queue.objects.filter(paused=True).exists()
    typed("cancel", str(job.pk), "--as", "administrator")
    assert history.of("job", job.pk).get().actor == administrator
