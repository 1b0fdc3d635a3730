"""The job that reads a version."""

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
