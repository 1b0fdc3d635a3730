"""What an autoscaler reads: /metrics, and that it costs the same however much is finished."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from jobs.models import Alert, Forecast, Job, Minute, Priority, Queue
from kmrl import figures, metrics


@pytest.fixture
def scrape(transactional_db, monkeypatch):
    monkeypatch.setattr(metrics, "KEPT", -1.0)
    monkeypatch.delenv("KMRL_METRICS_TOKEN", raising=False)

    def scraped() -> dict[str, float]:
        said = Client().get("/metrics").content.decode()
        return {name: float(value) for name, value in re.findall(r"^(kmrl_\S+(?: \S+)*) (\S+)$", said, re.MULTILINE)}

    return scraped


def test_what_waits_by_queue_and_priority_and_for_how_long(scrape, waiting):
    waiting(2, queue="high", for_seconds=120)
    Job.objects.update(priority=Priority.EMERGENCY)
    waiting(3, queue="low", for_seconds=10)
    Job.objects.filter(queue="low").first().delete()
    Queue.objects.filter(name="low").update(paused=True)
    found = scrape()
    assert found['kmrl_jobs_waiting{priority="emergency",queue="high"}'] == 2
    assert found['kmrl_jobs_waiting{priority="normal",queue="low"}'] == 2
    assert found['kmrl_jobs_waiting{priority="low",queue="low"}'] == 0
    assert 120 <= found['kmrl_oldest_waiting_seconds{queue="high"}'] < 180
    assert found['kmrl_oldest_waiting_seconds{queue="default"}'] == 0
    assert found['kmrl_queue_paused{queue="low"}'] == 1 and found['kmrl_queue_paused{queue="high"}'] == 0


def test_busy_and_idle_hands_by_queue(scrape, worker):
    worker("default", concurrency=4, busy=3)
    worker("default", concurrency=2, busy=0)
    worker("low", concurrency=1, busy=1)
    worker("low", concurrency=8, busy=8, seen_seconds_ago=60)
    found = scrape()
    assert found['kmrl_hands{queue="default",state="busy"}'] == 3
    assert found['kmrl_hands{queue="default",state="idle"}'] == 3
    assert found['kmrl_hands{queue="low",state="busy"}'] == 1
    assert (found["kmrl_workers"], found["kmrl_workers_busy"]) == (3, 4)
    assert found['kmrl_worker_processes{queue="default"}'] == 2


def test_what_ended_by_queue(scrape):
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=2)
    Minute.objects.create(at=minute, queue="default", succeeded=120, dead=6, work_ms=24_000, wait_ms=60_000)
    found = scrape()
    assert found['kmrl_jobs_ended_per_second{end="succeeded",queue="default"}'] == 2
    assert found['kmrl_jobs_ended_per_second{end="dead",queue="default"}'] == 0.1
    assert found['kmrl_job_seconds{queue="default"}'] == 0.2
    assert found['kmrl_job_wait_seconds{queue="default"}'] == 0.5


def test_open_alerts_are_gauges(scrape):
    now = timezone.now()
    Alert.objects.create(name="backlog", subject="low", text="", value=1, threshold=1, raised_at=now)
    Alert.objects.create(name="disk", subject="x", text="", value=1, threshold=1, raised_at=now, cleared_at=now)
    found = scrape()
    assert [name for name in found if name.startswith("kmrl_alert{")] == [
        'kmrl_alert{level="error",name="backlog",subject="low"}'
    ]


def test_how_far_off_the_told_time_was(scrape, waiting):
    assert "kmrl_eta_error_share" not in scrape()
    waiting(1)
    now = timezone.now()
    Forecast.objects.create(job_id=Job.objects.get().pk, told_at=now - timedelta(seconds=40), raw=10, told=10)
    Job.objects.update(state="succeeded", attempt=1, finished_at=now - timedelta(seconds=20))
    found = scrape()
    assert found["kmrl_eta_error_seconds"] == pytest.approx(10, abs=0.01)
    assert found["kmrl_eta_error_share"] == pytest.approx(0.5, abs=0.01)


def test_no_question_reads_what_is_finished(transactional_db):
    """By the plan, at 30,000 finished jobs: no question reads more than a few thousand rows of that table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_job (id, kind, payload, queue, priority, urgency, fair_rank, short, state, fence,"
            " attempt, max_attempts, worker, percent, step, message, error_code, error_detail, failures, result,"
            " subject_kind, subject_id, size, created_at, finished_at)"
            " SELECT gen_random_uuid(), 'document.process', '{}', 'default', 2, 2, n, false, 'succeeded', 1, 1, 3, '',"
            " 100, '', '', '', '', '[]', '{}', '', '', 0, now() - interval '1 day', now() - interval '1 day'"
            " FROM generate_series(1, 30000) AS n"
        )
        cursor.execute("ANALYZE jobs_job")
        for name, question in figures.QUESTIONS.items():
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT TEXT) {question}".replace("%", "%%"))
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on jobs_job" not in plan, name
            reads = [int(float(n)) for n in re.findall(r"on jobs_job.*actual.* rows=([\d.]+)", plan)]
            assert all(number < 1000 for number in reads), (name, plan)
