"""The jobs that a version gives: one that reads it, then one that makes it findable."""

from accounts.models import User
from documents.models import Document, Version
from jobs.enqueueing import Order
from jobs.models import Priority


def reading(document: Document, version: Version, *, by: User) -> Order:
    """Bytes and type stand in the payload, so that the worker need not ask for them."""
    return Order(
        kind="document.process",
        payload={"version": version.pk, "sha256": version.blob_id, "content_type": version.content_type},
        owner=by,
        priority=Priority(document.priority),
        subject=("document", str(document.pk)),
        size=version.file_size,
    )


def indexing(document: Document, version: Version) -> Order:
    """One step less urgent than the reading, so that text is readable before anybody's text is searchable.

    So it also takes no turn from what its owner still has to be read.
    """
    return Order(
        kind="document.index",
        payload={"document": str(document.pk)},
        owner=User(pk=version.uploaded_by_id),
        priority=Priority(min(document.priority + 1, Priority.LOW)),
        subject=("document", str(document.pk)),
        size=version.file_size,
    )
