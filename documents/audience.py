"""Whom an event about a document may reach: exactly those whom `visible_to` shows it."""

from collections.abc import Iterable

from documents.models import Access, Document, Share, Status
from realtime import audiences


def audience_of(document: Document) -> set[str]:
    """Audience keys of one document; asks for the named people only while it is restricted."""
    return audiences_of([document])[document.pk]


def audiences_of(documents: Iterable[Document]) -> dict[object, set[str]]:
    """As `audience_of`, for many: one query for those with named people, one for those that are shared."""
    documents = list(documents)
    named: dict[object, set[str]] = {}
    restricted = [document.pk for document in documents if document.access == Access.RESTRICTED]
    if restricted:
        rows = Document.people.through.objects.filter(document_id__in=restricted).values_list("document_id", "user_id")
        for restricted_id, user_id in rows:
            named.setdefault(restricted_id, set()).add(audiences.user(user_id))
    for document_id, department_id, user_id in _shares(documents):
        key = audiences.user(user_id) if department_id is None else audiences.department(department_id)
        named.setdefault(document_id, set()).add(key)
    return {document.pk: _audience(document, named.get(document.pk, set())) for document in documents}


def _shares(documents: list[Document]) -> Iterable[tuple[object, int | None, int]]:
    shared = [document.pk for document in documents if document.shared and document.access == Access.DEPARTMENT]
    if not shared:
        return []
    return Share.objects.filter(document_id__in=shared).values_list("document_id", "department_id", "user_id")


def _audience(document: Document, named: set[str]) -> set[str]:
    """The topics are safe: who subscribes to one is checked then, and again when rights change."""
    if document.status == Status.QUARANTINED:
        return {audiences.ADMIN}
    keys = {audiences.ADMIN, audiences.AUDITORS, audiences.document(document.pk), *named}
    if document.access == Access.RESTRICTED:
        return keys
    if document.department_id is None:
        keys.add(audiences.user(document.uploaded_by_id))
    else:
        keys.add(audiences.department(document.department_id))
    if document.batch_id is not None:
        keys.add(audiences.batch(document.batch_id))
    return keys
