import io
import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from jobs import kinds, place
from jobs.kinds import Kind
from jobs.models import Job, Priority, Queue, Worker
from realtime import audiences

STATUS, JOBS = "/api/v1/admin/queue/status/", "/api/v1/admin/queue/jobs/"


@pytest.fixture
def make(db):
    """`make(state=…)`: rows as they are after some work."""

    def one(**fields) -> Job:
        given = {"kind": "test.api", "queue": "default", "created_at": timezone.now(), **fields}
        return Job.objects.create(**given)

    kinds.register(Kind("test.api", perform=lambda run: None, settle=lambda done: None))
    return one


def test_the_owner_sees_a_job_without_a_subject_and_others_do_not(make, api_client_as, clerk, outsider, administrator):
    job = make(owner=clerk)
    seen = api_client_as(clerk).get(f"/api/v1/jobs/{job.pk}/")
    assert seen.status_code == 200
    body = seen.json()
    assert (body["id"], body["state"], body["place"], body["attempts"]) == (str(job.pk), "queued", 0, 0)
    assert set(body) >= {"progress", "step", "message", "worker", "error", "eta", "started_at", "finished_at"}
    assert api_client_as(administrator).get(f"/api/v1/jobs/{job.pk}/").status_code == 200
    hidden = api_client_as(outsider).get(f"/api/v1/jobs/{job.pk}/")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")
    missing = api_client_as(outsider).get(f"/api/v1/jobs/{uuid.uuid4()}/")
    assert hidden.json() == missing.json()
    assert api_client_as(None).get(f"/api/v1/jobs/{job.pk}/").status_code == 401


def test_a_job_about_a_document_is_seen_by_those_who_see_the_document(make, api_client_as, clerk, monkeypatch):
    shown, hidden = make(subject_kind="document", subject_id="1"), make(subject_kind="document", subject_id="2")
    monkeypatch.setattr(audiences, "may_listen", lambda rights, topic: topic == f"job:{shown.pk}")
    client = api_client_as(clerk)
    assert client.get(f"/api/v1/jobs/{shown.pk}/").status_code == 200
    assert client.get(f"/api/v1/jobs/{hidden.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", STATUS),
        ("get", JOBS),
        ("post", JOBS + "{id}/retry/"),
        ("post", JOBS + "{id}/cancel/"),
        ("post", JOBS + "{id}/priority/"),
        ("post", "/api/v1/admin/queue/retry-dead/"),
        ("delete", "/api/v1/admin/queue/finished/"),
        ("post", "/api/v1/admin/queue/queues/low/pause/"),
        ("post", "/api/v1/admin/queue/queues/low/resume/"),
        ("post", "/api/v1/admin/queue/workers/w:1:1/drain/"),
    ],
)
def test_the_queue_is_the_administrators(make, api_client_as, head, auditor, method, path):
    job = make()
    for user in (head, auditor):
        answer = getattr(api_client_as(user), method)(path.format(id=job.pk), {"priority": "high"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    job.refresh_from_db()
    assert (job.state, job.priority) == ("queued", Priority.NORMAL)
    assert not Queue.objects.filter(paused=True).exists()


def test_status_counts_by_queue_and_state_and_shows_workers_at_work(make, api_client_as, administrator):
    make()
    make(queue="high", priority=1, urgency=1)
    now = timezone.now()
    make(state="running", worker="w:1:1", started_at=now, percent=40, step="reading")
    make(state="dead", error_code="timeout", finished_at=now)
    make(state="succeeded", finished_at=now, started_at=now, took_ms=500)
    Worker.objects.create(id="w:1:1", queues=["default"], host="w", pid=1, started_at=now, seen_at=now, memory_mb=90)
    body = api_client_as(administrator).get(STATUS).json()
    assert body["queues"]["default"]["queued"] == 1
    assert body["queues"]["default"]["running"] == 1
    assert body["queues"]["high"]["queued"] == 1
    assert body["queues"]["high"]["oldest_waiting_seconds"] >= 0
    assert body["queues"]["low"]["oldest_waiting_seconds"] is None
    assert body["dead"] == {"timeout": 1}
    assert body["rates"]["minute"]["succeeded"] == 1
    assert body["rates"]["minute"]["mean_seconds"] == 0.5
    assert body["workers"][0]["jobs"][0]["step"] == "reading"


def test_jobs_are_filtered_and_listed_newest_first(make, api_client_as, administrator, clerk):
    client = api_client_as(administrator)
    first, second = make(owner=clerk), make(state="dead", error_code="timeout", failures=[{"code": "timeout"}])
    newest_first = sorted([str(first.pk), str(second.pk)], reverse=True)  # ids sort by time
    assert [job["id"] for job in client.get(JOBS).json()["results"]] == newest_first
    dead = client.get(JOBS, {"state": "dead", "error_code": "timeout"}).json()
    assert (dead["count"], dead["results"][0]["failures"]) == (1, [{"code": "timeout"}])
    assert client.get(JOBS, {"owner": clerk.pk}).json()["results"][0]["id"] == str(first.pk)
    assert client.get(JOBS, {"queue": "high"}).json()["results"] == []
    assert client.get(JOBS, {"owner": "x"}).status_code == 400
    for query in ("state=dead,queued", "state=dead&state=queued", "queue=high,default"):
        assert client.get(f"{JOBS}?{query}").json()["count"] == 2, query
    for name in ("kind", "owner", "error_code", "state", "queue"):  # an empty box of a form asks nothing
        assert client.get(JOBS, {name: ""}).json()["count"] == 2, name
    for name in ("state", "queue"):  # a mistake in writing is not an empty list
        answer = client.get(JOBS, {name: "ded"})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])


