"""Trying a definition on the past by a worker: asked, watched, stopped, kept, fetched and forgotten."""

import threading
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.refusals import IllegalMove, NotAllowed, NotFound
from accounts.rights import rights_of
from documents.models import Document
from jobs import claiming, inline, presence, running
from jobs.heartbeat import HEART
from jobs.models import Job, JobState
from realtime import bell
from realtime.models import Event
from workflows import past, ticks, trying
from workflows.models import Instance, Trial

pytestmark = pytest.mark.django_db

AT = "/api/v1/workflows/"
TEXT = """
key: draft-way
title: Draft
triggers: [{"on": document.processed, reason: All of them.}]
steps:
  - {id: look, kind: human, candidates: [{department: operations, role: reviewer}]}
"""


@pytest.fixture
def ask(api_client_as, administrator):
    client = api_client_as(administrator)
    return lambda **more: client.post(f"{AT}definitions/draft-way/dry-run/", {"source": TEXT, **more}, format="json")


@pytest.fixture
def fetch(api_client_as, administrator):
    return lambda path: api_client_as(administrator).get(path)


def begin(by, **more) -> Trial:
    return trying.begin(**{"key": "draft-way", "source": TEXT, "last": 600, "by": by, **more})


def test_more_than_an_answer_may_take_is_a_job_with_a_url(ask, fetch, paper_with):
    paper_with("x", title="One")
    answer = ask(last=501)
    told = answer.json()
    assert (answer.status_code, answer["Location"], told["state"]) == (202, told["url"], "queued")
    assert (told["result"], told["progress"], told["last"], told["by"]) == (None, 0, 501, "administrator")
    assert fetch(f"/api/v1/jobs/{told['id']}/").json()["kind"] == "workflow.try"
    inline.work([told["id"]])
    found = fetch(told["url"]).json()
    assert (found["state"], found["progress"], found["result"]["looked_at"]) == ("succeeded", 100, 1)
    assert [(row["title"], row["verdict"]) for row in found["result"]["rows"]] == [("One", "new")]
    event = Event.objects.get(type="workflow.tried")
    assert event.data == {"id": told["id"], "definition": "draft-way", "state": "succeeded", "looked_at": 1}
    assert not Instance.objects.exists()


def test_few_are_answered_at_once_as_ever_unless_asked_otherwise(ask, api_client_as, administrator, paper_with):
    paper_with("x", title="One")
    answer = ask(last=500)
    assert (answer.status_code, answer.json()["looked_at"]) == (200, 1)
    assert ask().json()["totals"]["new"] == 1
    assert not Job.objects.exists()
    path, body = f"{AT}definitions/draft-way/dry-run/", {"source": TEXT, "last": 5}
    later = api_client_as(administrator).post(path, body, format="json", headers={"Prefer": "respond-async"})
    assert (later.status_code, later.json()["last"]) == (202, 5)


