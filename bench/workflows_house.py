"""A house for measuring workflows: people, papers that have been read, definitions. Made in the database itself."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Department, Membership, Role, User
from documents.models import Blob, Document, Page, Source, Status, Version
from kmrl import seeding
from workflows.definitions import publishing
from workflows.models import Definition

PLACE = "rolling-stock"
PAGE = (
    "Depot report of the day. The train sets stood ready at the platform in the morning, and the shift was handed over"
    " without remarks. Doors, brakes and air conditioning were looked at as the plan of the month says. "
) * 12
DECIDERS = 20


def move_in() -> None:
    """Tables, what a new house knows, and people of one department: a clerk, reviewers and a head."""
    call_command("migrate", verbosity=0)
    seeding.seed()
    place = Department.objects.get(key=PLACE)
    for name, role in [
        ("clerk", Role.CLERK),
        ("head", Role.HEAD),
        *((f"r{n}", Role.REVIEWER) for n in range(DECIDERS)),
    ]:
        user, new = User.objects.get_or_create(username=name)
        if new:
            Membership.objects.create(user=user, department=place, role=role)


def switch(*keys: str) -> None:
    """Have just these definitions active."""
    Definition.objects.exclude(key__in=keys).update(active=False)
    Definition.objects.filter(key__in=keys).update(active=True)


def publish(source: str) -> Definition:
    """The definition of this text, published by the gateway itself."""
    key = publishing.save_draft(source=source, by=None).key
    if not Definition.objects.filter(key=key, published__source=source).exists():
        publishing.publish(key=key, by=None)
    return Definition.objects.select_related("published").get(key=key)


def papers(number: int, *, text: str = PAGE, pages: int = 1, **fields: Any) -> list[Document]:
    """So many processed documents of one department, each with its pages."""
    place, clerk = Department.objects.get(key=PLACE), User.objects.get(username="clerk")
    source, now = Source.objects.get(key="api"), timezone.now()
    documents = [_document(place, clerk, source, now, fields) for _ in range(number)]
    Document.objects.bulk_create(documents)
    digests = [hashlib.sha256(uuid.uuid4().bytes).hexdigest() for _ in documents]
    Blob.objects.bulk_create(Blob(sha256=digest, size=3, created_at=now) for digest in digests)
    versions = Version.objects.bulk_create(
        Version(
            document=document, number=1, blob_id=digest, original_filename="a.pdf", content_type="application/pdf",
            file_size=3, uploaded_by=clerk, uploaded_at=now, status=Status.PROCESSED, page_count=pages,
            confidence_score=0.97,
        )
        for document, digest in zip(documents, digests, strict=True)
    )  # fmt: skip
    Page.objects.bulk_create(
        Page(version=version, number=page, text=text) for version in versions for page in range(1, pages + 1)
    )
    for document, version in zip(documents, versions, strict=True):
        document.newest = document.readable = version
    Document.objects.bulk_update(documents, ["newest", "readable"], batch_size=500)
    return documents


def _document(place: Department, clerk: User, source: Source, now: Any, fields: dict[str, Any]) -> Document:
    title = f"Paper {uuid.uuid4().hex[:8]}"
    document = Document(title=title, source=source, department=place, uploaded_by=clerk, uploaded_at=now, **fields)
    document.start_processing()
    document.finish()
    return document


class Counted:
    """How many statements Django's connection carries out within: `number`."""

    number = 0

    def __enter__(self) -> "Counted":
        connection.queries_log.clear()
        connection.force_debug_cursor = True
        return self

    def __exit__(self, *_: object) -> None:
        connection.force_debug_cursor = False
        self.number = len(connection.queries_log)


def median(times: Sequence[float]) -> float:
    return sorted(times)[len(times) // 2]


def p95(times: Sequence[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]
