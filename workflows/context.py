"""What conditions see of a document and of a run, as docs/workflows.md says it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from accounts import prepared
from documents.models import Document
from jobs.models import Priority
from workflows import bodies
from workflows.models import Instance

HEAD = 4_000  # characters
HEAD_PAGES = 20

NOTHING: dict[str, Any] = {
    "id": "",
    "title": "",
    "type": "",
    "department": "",
    "source": "",
    "language": "",
    "priority": "",
    "access": "",
    "status": "",
    "version": 0,
    "page_count": 0,
    "confidence": 0.0,
    "flags": [],
    "file_size": 0,
    "uploaded_by": "",
    "uploaded_at": "",
    "date": "",
    "metadata": {},
    "facts": {},
    "awaiting_ocr": 0,
    "duplicate": False,
    "head": "",
}
"""The document of a run that has none."""


def of_document(document: Document | None, *, head: bool | str = True) -> dict[str, Any]:
    """The map `document`. `head`: whether the first words of its text are fetched (one query; else they are empty), or
    these themselves, from `heads_of`.

    `newest`, `source`, `department` and `uploaded_by` should be there already.
    """
    if document is None:
        return dict(NOTHING)
    version = document.newest
    return {
        "id": str(document.pk),
        "title": document.title,
        "type": document.document_type,
        "department": document.department.key if document.department else "",
        "source": document.source.key,
        "language": str(document.language),
        "priority": Priority(document.priority).label,
        "access": str(document.access),
        "status": str(document.status),
        "version": version.number if version else 0,
        "page_count": (version.page_count if version else None) or 0,
        "confidence": (version.confidence_score if version else None) or 0.0,
        "flags": list(version.flags) if version else [],
        "file_size": version.file_size if version else 0,
        "uploaded_by": document.uploaded_by.get_username(),
        "uploaded_at": _text(document.uploaded_at),
        "date": _text(document.document_date),
        "metadata": document.metadata,
        "facts": facts_of(version.facts if version else {}),
        "awaiting_ocr": version.pages_awaiting_ocr if version else 0,
        "duplicate": document.duplicate_of_id is not None,
        "head": head if isinstance(head, str) else heads_of([document]).get(document.pk, "") if head else "",
    }


def of_instance(instance: Instance) -> dict[str, Any]:
    """The map `instance`; `started_by` should be there already."""
    return {
        "id": str(instance.pk),
        "key": bodies.of(instance.version_id).key,
        "started_by": instance.started_by.get_username() if instance.started_by else "",
        "priority": Priority(instance.priority).label,
        "started_at": _text(instance.started_at),
    }


def facts_of(facts: dict[str, Any]) -> dict[str, Any]:
    """Name → value: where a fact was found is nothing to a condition."""
    return {name: fact["value"] if isinstance(fact, dict) and "value" in fact else fact for name, fact in facts.items()}


_HEADS = f"""
SELECT d.id, left(string_agg(left(p.text, {HEAD}), E'\\n' ORDER BY p.number), {HEAD})
FROM documents_document d JOIN documents_page p ON p.version_id = d.readable_id AND p.number <= {HEAD_PAGES}
WHERE d.id = ANY(%s::uuid[]) GROUP BY d.id
"""  # noqa: S608 (numbers)


def heads_of(documents: Iterable[Document]) -> dict[UUID, str]:
    """The first 4,000 characters of what was read of each, in lower case: one query for all."""
    readable = [document.pk for document in documents if document.readable_id is not None]
    if not readable:
        return {}
    return {pk: head.lower() for pk, head in prepared.rows(_HEADS, [readable])}


def _text(moment: date | datetime | None) -> str:
    return moment.isoformat() if moment else ""
