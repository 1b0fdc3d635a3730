"""The same bytes again: a document that copies, or awaits, the result of another one instead of being read itself."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q
from django.utils import timezone

from accounts import history
from accounts.history import Deed
from accounts.rights import Rights
from documents import batch_progress, notices, orders, saying
from documents.audience import audiences_of
from documents.models import Document, Page, PageIndex, Status, Version
from documents.models.document import IN_WORK
from jobs import enqueueing, kinds
from jobs.enqueueing import Order
from jobs.models import Priority
from realtime import events
from realtime.catalogue import Told
from realtime.notices import telling

SAME_FAILURE = frozenset({"encrypted", "damaged", "bomb", "unsupported"})  # what the bytes cause; else it is tried anew
OF_THE_NAME = "extension_mismatch"  # the one flag that is not of the bytes alone

AWAITING = Q(status__in=IN_WORK, job_id=None, duplicate_of__isnull=False)


def originals_of(hashes: Collection[str], rights: Rights) -> dict[str, Document]:
    """By digest: the eldest document of these bytes that these rights show and that has, or will have, a result.

    Locked until the end of the transaction, so that none settles unseen.
    """
    if not hashes:
        return {}
    candidates = (
        _useful(Document.objects.visible_to(rights).filter(newest__blob_id__in=list(hashes)))
        .order_by("newest__blob_id", "uploaded_at", "id")
        .distinct("newest__blob_id")
        .values_list("pk", flat=True)
    )
    if not (chosen := list(candidates)):
        return {}
    locked = Document.objects.filter(pk__in=chosen).select_related("newest")
    locked = _useful(locked).order_by("pk").select_for_update(of=("self",), no_key=True)
    return {document.newest.blob_id: document for document in locked if document.newest}


def copy_now(documents: Iterable[Document]) -> None:
    """Give those fresh documents whose original is done its result, in the caller's transaction."""
    done = [document for document in documents if document.duplicate_of and document.duplicate_of.status == "processed"]
    if done:
        _copy(done)


