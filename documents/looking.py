"""Looks at restricted documents by those who see everything are recorded: once for each person and hour."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import history
from accounts.models import User
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


def _noted(document: Document, by: User) -> bool:
    looks = history.of("document", document.pk).filter(action="looked", actor=by)
    return looks.filter(at__gt=timezone.now() - ONCE_IN).exists()
