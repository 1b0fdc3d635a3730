"""Papers with pages of text, definitions published in a line, and runs whose jobs are done at once."""

import hashlib
import itertools
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Department, User
from documents import indexing
from documents.models import Blob, Document, Page, Source, Version
from documents.models.document import Status
from tests.workflows.running.conftest import _no_bodies_from_before, publish  # noqa: F401 (fixtures)
from workflows import actions
from workflows.actions import Given
from workflows.models import Definition, Instance

_numbers = itertools.count(1)


@pytest.fixture
def paper_with(operations: Department, clerk: User, api_source: Source) -> Callable[..., Document]:
    """`paper_with("page one", "page two", document_type="invoice")`: a processed, indexed document of operations."""

    def make(*texts: str, by: User | None = None, at: datetime | None = None, **fields: Any) -> Document:
        sender, now = by or clerk, at or timezone.now()
        title = fields.pop("title", f"Paper {next(_numbers)}")
        document = Document(
            title=title, source=api_source, uploaded_by=sender, uploaded_at=now, **{"department": operations, **fields}
        )
        document.start_processing()
        document.finish()
        document.save()
        version = version_of(document, number=1, texts=texts)
        document.newest = document.readable = version
        document.save(update_fields=["newest", "readable"])
        indexing.settle([SimpleNamespace(job=SimpleNamespace(subject_id=document.pk))])
        return document

    return make


def version_of(document: Document, *, number: int, texts: tuple[str, ...], status: str = Status.PROCESSED) -> Version:
    now = timezone.now()
    digest = hashlib.sha256(f"{document.pk} {number}".encode()).hexdigest()
    blob = Blob.objects.create(sha256=digest, size=3, created_at=now)
    version = Version.objects.create(
        document=document, number=number, blob=blob, original_filename="a.pdf", content_type="application/pdf",
        file_size=3, uploaded_by=document.uploaded_by, uploaded_at=now, status=status, page_count=len(texts),
    )  # fmt: skip
    Page.objects.bulk_create(Page(version=version, number=n, text=text) for n, text in enumerate(texts, start=1))
    return version


@pytest.fixture
def run_on(publish) -> Callable[..., Instance]:  # noqa: F811
    """`run_on(document)`: the row of a run that is alive, of a definition that waits."""

    def make(document: Document | None, *, key: str = "waits", definition: Definition | None = None) -> Instance:
        found = definition or publish(key, "- {id: rest, kind: timer, wait: 9 days}")
        return Instance.objects.create(
            definition=found,
            version=found.published,
            document=document,
            department=document.department if document else None,
            started_at=timezone.now(),
            started_by=None,
        )

    return make


@pytest.fixture
def given_for(run_on) -> Callable[..., Given]:
    """`given_for(document, "term.find", days=30)`: what that action is performed with."""

    def make(document: Document | None, call: str, **params: Any) -> Given:
        filled = actions.get(call).filled(params)
        return Given(params=filled, instance=run_on(document), document=document, now=timezone.now())

    return make
