"""Reading a version: the kind `document.process`. What the child answers is written by `documents.settling`."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection

from accounts import prepared
from documents import outcomes, settling
from documents.audience import audiences_of
from documents.models import Document
from documents.outcomes import Failed, Outcome, Read
from documents.storage import key_of, originals
from jobs.children import ChildDied, ChildError, ChildFailed, ChildOutOfMemory, ChildRefused, ChildTimeout
from jobs.kinds import Done, Kind
from jobs.models import Job
from jobs.run import Run
from realtime import events
from realtime.catalogue import DocumentProgress

READ = "documents.extraction.reading:read"
SHORT_BYTES = 1024 * 1024
SHORT_TYPES = ("application/pdf", "text/", "application/json", "application/xml")
BASE_SECONDS, SECONDS_A_MEGABYTE, LONGEST_SECONDS = 30.0, 4.0, 540.0
TRIES_IN_A_CHILD = 2
CHUNK = 1024 * 1024


def perform(run: Run) -> Outcome:
    """Read the version in a child. A child that dies is tried once more; the second death is the file's fault."""
    sha256, content_type = _what(run)
    last: ChildFailed | None = None
    with local_file(sha256) as path:
        for _ in range(TRIES_IN_A_CHILD):
            try:
                answer = run.child().call(
                    READ,
                    path,
                    content_type,
                    timeout=time_limit(run.job.size),
                    at_most=LONGEST_SECONDS,
                    on_progress=run.progress,
                )
            except (ChildDied, ChildOutOfMemory) as death:
                last = death
                continue
            except ChildTimeout:
                run.check()
                return Failed("timeout", "Reading this file took too long; the gateway stopped it.")
            except ChildRefused as refusal:
                return Failed(refusal.code, refusal.detail)
            return Read.of(answer)
    return outcomes.of_death(last)


def time_limit(size: int) -> float:
    """Seconds that reading a page of a file of `size` bytes may take, or whatever else the reader tells of."""
    return min(LONGEST_SECONDS, BASE_SECONDS + SECONDS_A_MEGABYTE * size / (1024 * 1024))


@contextmanager
def local_file(sha256: str) -> Iterator[str]:
    """The path of the bytes on this machine; those of a bucket are fetched for as long as it is needed.

    Raises FileNotFoundError, StorageAway.
    """
    key, storage = key_of(sha256), originals()
    if (place := storage.path(key)) is not None:
        try:
            yield str(place)
        except ChildError:
            storage.path(key)  # says so when it has gone meanwhile
            raise
        return
    with storage.open(key) as source, tempfile.NamedTemporaryFile(prefix="kmrl-reading-") as copy:
        while chunk := source.read(CHUNK):
            copy.write(chunk)
        copy.flush()
        yield copy.name


def lock(jobs: Sequence[Job]) -> None:
    """The documents' rows, in id order: they come before Job in the house's order of locks."""
    prepared.rows(
        "SELECT id FROM documents_document WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE",
        [[job.subject_id for job in jobs]],
    )


def began(jobs: Sequence[Job]) -> None:
    settling.move(versions_of(jobs), settling.BEGAN)


def waits_again(jobs: Sequence[Job]) -> None:
    settling.move(versions_of(jobs), settling.WAITS)


def start_over(jobs: Sequence[Job]) -> None:
    settling.move(versions_of(jobs), settling.STARTS_OVER)


def cancelled(jobs: Sequence[Job]) -> None:
    settling.move(versions_of(jobs), settling.CANCELLED)


def died(jobs: Sequence[Job]) -> None:
    """Its job is dead: the document has failed, `timeout` or `internal`."""
    settling.settle([(version_of(job), outcomes.of_dead_job(job)) for job in jobs])


def settle(done: Sequence[Done]) -> None:
    settling.settle([(version_of(one.job), one.value) for one in done])


def progressed(job: Job, percent: int, step: str, eta: float | None) -> None:
    """Told live to those who may see the document, and kept nowhere."""
    document = Document.objects.filter(pk=job.subject_id).first()
    if document is not None:
        told = DocumentProgress(id=str(document.pk), percent=percent, step=step, eta=eta)
        events.tell(told, to=audiences_of([document])[document.pk])


def is_short(job: Job) -> bool:
    """A small PDF or text: read in milliseconds, so it may share a transaction with others."""
    content_type = job.payload.get("content_type", "")
    return job.size < SHORT_BYTES and content_type.startswith(SHORT_TYPES)


def version_of(job: Job) -> int:
    return int(job.payload["version"])


def versions_of(jobs: Sequence[Job]) -> list[int]:
    return [version_of(job) for job in jobs]


def _what(run: Run) -> tuple[str, str]:
    """SHA-256 and content type: in the payload, so that the hot path asks nothing; else from the row."""
    known: dict[str, Any] = run.payload
    if "sha256" in known and "content_type" in known:
        return known["sha256"], known["content_type"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT blob_id, content_type FROM documents_version WHERE id = %s", [version_of(run.job)])
        sha256, content_type = cursor.fetchone()
    return sha256, content_type


KIND = Kind(
    name="document.process",
    perform=perform,
    settle=settle,
    lock=lock,
    began=began,
    retrying=waits_again,
    requeued=start_over,
    died=died,
    cancelled=cancelled,
    progressed=progressed,
    child_modules=("documents.extraction.reading",),
    time_limit=timedelta(minutes=10),
    batch=32,
    short=is_short,
)
