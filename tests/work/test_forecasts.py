"""What those who wait are told is compared with what comes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import forecasts, leases, place
from jobs.models import Forecast, Job, Worker


@pytest.fixture
def house(recorder):
    """Two hands, and a kind that took two seconds lately."""
    now = timezone.now()
    Worker.objects.create(id="w:1:1", queues=["default"], host="w", pid=1, concurrency=2, started_at=now, seen_at=now)
    work = recorder()
    for job in work.enqueue(3):
        Job.objects.filter(pk=job.pk).update(state="succeeded", finished_at=now, took_ms=2000)
    return work


def ended(job, *, told: float, took: float) -> None:
    now = timezone.now()
    Forecast.objects.update_or_create(
        job_id=job.pk, defaults={"told_at": now - timedelta(seconds=took), "raw": told, "told": told}
    )
    Job.objects.filter(pk=job.pk).update(state="succeeded", attempt=1, finished_at=now, took_ms=2000)


def test_the_sweep_notes_what_the_newest_were_told(house):
    assert leases.sweep()["foretold"] == 0
    jobs = house.enqueue(5)
    assert leases.sweep()["foretold"] == 3
    told = {forecast.job_id: forecast.told for forecast in Forecast.objects.all()}
    assert told == {job.pk: pytest.approx(ahead * 2.0 / 2 + 2.0) for ahead, job in enumerate(jobs) if job.pk in told}
    assert len(told) == 3
    forecasts.note_some()
    assert Forecast.objects.count() == 3


def test_the_error_is_the_median_of_the_differences(house):
    assert place.eta_error() == {"samples": 0, "median_seconds": None, "median_share": None}
    for job, told, took in zip(house.enqueue(3), (10.0, 4.0, 20.0), (8.0, 8.0, 19.0), strict=True):
        ended(job, told=told, took=took)
    unfinished = house.enqueue()[0]
    Forecast.objects.create(job_id=unfinished.pk, told_at=timezone.now(), raw=99.0, told=99.0)
    found = place.eta_error()
    assert found["samples"] == 3
    assert found["median_seconds"] == pytest.approx(2.0, abs=0.1)
    assert found["median_share"] == pytest.approx(0.25, abs=0.02)


def test_seconds_are_corrected_by_how_far_off_they_were(house, monkeypatch):
    for job in house.enqueue(place.ENOUGH):
        ended(job, told=5.0, took=10.0)
    jobs = house.enqueue(2)
    monkeypatch.setattr(place, "_rates", None)
    first, second = (place.eta_waiting(job) for job in jobs)
    assert (first.raw, first.told) == (2.0, 2.0)  # nobody is ahead: its own time, as measured
    assert second.raw == pytest.approx(3.0)
    assert second.told == pytest.approx(6.0, rel=0.02)


def test_each_kind_and_size_ahead_counts_at_its_own_pace(house, recorder, monkeypatch):
    quick = recorder()
    for job in quick.enqueue(2):
        Job.objects.filter(pk=job.pk).update(state="succeeded", finished_at=timezone.now(), took_ms=10)
    monkeypatch.setattr(place, "_rates", None)
    quick.enqueue(4)
    last = house.enqueue()[0]
    assert place.eta_waiting(last).raw == pytest.approx(4 * 0.010 / 2 + 2.0)


def test_hands_that_do_not_serve_a_queue_do_not_shorten_its_waiting(house, monkeypatch):
    now = timezone.now()
    Worker.objects.create(id="h:2:1", queues=["high"], host="w", pid=2, concurrency=8, started_at=now, seen_at=now)
    monkeypatch.setattr(place, "_rates", None)
    assert place.eta_waiting(house.enqueue(3)[2]).raw == pytest.approx(2 * 2.0 / 2 + 2.0)


def test_what_lies_beyond_the_exact_place_still_counts(house, monkeypatch):
    monkeypatch.setattr(place, "EXACT_TO", 3)
    last = house.enqueue(11)[10]
    assert place.place_of(last) == 3
    assert place.eta_waiting(last).raw == pytest.approx(10 * 2.0 / 2 + 2.0)
