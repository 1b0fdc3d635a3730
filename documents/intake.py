"""Intake: bytes first, then one transaction, then the receipt.

`submit` and `submit_many` are the only ways in: for the API, the pages, `manage.py ingest` and whatever watches.
"""

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.refusals import NotFound, Refusal
from accounts.rights import Rights
from documents import idempotency as requests
from documents import placing, receiving
from documents.models import Batch, Document
from documents.receiving import Prepared, Receipt, Wishes
from documents.refusals import TooLarge
from documents.storage import Draft, originals, sha256_of
from documents.validation import door, names
from jobs.models import Priority

IN_MEMORY = 4 * 1024 * 1024
WRITERS = 4
GROUP = 64


@dataclass(frozen=True)
class Upload:
    """A file that somebody sends: an open, seekable file or a path, and the name that the sender gave it."""

    name: str
    file: IO[bytes] | None = None
    path: Path | None = None

    @classmethod
    def of_path(cls, path: Path) -> "Upload":
        return cls(path.name, path=path)

    def opened(self) -> AbstractContextManager[IO[bytes]]:
        """The bytes; a path is opened and closed here, a file stays the caller's."""
        if self.file is not None:
            return nullcontext(self.file)
        if self.path is None:
            raise ValueError("An upload has a file or a path.")
        return self.path.open("rb")


def submit(
    upload: Upload,
    *,
    by: User,
    rights: Rights,
    source: str,
    department: str | None = None,
    title: str = "",
    priority: Priority = Priority.NORMAL,
    metadata: dict[str, Any] | None = None,
    document_date: date | None = None,
    batch: Batch | None = None,
    idempotency: requests.Key | None = None,
) -> Document:
    """Take one file in: durable and recorded when this returns, or refused with nothing kept.

    Raises a Refusal: Empty, TooLarge, Bomb, Unsupported, NoSpace, StorageAway, UnknownSource, NotAllowed, Duplicate,
    IdempotencyMismatch, InFlight. A request that was answered before gives its document again.
    """
    wishes = wishes_of(
        by=by,
        rights=rights,
        source=source,
        department=department,
        title=title,
        priority=priority,
        metadata=metadata,
        document_date=document_date,
        batch=batch,
    )
    with upload.opened() as file:
        sent = look_at(upload, file, wishes, idempotency)
        if (known := sent.answered_before()) is not None:
            return known
        receipt = sent.kept()
        if receipt.file.created and (received := receiving.receive_new([receipt])) is not None:
            received.tell()
            return received.documents[0]
        return receive_known(receipt)


def wishes_of(
    *,
    by: User,
    rights: Rights,
    source: str,
    department: str | None = None,
    title: str = "",
    priority: Priority = Priority.NORMAL,
    metadata: dict[str, Any] | None = None,
    document_date: date | None = None,
    batch: Batch | None = None,
) -> Wishes:
    """What the sender said, with the place where it belongs. Raises UnknownSource, NotAllowed."""
    return Wishes(
        by=by,
        rights=rights,
        place=placing.place(source=source, department=department, by=by, rights=rights),
        title=title,
        priority=priority,
        metadata=metadata or {},
        document_date=document_date,
        batch=batch,
    )


def look_at(upload: Upload, file: IO[bytes], wishes: Wishes, key: requests.Key | None) -> "Sent":
    """Hash and examine an open upload; keeps nothing and asks the database nothing. Raises a Refusal."""
    found = read(upload.name, file)
    return Sent(upload, found, wishes, requests.asked(key, wishes.said(), [found.said()]))


def given_before(known: dict[str, Any], rights: Rights) -> Document:
    """The document of an answer that is remembered, as it is now. Raises NotFound when it was closed to its sender.

    A key that only uploads is answered as long as its owner would see it.
    """
    found = Document.objects.filter(Document.objects.sight(rights), pk=known["document"]).first()
    if found is None:
        raise NotFound("This request was answered before. What it sent was received, and is not yours to see any more.")
    return found


def receive_known(receipt: Receipt) -> Document:
    """The long way, in a transaction: bytes that somebody had, and requests that were sent before. Raises a Refusal."""
    asked = receipt.asked
    with transaction.atomic():
        if asked is not None and (known := asked.hold()) is not None:
            return given_before(known, receipt.wishes.rights)
        answer = receiving.receive([receipt.file], receipt.wishes)[0]
        if isinstance(answer, Refusal):
            raise answer
        if asked is not None:
            asked.remember({"document": str(answer.pk)}, status=202)
    return answer


