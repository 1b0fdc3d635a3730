"""Stopping and repeating the reading of a document."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts import history
from accounts.history import Deed
from accounts.models import User
from accounts.refusals import IllegalMove, NotAllowed, NotFound
from accounts.rights import Action, Rights
from documents import orders, settling, visibility
from documents.models import Document, Status
from documents.models.document import IN_WORK
from jobs import enqueueing, unasked
from jobs.models import Job
from jobs.models.job import UNFINISHED


def locked(pk: UUID) -> Document:
    """The document's row, held until the end of the transaction, with its newest version."""
    return _locked_rows().get(pk=pk)


def _locked_rows() -> QuerySet[Document]:
    rows = Document.objects.select_related("newest", "source", "department", "uploaded_by")
    return rows.select_for_update(of=("self",), no_key=True)


def locked_for(action: Action, pk: UUID, *, rights: Rights) -> Document:
    """As `locked`, for callers who may do `action` to it: asked under the lock, so that nothing changes in between.

    Raises NotFound when they do not see it, NotAllowed when they see it only.
    """
    document = locked(pk)
    if not Document.objects.visible_to(rights).filter(pk=pk).exists():
        raise NotFound
    if not visibility.may(rights, action, document):
        raise NotAllowed("Your role does not allow this on this document.")
    return document


@transaction.atomic
def cancel(*, document_id: UUID, by: User, rights: Rights) -> Document:
    """Stop the work on a document, whether it waits, runs, or awaits the result of another.

    Raises IllegalMove when there is none, and what `locked_for` raises.
    """
    document = locked_for(Action.CONTROL, document_id, rights=rights)
    if document.status not in IN_WORK or document.newest_id is None:
        raise IllegalMove(f"There is no work to stop: the document is {document.get_status_display().lower()}.")
    _stop([document], by=by)
    document.refresh_from_db()
    return document


@transaction.atomic
def cancel_many(ids: Sequence[UUID], *, by: User, rights: Rights) -> int:
    """As `cancel`, for those of these documents that are in work and that `by` controls; how many.

    As many statements for many as for one.
    """
    rows = list(_locked_rows().filter(pk__in=ids).order_by("pk"))
    shown = set(Document.objects.visible_to(rights).filter(pk__in=ids).values_list("pk", flat=True))
    chosen = [document for document in rows if document.pk in shown and _may_be_stopped(document, rights)]
    if chosen:
        _stop(chosen, by=by)
    return len(chosen)


def _may_be_stopped(document: Document, rights: Rights) -> bool:
    in_work = document.status in IN_WORK and document.newest_id is not None
    return in_work and visibility.may(rights, Action.CONTROL, document)


def _stop(documents: Sequence[Document], *, by: User) -> None:
    history.record_many(
        Deed("document", str(document.pk), "stopped", by, {"status": str(document.status)}) for document in documents
    )
    stop(documents, by=by)


def stop(documents: Sequence[Document], *, by: User) -> None:
    """Stop the jobs of locked documents in work; one that only awaits another is cancelled by itself.

    Those first: when what they await is stopped, they would get jobs of their own. The rows change, not these objects.
    """
    newest = [document.newest_id for document in documents if document.job_id is None]
    if waiting := [version for version in newest if version is not None]:
        settling.move(waiting, settling.CANCELLED)
    stop_jobs(documents, by=by)


def stop_jobs(documents: Sequence[Document], *, by: User) -> None:
    """Cancel the unfinished jobs that read a version of locked documents; their indexing goes on."""
    ids = [str(document.pk) for document in documents]
    jobs = Job.objects.filter(subject_kind="document", subject_id__in=ids, kind="document.process")
    unasked.cancel_many(list(jobs.filter(state__in=UNFINISHED).values_list("pk", flat=True)), by=by)


@transaction.atomic
def reprocess(*, document_id: UUID, by: User, rights: Rights) -> Document:
    """Read the newest version again.

    Raises IllegalMove while it is in work, in the bin or quarantined, and what `locked_for` raises.
    """
    return read_again(locked_for(Action.CONTROL, document_id, rights=rights), by=by)


def read_again(document: Document, *, by: User | None, note: str = "") -> Document:
    """As `reprocess`, for a locked document; **nobody is asked for rights here**. `by=None` is the gateway itself."""
    refuse_in_bin(document)
    version = document.newest
    if version is None or document.status in IN_WORK:
        raise IllegalMove("It is being worked on already. Stop that first.")
    if document.status == Status.QUARANTINED:
        raise IllegalMove("It is quarantined, and is not read.")
    before = {"status": str(document.status)}
    settling.move([version.pk], settling.STARTS_OVER)
    document.refresh_from_db()
    document.job = enqueueing.enqueue_many([orders.reading(document, version, by=by or document.uploaded_by)])[0]
    document.save(update_fields=["job_id"])
    history.record("document", document.pk, "reprocessed", by=by, before=before, note=note)
    return document


def refuse_in_bin(document: Document) -> None:
    if document.binned_at is not None:
        raise IllegalMove("It lies in the bin. Restore it first.")
