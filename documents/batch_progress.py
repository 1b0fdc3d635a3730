"""How far batches are: told live to whoever watches one, and to the person who sent it."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Q

from documents.models import Document, Status
from documents.models.document import IN_WORK
from realtime import audiences, events
from realtime.catalogue import BatchProgress


def tell(batches: Sequence[UUID]) -> None:
    """One query for all of them; ephemeral, so call it after commit."""
    rows = (
        Document.objects.filter(batch_id__in=batches)
        .values("batch_id", "batch__uploaded_by_id")
        .annotate(
            total=Count("pk"),
            open=Count("pk", filter=Q(status__in=IN_WORK)),
            failed=Count("pk", filter=Q(status=Status.FAILED)),
        )
    )
    events.tell_many(
        (
            BatchProgress(
                id=str(row["batch_id"]),
                total=row["total"],
                settled=row["total"] - row["open"],
                failed=row["failed"],
                percent=100 * (row["total"] - row["open"]) // row["total"],
            ),
            {audiences.batch(row["batch_id"]), audiences.user(row["batch__uploaded_by_id"])},
        )
        for row in rows
    )
