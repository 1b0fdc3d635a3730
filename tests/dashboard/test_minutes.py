"""Figures by the minute: counted once, exact in number, close in waiting time, and kept when jobs are cleaned away."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from jobs import leases, minutes, overview
from jobs.models import Job, Minute

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _afresh(monkeypatch):
    monkeypatch.setattr(minutes, "_counted_to", [None])


def ended(at: datetime, *, waited: float = 1.0, number: int = 1, **fields) -> None:
    """Jobs that ended then, after they had waited so many seconds and worked for half a second."""
    given = {"kind": "test", "queue": "default", "state": "succeeded", "fence": 1, "took_ms": 500, **fields}
    started = at - timedelta(seconds=0.5)
    Job.objects.bulk_create(
        Job(finished_at=at, started_at=started, created_at=started - timedelta(seconds=waited), **given)
        for _ in range(number)
    )


def test_a_closed_minute_is_counted_once_by_the_sweep():
    minute = (timezone.now() - timedelta(minutes=3)).replace(second=0, microsecond=0)
    ended(minute + timedelta(seconds=2), number=3)
    ended(minute + timedelta(seconds=59.9), state="dead")
    ended(minute + timedelta(seconds=5), state="cancelled", queue="low")
    for _ in range(30):  # an hour of a day at a time
        leases.sweep()
    kept = {row.queue: row for row in Minute.objects.all()}
    assert {row.at for row in kept.values()} == {minute}
    assert (kept["default"].succeeded, kept["default"].dead, kept["default"].work_ms) == (3, 1, 1500)
    assert (kept["low"].cancelled, kept["low"].waits) == (1, {})
    assert sum(kept["default"].waits.values()) == 3
    minutes._counted_to[0] = None
    for _ in range(30):
        minutes.count_closed()
    assert Minute.objects.count() == 2


def test_the_present_minute_is_not_counted_before_it_is_over():
    ended(timezone.now())
    minutes.count_closed()
    assert not Minute.objects.exists()


def test_counted_and_uncounted_minutes_add_up_and_survive_a_cleaning():
    now = timezone.now()
    ended(now - timedelta(minutes=30), number=2, waited=4)
    for _ in range(30):
        minutes.count_closed()
    Job.objects.all().delete()
    ended(now, number=5, waited=4)
    found = minutes.total(minutes.ended_since(now - HOUR, every=HOUR).values())
    assert found.succeeded == 7
    assert found.mean_wait == pytest.approx(4, abs=0.01)
    assert found.waited(0.5) == pytest.approx(4, rel=0.25)
    assert overview.status()["rates"]["hour"]["succeeded"] == 7


def test_stretches_begin_where_they_are_asked_to():
    since = (timezone.now() - timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    ended(since + timedelta(minutes=14), number=2)
    ended(since + timedelta(minutes=15), number=3)
    found = minutes.ended_since(since, every=timedelta(minutes=15))
    assert {at: one.succeeded for at, one in found.items()} == {since: 2, since + timedelta(minutes=15): 3}


def test_a_percentile_is_close_to_the_true_one():
    waits: dict[int, int] = {}
    now = timezone.now()
    seconds = [0.01 * 1.05**n for n in range(200)]
    for one in seconds:
        ended(now, waited=one)
    waits = minutes.total(minutes.ended_since(now - HOUR, every=HOUR).values()).waits
    for share in (0.5, 0.95):
        assert minutes.percentile(waits, share) == pytest.approx(sorted(seconds)[int(share * 200)], rel=0.1)
    assert minutes.percentile({}, 0.5) is None


def test_what_was_tried_again_tells_nothing_about_waiting():
    now = timezone.now()
    ended(now, waited=86_000, fence=3)
    ended(now, waited=2)
    found = minutes.total(minutes.ended_since(now - HOUR, every=HOUR).values())
    assert (found.succeeded, sum(found.waits.values())) == (2, 1)
    assert found.waited(0.95) < 3


def test_old_minutes_are_forgotten():
    Minute.objects.create(at=datetime(2020, 1, 1, tzinfo=UTC), queue="low", succeeded=1)
    minutes.count_closed()
    assert not Minute.objects.exists()
