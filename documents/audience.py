"""Whom an event about a document may reach: exactly those whom `visible_to` shows it."""

from collections.abc import Iterable

from documents.models import Access, Document, Status
from realtime import audiences


def audience_of(document: Document) -> set[str]:
    """Audience keys of one document; asks for the named people only while it is restricted."""
    return audiences_of([document])[document.pk]


def audiences_of(documents: Iterable[Document]) -> dict[object, set[str]]:
    """As `audience_of`, for many in one query at most."""
    documents = list(documents)
    named: dict[object, set[str]] = {}
    restricted = [document.pk for document in documents if document.access == Access.RESTRICTED]
    if restricted:
        rows = Document.people.through.objects.filter(document_id__in=restricted).values_list("document_id", "user_id")
        for document_id, user_id in rows:
            named.setdefault(document_id, set()).add(audiences.user(user_id))
    return {document.pk: _audience(document, named.get(document.pk, set())) for document in documents}


def _audience(document: Document, named: set[str]) -> set[str]:
    """The topics are safe: who subscribes to one is checked then, and again when rights change."""
    if document.status == Status.QUARANTINED:
        return {audiences.ADMIN}
    keys = {audiences.ADMIN, audiences.AUDITORS, audiences.document(document.pk)}
    if document.access == Access.RESTRICTED:
        return keys | named
    if document.department_id is None:
        keys.add(audiences.user(document.uploaded_by_id))
    else:
        keys.add(audiences.department(document.department_id))
    if document.batch_id is not None:
        keys.add(audiences.batch(document.batch_id))
    return keys