def test_administrators_retry_cancel_and_move_jobs(make, api_client_as, administrator):
    client = api_client_as(administrator)
    dead, waiting = make(state="dead", error_code="internal", attempt=3, finished_at=timezone.now()), make()
    retried = client.post(f"{JOBS}{dead.pk}/retry/")
    assert (retried.status_code, retried.json()["state"], retried.json()["attempts"]) == (200, "queued", 0)
    again = client.post(f"{JOBS}{dead.pk}/retry/")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    moved = client.post(f"{JOBS}{waiting.pk}/priority/", {"priority": "emergency"}, format="json")
    assert (moved.json()["priority"], moved.json()["queue"]) == ("emergency", "high")
    wrong = client.post(f"{JOBS}{waiting.pk}/priority/", {"priority": "soon"}, format="json")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["priority"])
    assert client.post(f"{JOBS}{waiting.pk}/cancel/").json()["state"] == "cancelled"
    assert client.post(f"{JOBS}{uuid.uuid4()}/cancel/").status_code == 404


def test_administrators_pause_drain_and_clean(make, api_client_as, administrator):
    client = api_client_as(administrator)
    assert client.post("/api/v1/admin/queue/queues/low/pause/").json() == {"name": "low", "paused": True}
    assert client.post("/api/v1/admin/queue/queues/low/resume/").json() == {"name": "low", "paused": False}
    assert client.post("/api/v1/admin/queue/queues/none/pause/").status_code == 404
    now = timezone.now()
    Worker.objects.create(id="w:1:1", host="w", pid=1, started_at=now, seen_at=now)
    assert client.post("/api/v1/admin/queue/workers/w:1:1/drain/").json()["draining"] is True
    make(state="dead", error_code="timeout", finished_at=now)
    make(state="succeeded", finished_at=now)
    assert client.delete("/api/v1/admin/queue/finished/?older_than=0").json() == {"count": 1}
    assert client.post("/api/v1/admin/queue/retry-dead/?error_code=other").json() == {"count": 0}
    assert client.post("/api/v1/admin/queue/retry-dead/").json() == {"count": 1}
    assert client.delete("/api/v1/admin/queue/finished/?state=running").status_code == 409
    unknown = client.delete("/api/v1/admin/queue/finished/?state=ded&older_than=0")
    assert (unknown.status_code, list(unknown.json()["errors"])) == (400, ["state"])
    make(state="succeeded", finished_at=now)
    assert client.delete("/api/v1/admin/queue/finished/?older_than=&state=").json() == {"count": 0}  # a day, as usual
    make(state="dead", error_code="timeout", finished_at=now)
    assert client.delete("/api/v1/admin/queue/finished/?state=succeeded,dead&older_than=0").json() == {"count": 2}


