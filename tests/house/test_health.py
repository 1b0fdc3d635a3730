import threading
import time

import pytest
from django.db import connection
from django.test import Client

from accounts.identifiers import new_id
from jobs.models import Worker
from kmrl import health, metrics

ANSWER_WITHIN = health.ANSWER_WITHIN


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """Nothing asked before, nothing counted before."""
    monkeypatch.setattr(health, "_asked", {})
    monkeypatch.setattr(health, "ANSWER_WITHIN", 10.0)  # what answers is waited for, however busy this machine is
    monkeypatch.setattr(metrics, "KEPT", -1.0)
    monkeypatch.delenv("KMRL_METRICS_TOKEN", raising=False)


@pytest.fixture
def ask():
    Client().get("/health/live")  # the first request of a process loads the whole house

    def asked(path: str = "/health/ready", **more):
        began = time.monotonic()
        answer = Client().get(path, **more)
        assert time.monotonic() - began < 1.5
        return answer

    return asked


def seen_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now = cursor.fetchone()[0]
    Worker.objects.create(id=f"here:{new_id()}", host="here", pid=1, started_at=now, seen_at=now)


def test_live_asks_nobody(ask, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    assert ask("/health/live").json() == {"status": "live"}


def test_ready_when_everything_answers(transactional_db, ask):
    seen_now()
    answer = ask()
    assert (answer.status_code, answer.json()["status"], answer.json()["wrong"]) == (200, "ready", [])
    assert all(check["ms"] >= 0 for check in answer.json()["checks"].values())


def test_not_ready_when_the_database_is_away(transactional_db, ask, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    answer = ask()
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert "postgresql: does not answer (OperationalError)" in answer.json()["wrong"]
    assert answer.json()["checks"]["redis"]["ok"]
    assert "/nowhere" not in answer.content.decode()


def test_not_ready_when_a_dependency_hangs(transactional_db, ask, monkeypatch):
    monkeypatch.setattr(health, "ANSWER_WITHIN", ANSWER_WITHIN)
    over = threading.Event()
    hanging = health.Dependency(lambda: over.wait(20) and {}, vital=True)
    monkeypatch.setitem(health.DEPENDENCIES, "storage", hanging)
    began = time.monotonic()
    answer = ask()
    assert ANSWER_WITHIN <= time.monotonic() - began < 1.5
    over.set()
    assert answer.status_code == 503
    assert "storage: does not answer" in answer.json()["wrong"]


def test_without_redis_uploads_are_accepted_still(transactional_db, ask, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = ask()
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "redis: does not answer (ConnectionError)" in answer.json()["wrong"]


def test_not_ready_when_the_storage_cannot_be_written(transactional_db, ask, place):
    (place / "originals").rename(place / "elsewhere")
    (place / "originals").touch()
    answer = ask()
    assert answer.status_code == 503
    assert any(said.startswith("storage: ") for said in answer.json()["wrong"])


def test_not_ready_when_the_disk_of_the_originals_is_not_mounted(transactional_db, ask, place):
    seen_now()
    (place / "originals").rename(place / "unmounted")
    answer = ask()
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert answer.json()["wrong"] == ["storage: cannot be reached (not there)"]


def test_probes_are_answered_under_any_host_name(transactional_db, ask):
    assert ask("/health/ready", headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert ask("/metrics", headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_metrics_count_the_house(transactional_db, ask):
    seen_now()
    said = ask("/metrics").content.decode().splitlines()
    for line in (
        "kmrl_up 1.0",
        'kmrl_documents{status="processed"} 0.0',
        'kmrl_jobs{queue="high",state="queued"} 0.0',
        'kmrl_oldest_waiting_seconds{queue="low"} 0.0',
        "kmrl_workers 1.0",
        "kmrl_workers_busy 0.0",
    ):
        assert line in said
    assert any(line.startswith("process_resident_memory_bytes") for line in said)


def test_metrics_say_when_the_database_is_away(transactional_db, ask, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    said = ask("/metrics").content.decode()
    assert "kmrl_up 0.0" in said
    assert "kmrl_documents" not in said


def test_metrics_want_the_token_where_one_is_set(transactional_db, ask, monkeypatch):
    monkeypatch.setenv("KMRL_METRICS_TOKEN", "a token")
    assert ask("/metrics").status_code == 401
    assert ask("/metrics", headers={"authorization": "Bearer another"}).status_code == 401
    assert ask("/metrics", headers={"authorization": "Bearer a token"}).status_code == 200
