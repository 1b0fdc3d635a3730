"""Papers that are sent and settled, and people's notifications."""

import io
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import transaction

from accounts.models import User
from accounts.rights import rights_of
from documents import batches, intake, settling
from documents.intake import Upload
from documents.models import Batch, Document, Version
from documents.outcomes import Failed, Read
from jobs.models import Job
from realtime.models import Notice
from realtime.notices import reading
from realtime.notices.kinds import Gathered, Importance, Kind
from realtime.notices.reading import Shown
from tests.intake import samples

GOOD = Read(["words"], [0.9], 1, 0, "en", 0.9, [], {})
TORN = Failed("damaged", "It is torn.")


@pytest.fixture
def send(api_source) -> Callable[..., Document]:
    """`send(clerk, "plan.pdf", minutes_ago=2)`: taken in through the core, each time other bytes."""

    def submit(by: User, name: str = "paper.pdf", *, minutes_ago: float = 0, **more) -> Document:
        more.setdefault("department", "operations")
        upload = Upload(name, file=io.BytesIO(samples.pdf(f"{name} {Document.objects.count()}")))
        document = intake.submit(upload, by=by, rights=rights_of(by), source="api", **more)
        if minutes_ago:
            at = document.uploaded_at - timedelta(minutes=minutes_ago)
            Version.objects.filter(document=document).update(uploaded_at=at)
        return document

    return submit


@pytest.fixture
def send_batch(api_source) -> Callable[..., Batch]:
    def submit(by: User, count: int) -> Batch:
        uploads = [Upload(f"{n}.txt", file=io.BytesIO(f"Paper {n} of {count}".encode())) for n in range(count)]
        return batches.submit(uploads, by=by, rights=rights_of(by), source="api", department="operations")

    return submit


def settle(documents: Sequence[Document], outcome: Read | Failed = GOOD) -> None:
    """As a worker settles them together: their jobs are over."""
    versions = list(Document.objects.filter(pk__in=[one.pk for one in documents]).values_list("newest_id", "job_id"))
    Job.objects.filter(pk__in=[job for _, job in versions]).update(state="succeeded")
    with transaction.atomic():
        settling.settle([(version, outcome) for version, _ in versions])


def of(user: User) -> list[Shown]:
    """What this person reads at the bell now, the newest first."""
    return reading.shown(reading.of(user.pk).order_by("-serial"), rights_of(user))


def texts(user: User) -> list[str]:
    return [one.text for one in of(user)]


def rows(user: User) -> list[Notice]:
    return list(Notice.objects.filter(user=user).order_by("serial"))


def _say(told: Gathered) -> str:
    return f"{told.count} parcels" if not told.single else f"Parcel {told.first['title'] if told.first else 'hidden'}"


PARCEL = Kind(name="parcel", label="A parcel came", say=_say, importance=Importance.HIGH)
"""A kind of the tests' own."""


@pytest.fixture
def reading_all() -> Callable[[User], int]:
    return lambda user: reading.mark_read(user.pk)
