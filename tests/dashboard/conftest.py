"""An administrator at the queue's dashboard, and jobs in every state."""

import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.rights import rights_of
from documents import intake
from documents.models import Document
from jobs import kinds
from jobs.kinds import Kind
from jobs.models import Job
from tests.intake import samples


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


@pytest.fixture
def make(db) -> Callable[..., Job]:
    """`make(state="dead", error_code="crashed")`: a row as it is after some work."""
    kinds.register(TEST)

    def one(**fields) -> Job:
        given = {"kind": TEST.name, "queue": "default", "created_at": timezone.now(), **fields}
        return Job.objects.create(**given)

    return one


@pytest.fixture
def paper(clerk, operations, api_source) -> Callable[..., Document]:
    """`paper("റെയിൽ joint.pdf")`: a document that waits: nothing works in a test unless it is asked to."""

    def send(name: str = "rail joint.pdf") -> Document:
        upload = intake.Upload(name, file=io.BytesIO(samples.pdf(name)))
        return intake.submit(upload, by=clerk, rights=rights_of(clerk), source="api", department="operations")

    return send


TEST = Kind("test.dashboard", perform=lambda run: None, settle=lambda done: None)