def settle_waiting(document_ids: Iterable[UUID]) -> int:
    """Settle the documents that await these ones, which have just settled and are locked; tells how many.

    The result, or a failure that lies in the bytes, is copied; else each gets a job of its own.
    """
    waiting = list(
        Document.objects.filter(AWAITING, duplicate_of_id__in=list(document_ids))
        .select_related("newest", "duplicate_of__newest", "uploaded_by")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    copied, failed, alone = [], [], []
    for document in waiting:
        status, same = _outcome(document)
        if same and status == Status.PROCESSED:
            copied.append(document)
        elif same and status == Status.FAILED:
            failed.append(document)
        elif not same or status not in IN_WORK:
            alone.append(document)
    if copied:
        _copy(copied)
    if failed:
        _fail(failed)
    if alone:
        read_alone(alone)
    return len(copied) + len(failed) + len(alone)


def read_alone(documents: Sequence[Document]) -> None:
    """Each document that awaited another gets a job of its own."""
    wanted = [
        orders.reading(document, document.newest, by=document.uploaded_by) for document in documents if document.newest
    ]
    for document, job in zip(documents, enqueueing.enqueue_many(wanted), strict=True):
        document.job = job
        document.duplicate_of = None
    Document.objects.bulk_update(documents, ["job_id", "duplicate_of"])


def _useful(documents: Any) -> Any:
    """Not in the bin, and read, or being read by a job."""
    return documents.outside_bin().filter(Q(status=Status.PROCESSED) | Q(status__in=IN_WORK, job_id__isnull=False))


def _outcome(document: Document) -> tuple[str, bool]:
    """What became of the other one, and whether that says anything about these bytes."""
    other = document.duplicate_of
    if other is None or other.newest is None or document.newest is None:
        return "", False
    same = other.newest.blob_id == document.newest.blob_id
    if other.status == Status.FAILED and other.newest.error_code not in SAME_FAILURE:
        same = False
    return str(other.status), same


def _copy(documents: Sequence[Document]) -> None:
    now = timezone.now()
    pairs = [(document.newest_id, document.duplicate_of.newest_id) for document in documents if document.duplicate_of]
    with connection.cursor() as cursor:
        cursor.execute(COPY_VERSIONS, [now, *_columns(pairs)])
        cursor.execute(COPY_PAGES, _columns(pairs))
        cursor.execute(COPY_INDEX, _columns(pairs))
        indexed = {row[0] for row in cursor.fetchall()}
    versions = Version.objects.in_bulk([mine for mine, _ in pairs])
    for document in documents:
        document.finish()
        document.settled_at = now
        document.newest = document.readable = versions[document.newest_id]
        document.language = document.newest.language
    Document.objects.bulk_update(documents, ["status", "settled_at", "readable", "language"])
    _enqueue("document.index", [document for document in documents if document.pk not in indexed])
    _say(documents)


def _fail(documents: Sequence[Document]) -> None:
    now = timezone.now()
    versions = []
    for document in documents:
        version, other = document.newest, document.duplicate_of.newest if document.duplicate_of else None
        if version is None or other is None:
            continue
        version.status, version.processed_at = Status.FAILED, now
        version.error_code, version.error_detail = other.error_code, other.error_detail
        versions.append(version)
        document.fail()
        document.settled_at = now
    Version.objects.bulk_update(versions, ["status", "processed_at", "error_code", "error_detail"])
    Document.objects.bulk_update(documents, ["status", "settled_at"])
    _say(documents)


def _say(documents: Sequence[Document]) -> None:
    """Record and tell that these have settled, as the settling of a job would."""
    history.record_many(_deed(document) for document in documents)
    reach = audiences_of(documents)
    versions = []
    for document in documents:
        if document.newest is not None:
            document.newest.document = document
            versions.append(document.newest)
    news = [*notices.of_settled(versions), *batch_progress.settled(documents)]
    pairs: list[tuple[Told, Iterable[str]]] = [*telling.write(news)]
    for document in documents:
        pairs.append((saying.status(document, document.newest), reach[document.pk]))
        if document.status == Status.FAILED:
            pairs.append((saying.failure(document, document.newest), reach[document.pk]))
    events.tell_many(pairs)
    _enqueue("document.settled", documents)


def _deed(document: Document) -> Deed:
    after = {"status": str(document.status), "as": str(document.duplicate_of_id)}
    return Deed("document", str(document.pk), str(document.status), after=after)


def _enqueue(kind: str, documents: Sequence[Document]) -> None:
    if documents and kinds.is_registered(kind):
        enqueueing.enqueue_many(
            Order(
                kind=kind,
                payload={"document": str(document.pk), "status": str(document.status)},
                priority=Priority(document.priority),
                subject=("document", str(document.pk)),
                size=document.newest.file_size if document.newest else 0,
            )
            for document in documents
        )


def _columns(pairs: Sequence[tuple[int | None, int | None]]) -> list[list[int | None]]:
    return [[mine for mine, _ in pairs], [other for _, other in pairs]]


def _copied(model: type[Model], *except_for: str) -> list[str]:
    """The columns of a table that are copied as they are, whatever is added to it later."""
    columns = [str(column.column) for column in model._meta.concrete_fields]
    return [f'"{column}"' for column in columns if column not in except_for]


_PAIRS = "unnest(%s::bigint[], %s::bigint[]) AS pair (mine, other)"
_OF_READING = ["page_count", "pages_awaiting_ocr", "language", "confidence_score", "facts"]
COPY_VERSIONS = f"""
UPDATE documents_version v SET status = 'processed', processed_at = %s,
    flags = ARRAY(SELECT DISTINCT f FROM unnest(v.flags || array_remove(o.flags, '{OF_THE_NAME}')) AS f ORDER BY f),
    {", ".join(f"{column} = o.{column}" for column in _OF_READING)}
FROM {_PAIRS} JOIN documents_version o ON o.id = pair.other WHERE v.id = pair.mine
"""  # noqa: S608 (names of columns)
_PAGE = _copied(Page, "id", "version_id")
COPY_PAGES = f"""
INSERT INTO documents_page (version_id, {", ".join(_PAGE)})
SELECT pair.mine, {", ".join(f"p.{column}" for column in _PAGE)}
FROM {_PAIRS} JOIN documents_page p ON p.version_id = pair.other ORDER BY pair.mine, p.number
"""  # noqa: S608 (names of columns)
_INDEX = _copied(PageIndex, "page_id", "document_id")
COPY_INDEX = f"""
INSERT INTO documents_pageindex (page_id, document_id, {", ".join(_INDEX)})
SELECT mine.id, v.document_id, {", ".join(f"i.{column}" for column in _INDEX)}
FROM {_PAIRS} JOIN documents_version v ON v.id = pair.mine
JOIN documents_page mine ON mine.version_id = pair.mine
JOIN documents_page other ON other.version_id = pair.other AND other.number = mine.number
JOIN documents_pageindex i ON i.page_id = other.id
RETURNING document_id
"""  # noqa: S608 (names of columns)
