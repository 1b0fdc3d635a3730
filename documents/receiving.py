"""The transaction that makes kept bytes into documents: blob, version, job, document, history, event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts import history, writing
from accounts.history import Deed
from accounts.models import User
from accounts.refusals import Refusal
from accounts.rights import Rights
from accounts.writing import Insert
from documents import duplicates, locks, orders
from documents.audience import audiences_of
from documents.idempotency import Asked
from documents.models import Batch, Blob, Document, Status, Version
from documents.placing import Place
from documents.refusals import Duplicate
from documents.storage import key_of, originals
from documents.validation import names
from jobs import enqueueing
from jobs.models import Job, Priority
from realtime import bell, events
from realtime.catalogue import DocumentReceived
from realtime.models import Event


@dataclass(frozen=True)
class Prepared:
    """A file that may come in, its bytes durable (or to be so before its row is); `keep_again` writes them once more
    where they were collected.
    """

    name: str
    sha256: str
    size: int
    content_type: str
    flags: tuple[str, ...]
    created: bool
    keep_again: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Who sends, where it belongs, and what the sender said about it."""

    by: User
    rights: Rights
    place: Place
    title: str = ""
    priority: Priority = Priority.NORMAL
    metadata: dict[str, Any] = field(default_factory=dict)
    document_date: date | None = None
    batch: Batch | None = None

    def said(self) -> dict[str, Any]:
        """For comparing two requests."""
        department = self.place.department
        return {
            "source": self.place.source.key,
            "department": department.key if department else None,
            "title": self.title,
            "priority": int(self.priority),
            "metadata": self.metadata,
            "document_date": self.document_date,
        }


def receive(files: Sequence[Prepared], wishes: Wishes) -> list[Document | Refusal]:
    """Documents of these files, in the caller's transaction and in the order given, each with its job or its original.

    A file is refused (Duplicate) where the source takes none twice.
    """
    fresh = record_bytes(files)
    known = duplicates.originals_of({file.sha256 for file in files} - fresh, wishes.rights)
    now = timezone.now()
    answers: list[Document | Refusal] = []
    pairs: list[tuple[Document, Version]] = []
    firsts: dict[str, Document] = dict(known)
    for number, file in enumerate(files):
        original = firsts.get(file.sha256)
        if original is not None and wishes.place.source.refuse_duplicates:
            answers.append(Duplicate(f"The same bytes are here already, as “{original.title}” ({original.pk})."))
            continue
        document, version = _document(file, wishes, now + timedelta(microseconds=number), original)
        firsts.setdefault(file.sha256, document)
        pairs.append((document, version))
        answers.append(document)
    _write(pairs)
    duplicates.copy_now(document for document, _ in pairs)
    return answers


@dataclass(frozen=True)
class Receipt:
    """A file before it is recorded: whose it is, and the request that it came with, if any."""

    file: Prepared
    wishes: Wishes
    asked: Asked | None


@dataclass(frozen=True)
class Received:
    """Documents that are recorded, and their jobs, whom nobody was told of yet (see `tell`)."""

    documents: list[Document]
    jobs: list[Job]

    def tell(self) -> None:
        """Wake workers and whoever listens, after commit. What is lost here is found by their own looking."""
        enqueueing.wake_after_commit(self.jobs)
        bell.ring_on_commit()

    def begin_to_tell(self) -> Callable[[], None]:
        """As `tell` when all is committed, without waiting for Redis; gives what has to be called soon."""
        heard = enqueueing.begin_to_wake(self.jobs, [bell.words()])

        def end() -> None:
            if heard is None or not heard():
                self.tell()

        return end


Keep = Callable[[Sequence[Document]], Callable[[], None]]
"""Makes the bytes of these documents durable, which nobody finds yet, and gives what names them.

(See `documents.storage.Draft`.)
"""


class _NotNew(Exception):
    """Ends a transaction in which nothing is to be kept."""


def receive_new(receipts: Sequence[Receipt], *, keep: Keep | None = None) -> Received | None:
    """Documents of bytes that nobody had, with all that belongs to them, in one statement: no transaction is needed.

    They may be of several senders, no two with the same bytes or the same key. None when somebody had one of them, or
    one of the requests was answered before or is in flight: no document is written, and each takes the long way.

    With `keep` the bytes are not durable yet: that is done while PostgreSQL writes the rows, and the rows are committed
    when the bytes have their names. Whatever it raises leaves no row.
    """
    now = timezone.now()
    pairs = [_document(one.file, one.wishes, now + timedelta(microseconds=n), None) for n, one in enumerate(receipts)]
    files = sorted((one.file for one in receipts), key=lambda file: file.sha256)  # nobody waits in a circle
    once = [writing.of([Blob(sha256=file.sha256, size=file.size, created_at=now) for file in files], once=True)]
    asked = [(one.asked, document) for one, (document, _) in zip(receipts, pairs, strict=True) if one.asked is not None]
    if asked:
        answers = [request.remembered({"document": str(document.pk)}, status=202) for request, document in asked]
        once.append(writing.of(answers, once=True))
    jobs, inserts = _rows(pairs)
    documents = [document for document, _ in pairs]
    kept = None if keep is None else partial(keep, documents)
    if not _kept_and_written(kept, inserts, once, [request.number for request, _ in asked]):
        return None
    _written(pairs, jobs)
    return Received(documents, jobs)


