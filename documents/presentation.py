"""What the API and the pages say of a document."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from accounts.rights import Rights
from documents.models import Document
from documents.visibility import DocumentQuerySet
from jobs.models import Job, Priority


def with_relations(documents: DocumentQuerySet) -> DocumentQuerySet:
    """The rows that `as_json` reads, in one query."""
    return documents.select_related("source", "department", "newest", "uploaded_by").defer(
        "uploaded_by__password", "uploaded_by__email", "source__default_department"
    )


def with_newest(documents: DocumentQuerySet) -> DocumentQuerySet:
    """The rows for `many_as_json`, which fetches the few sources, departments and people of a page once each."""
    return documents.select_related("newest")


def as_json(document: Document, rights: Rights) -> dict[str, Any]:
    """The Document of the outside contract, as far as these rights show what it speaks of."""
    return _as_json(document, _originals_shown([document], rights))


def _as_json(document: Document, originals: set[UUID]) -> dict[str, Any]:
    version = document.newest
    job = document.job
    return {
        "id": document.pk,
        "title": document.title,
        "original_filename": version.original_filename if version else "",
        "source": document.source.key,
        "content_type": version.content_type if version else "",
        "file_size": version.file_size if version else 0,
        "sha256": version.blob_id if version else "",
        "upload_time": document.uploaded_at,
        "uploaded_by": document.uploaded_by.get_username(),
        "status": str(document.status),
        "priority": Priority(document.priority).label,
        "access": str(document.access),
        "version": version.number if version else 0,
        "page_count": version.page_count if version else None,
        "pages_awaiting_ocr": version.pages_awaiting_ocr if version else 0,
        "language": str(document.language),
        "department": document.department.key if document.department else None,
        "document_type": document.document_type or None,
        "document_date": document.document_date,
        "confidence_score": version.confidence_score if version else None,
        "duplicate_of": document.duplicate_of_id if document.duplicate_of_id in originals else None,
        "flags": version.flags if version else [],
        "error": _error(version.error_code, version.error_detail) if version else None,
        "metadata": document.metadata,
        "facts": version.facts if version else {},
        "job": None if job is None else job_as_json(job),
        "binned_at": document.binned_at,
    }


def many_as_json(documents: Iterable[Document], rights: Rights) -> list[dict[str, Any]]:
    """As `as_json` for a page of documents; what they speak of in a query for each kind."""
    documents = list(documents)
    prefetch_related_objects(documents, "source", "department", "uploaded_by")
    said = Job.objects.defer("payload", "failures", "result", "error_detail")
    jobs = said.in_bulk([document.job_id for document in documents if document.job_id])
    for document in documents:
        document.job = jobs.get(document.job_id) if document.job_id else None
    originals = _originals_shown(documents, rights)
    return [_as_json(document, originals) for document in documents]


def _originals_shown(documents: Iterable[Document], rights: Rights) -> set[UUID]:
    """Of the documents that these are duplicates of, those that the rights show; asks only when there are any."""
    wanted = {document.duplicate_of_id for document in documents if document.duplicate_of_id}
    if not wanted:
        return set()
    return set(Document.objects.visible_to(rights).filter(pk__in=wanted).values_list("pk", flat=True))


def job_as_json(job: Job) -> dict[str, Any]:
    """The short form; `GET /jobs/{id}/` says the rest."""
    return {
        "id": job.pk,
        "state": str(job.state),
        "progress": job.percent,
        "step": job.step,
        "message": job.message,
    }


def _error(code: str, detail: str) -> dict[str, str] | None:
    return {"code": code, "detail": detail} if code else None
