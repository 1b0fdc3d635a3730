"""How far batches are: told live to whoever watches one, and to the person who sent it; and that one is done."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import connection, transaction

from documents import locks, notices
from documents.models import Document
from realtime import audiences, events
from realtime.catalogue import BatchProgress
from realtime.notices.telling import News

_COUNT = """
SELECT d.batch_id, b.uploaded_by_id, count(*), count(*) FILTER (WHERE d.status IN ('queued', 'processing')),
    count(*) FILTER (WHERE d.status = 'failed'), count(*) FILTER (WHERE d.status = 'processed')
FROM documents_document d JOIN documents_batch b ON b.id = d.batch_id
WHERE d.batch_id = ANY(%s::uuid[]) GROUP BY d.batch_id, b.uploaded_by_id ORDER BY d.batch_id
"""


def settled(documents: Iterable[Document]) -> list[News]:
    """Documents of batches have settled: tells how far those are, after commit; news of the batches that are done.

    One round trip, last of what a transaction locks: until commit no other settles documents of the same batch, so that
    of two who settle its last ones the second sees that it is done.
    """
    batches = sorted({str(document.batch_id) for document in documents if document.batch_id})
    if not batches:
        return []
    rows = _counted(batches)
    transaction.on_commit(partial(_tell, rows))
    return [
        news
        for pk, sender, total, in_work, failed, read in rows
        if not in_work
        for news in notices.of_batch(pk, to=sender, read=read, failed=failed, total=total)
    ]


def _counted(batches: list[str]) -> list[tuple[Any, ...]]:
    numbers = sorted(locks.number_of_name(f"batch {pk}") for pk in batches)
    with connection.cursor() as cursor:  # two statements: the second sees what the lock waited for
        cursor.execute(f"{locks.HOLD_BYTES}; {_COUNT}", [numbers, batches])
        cursor.nextset()
        return cursor.fetchall()


def _tell(rows: list[tuple[Any, ...]]) -> None:
    events.tell_many(
        (
            BatchProgress(
                id=str(pk),
                total=total,
                settled=total - in_work,
                failed=failed,
                percent=100 * (total - in_work) // total,
            ),
            {audiences.batch(pk), audiences.user(sender)},
        )
        for pk, sender, total, in_work, failed, _read in rows
    )