def test_the_place_is_the_number_of_rows_ahead_exact_to_a_thousand(make, monkeypatch):
    jobs = [make(fair_rank=n) for n in range(5)]
    urgent = make(queue="high", priority=0, urgency=0)
    assert [place.place_of(job) for job in jobs] == [1, 2, 3, 4, 5]
    assert place.place_of(urgent) == 0
    monkeypatch.setattr(place, "EXACT_TO", 3)
    assert place.place_of(jobs[4]) == 3


def test_seconds_left_come_from_what_was_measured(make):
    now = timezone.now()
    for _ in range(3):
        make(state="succeeded", finished_at=now, took_ms=2000)
    Worker.objects.create(id="w:1:1", queues=["default"], host="w", pid=1, concurrency=2, started_at=now, seen_at=now)
    jobs = [make(fair_rank=n) for n in range(5)]
    assert place.eta_of(jobs[0]) == 2.0
    assert place.eta_of(jobs[4]) == 4 * 2.0 / 2 + 2.0
    running = make(state="running", started_at=now - timedelta(seconds=3), percent=50)
    assert place.eta_of(running) == pytest.approx(3.0, abs=0.5)
    assert place.eta_of(make(kind="test.unknown")) is None
    assert place.eta_of(make(state="succeeded", finished_at=now)) is None


def test_the_queue_command_prints_once_in_a_pipe(make):
    make()
    now = timezone.now()
    Worker.objects.create(id="w:1:1", queues=["default"], host="w", pid=1, started_at=now, seen_at=now, memory_mb=90)
    out = io.StringIO()
    call_command("queue", "--once", stdout=out)
    text = out.getvalue()
    assert "default            1" in text
    assert "w:1:1" in text
    assert "idle" in text


def test_a_paused_queue_tells_no_time_and_stands_in_nobodys_way(make):
    now = timezone.now()
    make(state="succeeded", took_ms=2000, finished_at=now, started_at=now)
    urgent, normal = make(queue="high", priority=1, urgency=1), make()
    Queue.objects.filter(pk="high").update(paused=True)
    assert place.eta_of(urgent) is None and place.place_of(urgent) == 0
    assert place.eta_of(normal) is not None and place.place_of(normal) == 0
    Queue.objects.filter(pk="high").update(paused=False)
    assert place.eta_of(urgent) is not None and place.place_of(normal) == 1


def test_a_job_tells_why_each_attempt_failed_and_its_log_to_administrators_alone(
    make, api_client_as, administrator, clerk
):
    entry = {
        "attempt": 1,
        "at": "2026-01-02T03:04:05+00:00",
        "seconds": 1.5,
        "worker": "w:1:1",
        "code": "timeout",
        "detail": "It took too long.",
        "log": "Traceback",
    }
    job = make(owner=clerk, failures=[entry, {**entry, "attempt": 2, "code": "crashed"}])
    told = api_client_as(administrator).get(f"/api/v1/jobs/{job.pk}/").json()["failures"]
    assert [(one["attempt"], one["code"], one["worker"], one["log"]) for one in told] == [
        (1, "timeout", "w:1:1", "Traceback"),
        (2, "crashed", "w:1:1", "Traceback"),
    ]
    mine = api_client_as(clerk).get(f"/api/v1/jobs/{job.pk}/").json()["failures"]
    assert mine[0] == {key: entry[key] for key in entry if key != "log"}
