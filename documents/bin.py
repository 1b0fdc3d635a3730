"""The bin: what is thrown away stays there for 30 days, and can come back."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts import history
from accounts.history import Deed
from accounts.models import User
from accounts.refusals import IllegalMove
from accounts.rights import Action, Rights
from documents import control, holds, saying
from documents.audience import audience_of
from documents.models import Document
from documents.models.document import IN_WORK, SETTLED
from jobs import unasked
from realtime import audiences, events
from realtime.notices import following

GROUP = 100


@transaction.atomic
def discard(*, document_id: UUID, by: User, rights: Rights) -> Document:
    """Put a document into the bin; work on it is stopped first.

    Raises IllegalMove when it lies there already, and what `control.locked_for` raises.
    """
    document = control.locked_for(Action.CONTROL, document_id, rights=rights)
    if document.binned_at is not None:
        raise IllegalMove("It lies in the bin already.")
    document.binned_at, document.binned_by = timezone.now(), by
    document.save(update_fields=["binned_at", "binned_by"])
    history.record("document", document.pk, "binned", by=by, before={"status": str(document.status)})
    if document.status in IN_WORK:
        control.stop([document], by=by)
        document.refresh_from_db()
    _tell(document)
    return document


@transaction.atomic
def restore(*, document_id: UUID, by: User, rights: Rights) -> Document:
    """Take a document out of the bin (stopped work stays stopped).

    Raises IllegalMove when it is not there, and what `control.locked_for` raises.
    """
    document = control.locked_for(Action.CONTROL, document_id, rights=rights)
    if document.binned_at is None:
        raise IllegalMove("It does not lie in the bin.")
    document.binned_at = document.binned_by = None
    document.save(update_fields=["binned_at", "binned_by"])
    history.record("document", document.pk, "restored", by=by)
    _tell(document)
    return document


def empty() -> int:
    """Remove for good what has lain in the bin longer than `BIN_DAYS`; tells how many documents.

    What is held (`documents.holds`: a workflow runs on it) stays. Their history stays in any case. Their bytes go with
    the next collection, unless another document has the same.
    """
    removed, last = 0, UUID(int=0)
    while True:
        count, reached = _empty_group(after=last)
        removed += count
        if reached is None:
            return removed
        last = reached


@transaction.atomic
def _empty_group(*, after: UUID) -> tuple[int, UUID | None]:
    """How many of the next group went, and the last that was looked at; None at the end."""
    old = timezone.now() - timedelta(days=settings.BIN_DAYS)
    found = Document.objects.filter(binned_at__lt=old, status__in=SETTLED, pk__gt=after).order_by("pk")
    looked_at = list(found.select_for_update(of=("self",), skip_locked=True)[:GROUP])
    if not looked_at:
        return 0, None
    held = holds.held([document.pk for document in looked_at])
    _remove([document for document in looked_at if document.pk not in held])
    return len(looked_at) - len(held), looked_at[-1].pk


def _remove(chosen: list[Document]) -> None:
    ids = [document.pk for document in chosen]
    unasked.cancel_for("document", [str(pk) for pk in ids], by=None)
    history.record_many(Deed("document", str(document.pk), "removed", None) for document in chosen)
    _remove_pages(ids)
    following.forget(audiences.document(pk) for pk in ids)
    Document.objects.filter(pk__in=ids).delete()


def _remove_pages(ids: list[UUID]) -> None:
    """By SQL: Django would load every page to look for what hangs on it."""
    of_these = "SELECT p.id FROM documents_page p JOIN documents_version v ON v.id = p.version_id"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM documents_pageindex WHERE document_id = ANY(%s)", [ids])
        cursor.execute(f"DELETE FROM documents_page WHERE id IN ({of_these} WHERE v.document_id = ANY(%s))", [ids])  # noqa: S608


def _tell(document: Document) -> None:
    events.tell(saying.status(document, document.newest), to=audience_of(document))
