"""A house that is looked at by hand, with a mail server that keeps what it is given."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.alerts import lookout, readings
from jobs.alerts.readings import HOUSE, Reading
from jobs.models import Alert, Job, Lookout, Worker


@pytest.fixture
def only(monkeypatch) -> Callable[..., None]:
    """`only(check, …)`: these checks alone are made, and on this machine none."""

    def chosen(*checks: Callable[[], object]) -> None:
        monkeypatch.setattr(readings, "_checks", {HOUSE: {str(n): c for n, c in enumerate(checks)}, "machine": {}})

    return chosen


@pytest.fixture
def gauge(only) -> "Gauge":
    made = Gauge()
    only(made.read)
    return made


class Gauge:
    """One reading whose value a test sets."""

    def __init__(self) -> None:
        self.value, self.after = 0.0, 0.0

    def read(self) -> list[Reading]:
        return [
            Reading(
                name="pressure", subject="boiler", value=self.value, threshold=10, calm=8, text="Open the valve.",
                after=self.after,
            )
        ]  # fmt: skip


@pytest.fixture
def look() -> Callable[..., list[str]]:
    """`look(after=seconds)`: a look as it happens so many seconds later; what it moved, in words."""

    def looked(*, after: float = 0.0) -> list[str]:
        for one in Lookout.objects.all():
            one.looked_at -= timedelta(seconds=after)
            one.pending = {key: since - after for key, since in one.pending.items()}
            one.save()
        return [f"{one} {'cleared' if one.cleared_at else 'raised'}" for one in lookout.look(every=0)]

    return looked


@pytest.fixture
def post(settings, mailoutbox):
    """Mail goes out to one person, and is kept."""
    settings.ALERT_EMAILS, settings.EMAIL_HOST = ["duty@example.com"], "mail.example.com"
    return mailoutbox


@pytest.fixture
def waiting(db) -> Callable[..., None]:
    """`waiting(3, queue="high", for_seconds=90)`: so many jobs that wait."""

    def made(count: int, *, queue: str = "default", for_seconds: float = 0.0) -> None:
        at = timezone.now() - timedelta(seconds=for_seconds)
        Job.objects.bulk_create([Job(kind="document.process", queue=queue, created_at=at) for _ in range(count)])

    return made


@pytest.fixture
def worker(db) -> Callable[..., Worker]:
    def made(queue: str = "low", *, seen_seconds_ago: float = 0.0, **others) -> Worker:
        now = timezone.now()
        return Worker.objects.create(
            id=f"here:{queue}:{Worker.objects.count()}", queues=[queue], host="here", pid=1, started_at=now,
            seen_at=now - timedelta(seconds=seen_seconds_ago), **others,
        )  # fmt: skip

    return made


def open_names() -> list[str]:
    return sorted(str(one) for one in Alert.objects.filter(cleared_at=None))
