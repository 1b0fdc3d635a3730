"""Making a document findable: the kind `document.index` writes one row a page of its readable version.

All of it happens in PostgreSQL, in the settling transaction; running twice gives the same rows.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from documents.processing import lock
from jobs.kinds import Done, Kind
from jobs.models import Job
from jobs.run import Run

PAGE_CHARACTERS = 120_000
"""A page's vector may have 1 MB. Both configurations of this many three-byte characters fit, however many words."""
SHORT_BYTES = 1024 * 1024
SEPARATORS = "/_-"
"""Read as spaces, so that the parts of KMRL/S&T/2026-27/0142 are found; `documents.searching` does the same."""


def perform(run: Run) -> None:
    """Nothing outside the transaction: the work is one statement of SQL."""


def settle(done: Sequence[Done]) -> None:
    """Replace the rows of these documents by those of their readable versions; a document in none has none."""
    documents = [one.job.subject_id for one in done]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM documents_pageindex WHERE document_id = ANY(%s::uuid[])", [documents])
        cursor.execute(
            "INSERT INTO documents_pageindex (page_id, document_id, words)"
            " SELECT id, document_id, to_tsvector('simple', folded) || to_tsvector('english', folded) FROM ("
            "  SELECT p.id, d.id AS document_id,"
            "   translate(documents_fold(left(p.text, %s)), %s, '   ') AS folded"
            "  FROM documents_document d JOIN documents_page p ON p.version_id = d.readable_id"
            "  WHERE d.id = ANY(%s::uuid[]) OFFSET 0) AS pages",
            [PAGE_CHARACTERS, SEPARATORS, documents],
        )


def is_short(job: Job) -> bool:
    return job.size < SHORT_BYTES


KIND = Kind(
    name="document.index",
    perform=perform,
    settle=settle,
    lock=lock,
    time_limit=timedelta(minutes=5),
    batch=16,
    short=is_short,
)