def submit_many(
    uploads: Sequence[Upload],
    *,
    by: User,
    rights: Rights,
    source: str,
    department: str | None = None,
    priority: Priority = Priority.NORMAL,
    metadata: dict[str, Any] | None = None,
    batch: Batch | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> list[Document | Refusal]:
    """Take many files in, in one transaction for each 64: one answer a file, in the order given.

    Files are hashed, looked at and written by a few threads at once, each with an fsync of its own: `syncfs` would wait
    for everybody's bytes, PostgreSQL's too. A refused one leaves nothing and stops no other.
    `on_progress` is told how many have their answer.
    Raises UnknownSource and NotAllowed for all of them.
    """
    place = placing.place(source=source, department=department, by=by, rights=rights)
    wishes = Wishes(by=by, rights=rights, place=place, priority=priority, metadata=metadata or {}, batch=batch)
    groups = [uploads[start : start + GROUP] for start in range(0, len(uploads), GROUP)]
    answers: list[Document | Refusal] = []
    with ThreadPoolExecutor(WRITERS, thread_name_prefix="intake") as writers:
        ahead = [writers.submit(prepare, upload) for group in groups[:1] for upload in group]
        for number in range(len(groups)):
            prepared = [one.result() for one in ahead]
            ahead = [writers.submit(prepare, upload) for group in groups[number + 1 : number + 2] for upload in group]
            answers += record(prepared, wishes)  # while the next group is hashed and written
            if on_progress is not None:
                on_progress(len(answers))
    return answers


def record(prepared: Sequence[Prepared | Refusal], wishes: Wishes) -> list[Document | Refusal]:
    """The rows of the files that were not refused, in one transaction; the answers in the order given."""
    good = [found for found in prepared if isinstance(found, Prepared)]
    with transaction.atomic():
        documents = iter(receiving.receive(good, wishes)) if good else iter(())
    return [found if isinstance(found, Refusal) else next(documents) for found in prepared]


def prepare(upload: Upload) -> Prepared | Refusal:
    """Hash, look at, and write down the bytes of one file; asks the database nothing."""
    try:
        with upload.opened() as file:
            return keep(read(upload.name, file), upload)
    except Refusal as refusal:
        return refusal


@dataclass(frozen=True)
class Read:
    """A file that may come in, not kept yet."""

    name: str
    file: IO[bytes]
    sha256: str
    size: int
    examined: door.Examined

    def said(self) -> tuple[str, str]:
        return self.name, self.sha256


@dataclass(frozen=True)
class Sent:
    """A file that may come in, with all that its sender said and, maybe, the request to know it by."""

    upload: Upload
    found: Read
    wishes: Wishes
    asked: requests.Asked | None

    def answered_before(self) -> Document | None:
        """The document that the same request gave before. Raises IdempotencyMismatch, NotFound."""
        known = self.asked.answered_before() if self.asked is not None else None
        return None if known is None else given_before(known, self.wishes.rights)

    def kept(self) -> Receipt:
        """Its bytes durable. Raises NoSpace."""
        return Receipt(keep(self.found, self.upload), self.wishes, self.asked)

    def unkept(self) -> Receipt:
        """As `kept`, for who makes the bytes durable before the row is: they are new."""
        return Receipt(prepared_of(self.found, self.upload, created=True), self.wishes, self.asked)

    def draft(self) -> Draft:
        """Its bytes durable, without their name. Raises NoSpace."""
        return originals().draft(self.found.sha256, self.found.file)


def read(name: str, file: IO[bytes]) -> Read:
    """Hash and look at it. What is small is held in memory and read once."""
    name, limit = names.cleaned(name), settings.MAX_UPLOAD_BYTES
    file.seek(0)
    head = file.read(IN_MEMORY + 1)
    if len(head) <= IN_MEMORY:
        file = io.BytesIO(head)
    sha256, size = sha256_of(file, limit)
    if size > limit:
        raise TooLarge(limit)
    return Read(name, file, sha256, size, door.examine(file, size, name))


def keep(found: Read, upload: Upload) -> Prepared:
    """Write the bytes down, durably."""
    return prepared_of(found, upload, created=originals().put(found.sha256, found.file))


def prepared_of(found: Read, upload: Upload, *, created: bool) -> Prepared:
    """What is recorded of it; `created`: nobody had the bytes."""

    def keep_again() -> None:
        with upload.opened() as file:
            originals().put(found.sha256, file)

    return Prepared(
        name=found.name,
        sha256=found.sha256,
        size=found.size,
        content_type=found.examined.content_type,
        flags=found.examined.flags,
        created=created,
        keep_again=keep_again,
    )
