"""Papers as the pages see them, and a browser that is signed in."""

import io
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from accounts.rights import rights_of
from documents import intake
from documents.models import Document
from tests.intake import samples
from tests.workflows.people.conftest import _no_bodies_from_before, ask, colleague, paper, publish

__all__ = ["_no_bodies_from_before", "ask", "colleague", "paper", "publish"]

SCRIPTS = ('<script src="/static/early.', '<script type="module" src=', 'type="application/json"')
"""How a script that is not written into the page begins."""


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """A request leaves its language behind in the thread."""
    yield
    translation.deactivate()


@pytest.fixture
def send(api_source, clerk):
    def submit(number: int = 0, by=clerk, department: str | None = "operations") -> Document:
        upload = intake.Upload(f"paper {number}.pdf", file=io.BytesIO(samples.pdf(f"Paper number {number}")))
        return intake.submit(upload, by=by, rights=rights_of(by), source="api", department=department)

    return submit


@pytest.fixture
def as_clerk(client: Client, clerk) -> Client:
    client.force_login(clerk)
    return client
