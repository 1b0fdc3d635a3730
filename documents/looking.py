"""Looks at restricted documents by those who see everything are recorded: once for each person and hour."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import history
from accounts.models import HistoryEntry, User
from accounts.rights import Rights
from documents.models import Access, Document

ONCE_IN = timedelta(hours=1)


def note(document: Document, *, by: User, rights: Rights) -> None:
    """Record the look when the document is restricted and `by` is not among the people named."""
    if document.access != Access.RESTRICTED or not (rights.administrator or rights.auditor):
        return
    if document.people.filter(pk=by.pk).exists() or _noted(document, by):
        return
    with transaction.atomic():
        Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        if not _noted(document, by):
            history.record("document", document.pk, "looked", by=by)


def note_all(documents: Iterable[Document], *, by: User, rights: Rights) -> None:
    """The same for many that are shown at once: two questions, and a record for each that is looked at anew."""
    if not (rights.administrator or rights.auditor):
        return
    closed = {str(one.pk): one for one in documents if one.access == Access.RESTRICTED}
    if not closed:
        return
    named = Document.people.through.objects.filter(user_id=by.pk, document_id__in=[one.pk for one in closed.values()])
    known = {str(pk) for pk in named.values_list("document_id", flat=True)}
    looks = HistoryEntry.objects.filter(subject_kind="document", subject_id__in=list(closed), action="looked", actor=by)
    known |= set(looks.filter(at__gt=timezone.now() - ONCE_IN).values_list("subject_id", flat=True))
    for pk in closed.keys() - known:
        note(closed[pk], by=by, rights=rights)


def _noted(document: Document, by: User) -> bool:
    looks = history.of("document", document.pk).filter(action="looked", actor=by)
    return looks.filter(at__gt=timezone.now() - ONCE_IN).exists()
