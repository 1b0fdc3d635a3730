"""Many files in one call."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.refusals import IllegalMove, NotAllowed, NotFound, Refusal, Unavailable
from accounts.rights import Action, Rights
from documents import control, idempotency, intake, placing, visibility
from documents.intake import Upload
from documents.models import Batch, Document, Refused, Status
from documents.models.document import IN_WORK
from documents.receiving import Prepared, Wishes
from documents.storage import sha256_of
from documents.validation import names
from jobs.models import Priority

STOPPED_AT_ONCE = 100  # documents, in a transaction of their own: workers wait for their rows meanwhile


@dataclass(frozen=True)
class Progress:
    """How far a batch is, counting what its asker may see."""

    total: int
    settled: int
    failed: int
    by_status: dict[str, int]

    @property
    def percent(self) -> int:
        return 100 * self.settled // self.total if self.total else 100


def submit(
    uploads: Sequence[Upload],
    *,
    by: User,
    rights: Rights,
    source: str,
    department: str | None = None,
    priority: Priority = Priority.NORMAL,
    metadata: dict[str, Any] | None = None,
    document_date: date | None = None,
    key: idempotency.Key | None = None,
) -> Batch:
    """Take many files in as one batch, all rows in one transaction; refused files are noted and stop no other.

    Raises UnknownSource, NotAllowed, IdempotencyMismatch, InFlight, StorageAway for the whole.
    """
    place = placing.place(source=source, department=department, by=by, rights=rights)
    batch = Batch(uploaded_by=by, source=place.source, department=place.department, created_at=timezone.now())
    wishes = Wishes(
        by=by,
        rights=rights,
        place=place,
        priority=priority,
        metadata=metadata or {},
        document_date=document_date,
        batch=batch,
    )
    asked = idempotency.asked(key, wishes.said(), [_said(upload) for upload in uploads] if key else ())
    if asked is not None and (known := asked.answered_before()) is not None:
        return Batch.objects.get(pk=known["batch"])
    with ThreadPoolExecutor(intake.WRITERS, thread_name_prefix="batch") as writers:
        prepared = list(writers.map(_prepare, uploads))
    with transaction.atomic():
        if asked is not None and (known := asked.hold()) is not None:
            return Batch.objects.get(pk=known["batch"])
        batch.save(force_insert=True)
        answers = intake.record(prepared, wishes)
        Refused.objects.bulk_create(
            Refused(batch=batch, filename=names.cleaned(upload.name), code=answer.code, detail=answer.detail)
            for upload, answer in zip(uploads, answers, strict=True)
            if isinstance(answer, Refusal)
        )
        if asked is not None:
            asked.remember({"batch": str(batch.pk)}, status=202)
    return batch


def visible_to(rights: Rights) -> QuerySet[Batch]:
    """One's own, all for those who see everything; of these a bound key's those that were sent where it reaches.

    Of an old one nobody noted where: it shows to a bound key that sees one of its documents.
    """
    if not rights.scope_allows(Action.SEE):
        return Batch.objects.none()
    if rights.sees_all:
        return Batch.objects.all()
    own = Batch.objects.filter(uploaded_by_id=rights.user_id)
    if not rights.bound:
        return own
    within = Q(source__isnull=False)
    if rights.only_departments is not None:
        within &= Q(department_id__in=rights.only_departments)
    if rights.sources is not None:
        within &= Q(source__key__in=rights.sources)
    shown = Document.objects.visible_to(rights).filter(batch=OuterRef("pk"))
    return own.filter(within | Q(Exists(shown), source=None))


def seen(pk: UUID, rights: Rights) -> Batch:
    """One of those that these rights show. Raises NotFound."""
    batch = visible_to(rights).filter(pk=pk).first()
    if batch is None:
        raise NotFound
    return batch


def progress_of(batch: Batch, rights: Rights) -> Progress:
    statuses = Document.objects.visible_to(rights).filter(batch=batch).values_list("status", flat=True)
    counts = Counter(map(str, statuses))
    total, open_ = sum(counts.values()), sum(counts[status] for status in IN_WORK)
    return Progress(total, total - open_, counts[Status.FAILED], dict(counts))


def cancel(batch: Batch, *, by: User, rights: Rights) -> int:
    """Stop what waits and runs of a batch, as far as `by` controls it; tells how many documents.

    Raises IllegalMove when nothing is left to stop, NotAllowed when nothing of what is left is his to stop.
    """
    open_ = Document.objects.visible_to(rights).filter(batch=batch, status__in=IN_WORK).select_related("source")
    left = list(open_.order_by("pk"))
    ids = [document.pk for document in left if visibility.may(rights, Action.CONTROL, document)]
    kept_from = len(ids) < len(left)
    groups = [ids[start : start + STOPPED_AT_ONCE] for start in range(0, len(ids), STOPPED_AT_ONCE)]
    stopped = sum(control.cancel_many(group, by=by, rights=rights) for group in groups)
    if not stopped and kept_from:
        raise NotAllowed(rights.lacks_scope(Action.CONTROL) or "Your role does not allow this on these documents.")
    if not stopped:
        raise IllegalMove("Nothing of this batch is left to stop.")
    return stopped


def _prepare(upload: Upload) -> Prepared | Refusal:
    """Raises Unavailable, which is not the file's fault: the whole batch is to be sent again."""
    found = intake.prepare(upload)
    if isinstance(found, Unavailable):
        raise found
    return found


def _said(upload: Upload) -> tuple[str, str]:
    with upload.opened() as file:
        return names.cleaned(upload.name), sha256_of(file)[0]
