"""Writing what reading gave: for a whole batch in a handful of statements, in the caller's transaction.

The caller holds the documents' row locks (`documents.processing.lock`). Only the newest version moves its document;
an older one keeps its own result.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import history, prepared
from accounts.history import Deed
from documents import batch_progress, duplicates, followers, notices, orders, rows, saying
from documents.audience import audiences_of
from documents.models import Document, Status, Version
from documents.models.document import IN_WORK, SETTLED
from documents.outcomes import Outcome, Read
from jobs import kinds
from jobs.enqueueing import Order, enqueue_many
from jobs.models import Priority
from realtime import events
from realtime.catalogue import Told
from realtime.notices import telling
from realtime.notices.telling import News


@dataclass(frozen=True)
class Move:
    """A change of status that writes nothing else: from which statuses, and by which method of Document."""

    sources: tuple[Status, ...]
    target: Status
    step: Callable[[Document], None]
    recorded_as: str = ""


BEGAN = Move(IN_WORK, Status.PROCESSING, Document.start_processing)
WAITS = Move(IN_WORK, Status.QUEUED, Document.wait_again)
CANCELLED = Move(IN_WORK, Status.CANCELLED, Document.cancel, "cancelled")
STARTS_OVER = Move((*IN_WORK, *SETTLED), Status.QUEUED, Document.start_over)


def move(versions: Sequence[int], how: Move) -> None:
    """Move these versions, and the documents whose newest they are; those that stand elsewhere stay as they are."""
    now = timezone.now()
    moved = []
    Version.objects.filter(pk__in=versions).update(status=how.target)
    for version in rows.with_documents(versions):
        document = version.document
        if not _is_newest(version) or document.status not in how.sources or document.status == how.target:
            continue
        how.step(document)
        document.settled_at = now if document.status in SETTLED else None
        moved.append(version)
    rows.write_documents([version.document for version in moved])
    if how.recorded_as:
        history.record_many(_deed(version, how.recorded_as, {}) for version in moved)
    done = [version.document for version in moved] if how.target in SETTLED else []
    _tell(moved, batch_progress.settled(done))
    _after(done)


def settle(results: Sequence[tuple[int, Outcome]]) -> None:
    """Write each version's outcome; tell, record, and have what was read indexed."""
    given = dict(results)
    versions = rows.with_documents(list(given))
    now = timezone.now()
    again = [version.pk for version in versions if version.processed_at is not None]
    newest: list[Version] = []
    read: list[tuple[Version, Read]] = []
    for version in versions:
        outcome = given[version.pk]
        _take(version, outcome)
        version.processed_at = now
        if isinstance(outcome, Read):
            read.append((version, outcome))
        if _take_document(version, outcome):
            version.document.settled_at = now
            newest.append(version)
    rows.write_pages([(version.pk, outcome) for version, outcome in read], again)
    rows.write_versions(versions)
    rows.write_documents([version.document for version in versions])
    history.record_many(_deed(version, version.status, _said(version)) for version in newest)
    settled = batch_progress.settled(version.document for version in newest)
    _tell(newest, [*notices.of_settled(newest, again=again), *settled])
    found = [version for version, _ in read if version.document.readable_id == version.pk]
    enqueue_many(orders.indexing(version.document, version) for version in found)
    _after([version.document for version in newest])


def _is_newest(version: Version) -> bool:
    return bool(version.document.newest_id == version.pk)


def _take(version: Version, outcome: Outcome) -> None:
    if isinstance(outcome, Read):
        version.status = Status.PROCESSED
        version.page_count = outcome.page_count
        version.pages_awaiting_ocr = outcome.awaiting_ocr
        version.language = outcome.language
        version.confidence_score = outcome.confidence
        version.flags = sorted({*version.flags, *outcome.flags})
        version.facts = outcome.facts
        version.error_code = version.error_detail = ""
    else:
        version.status = Status.FAILED
        version.error_code, version.error_detail = outcome.code, outcome.detail


def _take_document(version: Version, outcome: Outcome) -> bool:
    """Move the document where this version decides; whether its status moved."""
    document = version.document
    if isinstance(outcome, Read) and (document.readable_id is None or document.readable_id <= version.pk):
        document.readable_id = version.pk
        document.language = version.language
    if not _is_newest(version) or document.status not in IN_WORK:
        return False
    document.finish() if isinstance(outcome, Read) else document.fail()
    return True


def _said(version: Version) -> dict[str, Any]:
    if version.status == Status.FAILED:
        return {"code": version.error_code, "detail": version.error_detail}
    return {
        "page_count": version.page_count,
        "language": version.language,
        "confidence_score": version.confidence_score,
    }


def _deed(version: Version, action: str, more: dict[str, Any]) -> Deed:
    after = {"status": str(version.document.status), "version": version.number, **more}
    return Deed("document", str(version.document_id), str(action), after=after)


def _tell(versions: Sequence[Version], news: Sequence[News]) -> None:
    reach = audiences_of(version.document for version in versions)
    pairs: list[tuple[Told, Iterable[str]]] = [*telling.write(news)]
    for version in versions:
        keys = reach[version.document_id]
        pairs.append((saying.status(version.document, version), keys))
        if version.document.status == Status.FAILED:
            pairs.append((saying.failure(version.document, version), keys))
    if pairs:
        events.tell_many(pairs)


def _awaited(documents: Sequence[UUID]) -> list[UUID]:
    """Those whose result others wait for; hardly ever any. Who begins to wait holds the other's row lock, as we do."""
    found = prepared.rows(
        "SELECT DISTINCT duplicate_of_id FROM documents_document"
        " WHERE duplicate_of_id = ANY(%s::uuid[]) AND status IN ('queued', 'processing')",
        [list(documents)],
    )
    return [row[0] for row in found]


def _after(documents: Sequence[Document]) -> None:
    """What follows once documents are settled: those that wait for their result; workflows, but of what was stopped."""
    if not documents:
        return
    if awaited := _awaited([document.pk for document in documents]):
        duplicates.settle_waiting(awaited)
    ended = [document for document in documents if document.status != Status.CANCELLED]
    if kinds.is_registered("document.settled"):
        done = followers.done_at_once(ended)
        enqueue_many(
            Order(
                kind="document.settled",
                payload={"document": str(document.pk), "status": str(document.status)},
                priority=Priority(document.priority),
                subject=("document", str(document.pk)),
            )
            for document in ended
            if document.pk not in done
        )
