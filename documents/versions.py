"""New bytes for a document that is there: a new version. The old ones stay."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import history
from accounts.models import User
from accounts.rights import Action, Rights
from documents import duplicates, idempotency, intake, notices, orders, receiving, saying
from documents.audience import audience_of
from documents.control import locked_for, refuse_in_bin, stop_jobs
from documents.models import Document, Status, Version
from documents.models.document import IN_WORK
from documents.receiving import Prepared
from documents.refusals import Duplicate
from jobs import enqueueing, kinds
from jobs.models import Priority
from realtime import events
from realtime.catalogue import DocumentVersion
from realtime.notices import telling


def add(
    upload: intake.Upload,
    *,
    document: Document,
    by: User,
    rights: Rights,
    idempotency_key: idempotency.Key | None = None,
) -> Document:
    """Take new bytes in as the newest version; text and search serve the last processed one until it is read.

    Work on the version before is stopped. Raises what `intake.submit` raises, IllegalMove in the bin, and Duplicate
    when these are the newest version's bytes; NotFound and NotAllowed as `control.locked_for`.
    """
    with upload.opened() as file:
        read = intake.read(upload.name, file)
        asked = idempotency.asked(idempotency_key, {"document": str(document.pk)}, [read.said()])
        if asked is None or asked.answered_before() is None:
            prepared = intake.keep(read, upload)
            with transaction.atomic():
                if asked is None or asked.hold() is None:
                    _add(prepared, document=document, by=by, rights=rights)
                    if asked is not None:
                        asked.remember({"document": str(document.pk)}, status=202)
    return Document.objects.get(pk=document.pk)


def _add(file: Prepared, *, document: Document, by: User, rights: Rights) -> None:
    receiving.record_bytes([file])
    document = locked_for(Action.UPLOAD, document.pk, rights=rights)
    refuse_in_bin(document)
    before = document.newest
    if before is not None and before.blob_id == file.sha256 and document.status != Status.FAILED:
        raise Duplicate(f"These are the bytes of version {before.number}, which is the newest already.")
    number = (document.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = receiving.version_of(document, file, number=number, by=by, at=timezone.now())
    version.save(force_insert=True)
    was_in_work = document.status in IN_WORK
    document.newest = version
    document.wait_again() if was_in_work else document.start_over()
    document.settled_at = document.duplicate_of = None
    document.save(update_fields=["newest", "status", "settled_at", "duplicate_of"])
    if was_in_work:
        stop_jobs([document], by=by)
    document.job = enqueueing.enqueue_many([orders.reading(document, version, by=by)])[0]
    document.save(update_fields=["job_id"])
    duplicates.settle_waiting([document.pk])
    history.record("document", document.pk, "version_added", by=by, before=_said(before), after=_said(version))
    _tell(document, version, by)
    _after(document, version)


def _after(document: Document, version: Version) -> None:
    """What follows once there is a new version: workflows."""
    if kinds.is_registered("document.version_added"):
        enqueueing.enqueue(
            "document.version_added",
            payload={"document": str(document.pk), "version": version.number},
            priority=Priority(document.priority),
            subject=("document", str(document.pk)),
        )


def _said(version: Version | None) -> dict[str, Any]:
    if version is None:
        return {}
    return {"version": version.number, "filename": version.original_filename, "sha256": version.blob_id}


def _tell(document: Document, version: Version, by: User) -> None:
    reach = audience_of(document)
    name = by.get_username()
    told = DocumentVersion(id=str(document.pk), title=document.title, version=version.number, uploaded_by=name)
    news = telling.write(notices.of_version(document, version, by=by))
    events.tell_many([(told, reach), (saying.status(document, version), reach), *news])
