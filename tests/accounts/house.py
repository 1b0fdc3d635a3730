"""Papers for tests of rights: written straight into the database, in whatever state a case needs."""

import hashlib
import io
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Department, HistoryEntry, User
from documents import orders
from documents.models import Batch, Blob, Document, Page, Source, Version
from documents.storage import originals
from jobs import enqueueing
from jobs.models import Job, Queue, Worker

TEXT = b"Trip report of train TS07: all doors closed in time.\n"


@transaction.atomic
def paper(
    by: User, department: Department | None, *, status: str = "processed", in_work: bool = False, **others: Any
) -> Document:
    """A document of one page that lies in storage; `in_work` gives it a waiting job."""
    source, _ = Source.objects.get_or_create(key="api", defaults={"name": "API"})
    now, sha256 = timezone.now(), hashlib.sha256(TEXT).hexdigest()
    originals().put(sha256, io.BytesIO(TEXT))
    blob, _ = Blob.objects.get_or_create(sha256=sha256, defaults={"size": len(TEXT), "created_at": now})
    status = "queued" if in_work else status
    document = Document.objects.create(
        title="Trip report",
        source=source,
        department=department,
        uploaded_by=by,
        uploaded_at=now,
        status=status,
        **others,
    )
    version = Version.objects.create(
        document=document,
        number=1,
        blob=blob,
        original_filename="trip.txt",
        content_type="text/plain",
        file_size=len(TEXT),
        uploaded_by=by,
        uploaded_at=now,
        status=status,
        page_count=1,
    )
    Page.objects.create(version=version, number=1, text=TEXT.decode())
    document.newest, document.readable = version, None if in_work else version
    document.job = enqueueing.enqueue_many([orders.reading(document, version, by=by)])[0]
    if not in_work:
        Job.objects.filter(pk=document.job_id).update(state="succeeded", finished_at=now)
    document.save()
    return document


def everything() -> dict[str, Any]:
    """What a refused call must leave as it was."""
    columns = {
        Document: ("pk", "title", "department_id", "access", "status", "binned_at", "newest_id", "job_id"),
        Version: ("pk", "status"),
        Job: ("pk", "state", "priority"),
        Batch: ("pk",),
        Blob: ("pk",),
        Queue: ("pk", "paused"),
        Worker: ("pk", "draining"),
    }
    found: dict[str, Any] = {
        model.__name__: sorted(model.objects.values_list(*names), key=str) for model, names in columns.items()
    }
    found["people"] = sorted(Document.people.through.objects.values_list("document_id", "user_id"), key=str)
    return {**found, "history": recorded()}


def recorded() -> int:
    """How many deeds are in the history: looking is all that a look changes, and counts for nothing."""
    return HistoryEntry.objects.exclude(action="looked").count()