def _kept_and_written(
    kept: Callable[[], Callable[[], None]] | None, inserts: Sequence[Insert], once: Sequence[Insert], hold: list[int]
) -> bool:
    if kept is None:
        return writing.together(inserts, once=once, hold=hold)
    try:
        with writing.begun(inserts, once=once, hold=hold) as new:
            give_names = kept()
            if not new():
                raise _NotNew
            give_names()
    except _NotNew:
        return False
    return True


def record_bytes(files: Sequence[Prepared]) -> set[str]:
    """Note the bytes under their locks; tells which nobody had. Bytes that the collector took meanwhile come back."""
    sizes = {file.sha256: file.size for file in sorted(files, key=lambda file: file.sha256)}
    with connection.cursor() as cursor:  # two statements, one round trip: the second sees what the lock waited for
        cursor.execute(
            locks.HOLD_BYTES + "; INSERT INTO documents_blob (sha256, size, created_at)"  # noqa: S608
            " SELECT s, n, %s FROM unnest(%s::text[], %s::bigint[]) AS g (s, n)"
            " ON CONFLICT (sha256) DO NOTHING RETURNING sha256",
            [locks.numbers_of(sizes), timezone.now(), list(sizes), list(sizes.values())],
        )
        cursor.nextset()
        fresh = {row[0] for row in cursor.fetchall()}
    for file in files:
        if not file.created and not originals().exists(key_of(file.sha256)):
            file.keep_again()
    return fresh


def version_of(document: Document, file: Prepared, *, number: int, by: User, at: datetime) -> Version:
    return Version(
        document=document,
        number=number,
        blob_id=file.sha256,
        original_filename=file.name,
        content_type=file.content_type,
        file_size=file.size,
        uploaded_by=by,
        uploaded_at=at,
        flags=list(file.flags),
    )


def _document(file: Prepared, wishes: Wishes, at: datetime, original: Document | None) -> tuple[Document, Version]:
    document = Document(
        title=wishes.title or names.title_of(file.name),
        source=wishes.place.source,
        department=wishes.place.department,
        priority=wishes.priority,
        document_date=wishes.document_date,
        metadata=wishes.metadata,
        uploaded_by=wishes.by,
        uploaded_at=at,
        batch=wishes.batch,
        duplicate_of=original,
    )
    return document, version_of(document, file, number=1, by=wishes.by, at=at)


def _write(pairs: Sequence[tuple[Document, Version]]) -> None:
    if not pairs:
        return
    jobs, inserts = _rows(pairs)
    writing.together(inserts)
    _written(pairs, jobs)
    Received([document for document, _ in pairs], jobs).tell()


def _rows(pairs: Sequence[tuple[Document, Version]]) -> tuple[list[Job], list[Insert]]:
    """All that is written of them; the foreign keys, which point in a circle, are checked at commit."""
    for (document, version), number in zip(pairs, writing.numbers(Version, len(pairs)), strict=True):
        version.pk = number
        document.newest = version
    working = [pair for pair in pairs if pair[0].duplicate_of_id is None]
    jobs = enqueueing.jobs_of(
        orders.reading(document, version, by=version.uploaded_by) for document, version in working
    )
    for (document, _), job in zip(working, jobs, strict=True):
        document.job = job
    entries = history.entries_of((_deed(document, version) for document, version in pairs), last={})
    inserts = [
        writing.of([version for _, version in pairs]),
        *([enqueueing.insert_of(jobs)] if jobs else []),
        writing.of([document for document, _ in pairs]),
        writing.of(entries),
        writing.of(_events([document for document, _ in pairs])),
    ]
    return jobs, inserts


def _written(pairs: Sequence[tuple[Document, Version]], jobs: Sequence[Job]) -> None:
    writing.written([one for pair in pairs for one in pair])
    writing.written(jobs)


def _deed(document: Document, version: Version) -> Deed:
    department = document.department
    after = {
        "filename": version.original_filename,
        "sha256": version.blob_id,
        "size": version.file_size,
        "source": document.source.key,
        "department": department.key if department else None,
    }
    if document.duplicate_of_id:
        after["duplicate_of"] = str(document.duplicate_of_id)
    return Deed("document", str(document.pk), "received", document.uploaded_by, after=after)


def _events(documents: Sequence[Document]) -> list[Event]:
    audiences, now = audiences_of(documents), timezone.now()
    return [events.row_of(_told(document), to=audiences[document.pk], at=now) for document in documents]


def _told(document: Document) -> DocumentReceived:
    return DocumentReceived(
        id=str(document.pk),
        title=document.title,
        status=Status.QUEUED,
        source=document.source.key,
        department=document.department.key if document.department else None,
        version=1,
        uploaded_by=document.uploaded_by.get_username(),
        batch=str(document.batch_id) if document.batch_id else None,
    )
