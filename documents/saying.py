"""What events say of a document: the same, word for word, as the API answers to who fetches it afterwards."""

from documents.models import Document, Version
from realtime.catalogue import DocumentFailed, DocumentStatus


def status(document: Document, version: Version | None) -> DocumentStatus:
    """Its state and what is known; `version` is its newest."""
    return DocumentStatus(
        id=str(document.pk),
        title=document.title,
        status=str(document.status),
        version=version.number if version else 0,
        page_count=version.page_count if version else None,
        language=str(document.language),
        confidence_score=version.confidence_score if version else None,
        batch=str(document.batch_id) if document.batch_id else None,
    )


def failure(document: Document, version: Version | None) -> DocumentFailed:
    """Why it could not be read; `version` is its newest."""
    return DocumentFailed(
        id=str(document.pk),
        title=document.title,
        version=version.number if version else 0,
        code=version.error_code if version else "",
        detail=version.error_detail if version else "",
        batch=str(document.batch_id) if document.batch_id else None,
    )