def test_a_text_with_errors_makes_no_job(ask):
    assert ask(last=600, source="key: draft-way\ntitle: D\nsteps: [{id: a, kind: nothing}]").status_code == 422
    assert not Job.objects.exists() and not Trial.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_tells_how_far_it_is_in_percent_step_and_counts(administrator, paper_with, monkeypatch):
    for number in range(6):
        paper_with("x", title=str(number))
    trial, heard, slow = begin(administrator), [], past._row
    monkeypatch.setattr(bell, "publish_ephemeral", lambda **said: heard.append(said))
    monkeypatch.setattr(past, "_row", lambda *given: (time.sleep(0.25), slow(*given))[1])
    inline.work([trial.pk])
    told = [one["data"] for one in heard if one["type"] == "job.progress"]
    assert told and all(one["id"] == str(trial.pk) and one["step"] == "trying" for one in told)
    assert [one["message"] for one in told] == [f"{n} / 6" for n in range(1, 7)][-len(told) :]
    assert [one["percent"] for one in told] == [100 * n // 6 for n in range(1, 7)][-len(told) :]
    assert told[0]["eta"] > 0
    assert {f"user:{administrator.pk}", "admin", f"job:{trial.pk}"} <= set(heard[-1]["audience"])
    job = Job.objects.get(pk=trial.pk)
    assert (job.step, job.message != "") == ("trying", True), "who comes later reads it with the job"


def test_one_that_waits_is_stopped_at_once(administrator, fetch, api_client_as):
    trial = begin(administrator)
    answer = api_client_as(administrator).post(f"{AT}dry-runs/{trial.pk}/cancel/")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert Job.objects.get(pk=trial.pk).state == JobState.CANCELLED
    assert Event.objects.get(type="workflow.tried").data["state"] == "cancelled"
    again = api_client_as(administrator).post(f"{AT}dry-runs/{trial.pk}/cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


@pytest.mark.django_db(transaction=True)
def test_one_that_runs_stops_within_two_seconds(administrator, paper_with, monkeypatch):
    for number in range(200):
        paper_with("x", title=str(number))
    trial, slow = begin(administrator), past._row
    monkeypatch.setattr(past, "_row", lambda *given: (time.sleep(0.05), slow(*given))[1])

    def work() -> None:
        jobs = claiming.claim_these([trial.pk], worker=presence.mine().id)
        running.work_off(jobs)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    until = time.monotonic() + 10
    while not Job.objects.filter(pk=trial.pk, state=JobState.RUNNING, message__contains="/").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    began = time.monotonic()
    assert trying.cancel(pk=trial.pk, by=administrator, rights=rights_of(administrator)).state == "cancelled"
    worker.join(5)
    assert not worker.is_alive() and time.monotonic() - began < 2
    trial.refresh_from_db()
    assert (trial.state, trial.result) == ("cancelled", None)
    assert not HEART.running()


def test_one_that_breaks_says_so(administrator, fetch, monkeypatch):
    trial = begin(administrator)
    monkeypatch.setattr(past, "dry_run", lambda *given, **more: 1 / 0)
    inline.work([trial.pk])
    found = fetch(f"{AT}dry-runs/{trial.pk}/").json()
    assert (found["state"], found["result"], found["error"]["code"]) == ("dead", None, "internal")
    assert Event.objects.get(type="workflow.tried").data["state"] == "dead"


def test_done_again_it_begins_anew(administrator):
    from jobs import control  # noqa: PLC0415

    trial = begin(administrator)
    inline.work([trial.pk])
    control.retry(job_id=trial.pk, by=administrator)
    trial.refresh_from_db()
    assert (trial.state, trial.ended_at, trial.result) == ("", None, None)


def test_who_runs_the_house_fetches_it_and_nobody_else(administrator, person, head, auditor, clerk):
    trial = begin(administrator)
    inline.work([trial.pk])
    other = person("second-root", house_role="administrator")
    assert trying.one(trial.pk, rights_of(other)).result["looked_at"] == 0
    for somebody in (head, auditor, clerk):
        with pytest.raises(NotAllowed):
            trying.one(trial.pk, rights_of(somebody))
        with pytest.raises(NotAllowed):
            begin(somebody)
    assert Trial.objects.count() == 1


def test_what_is_gone_or_out_of_sight_by_now_is_not_shown(administrator, paper_with, fetch):
    kept, gone = paper_with("x", title="Kept"), paper_with("x", title="Gone")
    trial = begin(administrator)
    inline.work([trial.pk])
    Document.objects.filter(pk=gone.pk).update(newest=None, readable=None)
    gone.versions.all().delete()
    gone.delete()
    found = fetch(f"{AT}dry-runs/{trial.pk}/").json()["result"]
    assert ([row["document"] for row in found["rows"]], found["looked_at"]) == ([str(kept.pk)], 2)


def test_what_is_kept_is_bounded():
    many = 3_000
    row = past.Row("d", "t" * 200, "", "", "document.processed", "same", True, "won", path=("step",) * 200)
    differs = past.Row("e", "t", "", "", "document.processed", "new", True, "won", error="e" * 9_000)
    report = past.Report(rows=[*[row] * many, differs], looked_at=many + 1, errors={"e" * 9_000: 1})
    found = trying.shown(report)
    assert found["rows"][0]["document"] == "e", "those that differ come first"
    assert (len(found["rows"]), found["looked_at"]) == (trying.SHOWN, many + 1)
    assert len(found["rows"][0]["error"]) == len(next(iter(found["errors"]))) == trying.SENTENCE
    heavy = past.Row("d", "t", "", "", "document.processed", "same", True, "won", path=("step",) * 10_000)
    few = trying.shown(past.Report(rows=[heavy] * 100))
    assert 0 < len(few["rows"]) < 100
    assert len(str(few)) < 1.4 * trying.LARGEST


def test_it_is_forgotten_after_a_week(administrator):
    old, new, waiting = begin(administrator), begin(administrator), begin(administrator)
    inline.work([old.pk, new.pk])
    long_ago = timezone.now() - timedelta(days=8)
    Trial.objects.filter(pk__in=[old.pk, waiting.pk]).update(asked_at=long_ago)
    Trial.objects.filter(pk=old.pk).update(ended_at=long_ago)
    assert ticks.forget_trials() == 1
    assert set(Trial.objects.values_list("pk", flat=True)) == {new.pk, waiting.pk}
    with pytest.raises(NotFound):
        trying.one(old.pk, rights_of(administrator))
    Trial.objects.filter(pk=waiting.pk).update(asked_at=timezone.now() - timedelta(days=31))
    assert trying.forget() == 1


def test_of_each_person_the_newest_are_kept(administrator, monkeypatch):
    monkeypatch.setattr(trying, "OF_EACH", 2)
    trials = [begin(administrator) for _ in range(3)]
    inline.work([trial.pk for trial in trials])
    last = begin(administrator)
    assert set(Trial.objects.values_list("pk", flat=True)) == {trials[-1].pk, last.pk}


def test_a_try_that_is_over_is_not_stopped(administrator):
    trial = begin(administrator)
    inline.work([trial.pk])
    with pytest.raises(IllegalMove):
        trying.cancel(pk=trial.pk, by=administrator, rights=rights_of(administrator))


def test_the_command_shows_a_bar_on_a_terminal_alone(tmp_path, paper_with, capsys, monkeypatch):
    for number in range(3):
        paper_with("x", title=str(number))
    file = tmp_path / "draft.yaml"
    file.write_text(TEXT)
    call_command("workflow", "dry-run", str(file), "--last", "10")
    said = capsys.readouterr()
    assert "3 documents: same 0, other 0, new 3" in said.out and said.err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    call_command("workflow", "dry-run", str(file))
    assert "3/3 documents" in capsys.readouterr().err
    assert not Job.objects.exists()
