"""Making a document findable: the kind `document.index` writes one row a page of its readable version.

All of it happens in PostgreSQL, in the settling transaction; running twice gives the same rows.
"""

from collections.abc import Sequence
from datetime import timedelta

from accounts import prepared
from documents.processing import lock
from jobs.kinds import Done, Kind
from jobs.models import Job
from jobs.run import Run

PAGE_CHARACTERS = 120_000
"""A page's vector may have 1 MB. This many three-byte characters fit, however many words."""
SHORT_BYTES = 1024 * 1024
CONFIGURATION = "documents_words"
"""English stems, the small words too (migration 0003); what is not English stays as it is."""


def folded(column: str) -> str:
    """SQL for a page's text as it is indexed.

    The signs / _ - are read as spaces, so that the parts of KMRL/S&T/2026-27/0142 are found; `documents.searching` does
    the same. (`translate` and an unconditional `left` take five times as long.)
    """
    few = (
        f"CASE WHEN octet_length({column}) > {PAGE_CHARACTERS} THEN left({column}, {PAGE_CHARACTERS}) ELSE {column} END"
    )
    return f"replace(replace(replace(documents_fold({few}), '/', ' '), '_', ' '), '-', ' ')"


_DELETE = "DELETE FROM documents_pageindex WHERE document_id = ANY(%s::uuid[])"
_INSERT = (
    "INSERT INTO documents_pageindex (page_id, document_id, words)"  # noqa: S608 (our own text)
    f" SELECT p.id, d.id, to_tsvector('{CONFIGURATION}', {folded('p.text')})"
    " FROM documents_document d JOIN documents_page p ON p.version_id = d.readable_id"
    " WHERE d.id = ANY(%s::uuid[])"
)


def perform(run: Run) -> None:
    """Nothing outside the transaction: the work is one statement of SQL."""


def settle(done: Sequence[Done]) -> None:
    """Replace the rows of these documents by those of their readable versions; a document in none has none."""
    documents = [one.job.subject_id for one in done]
    prepared.run(_DELETE, [documents])
    prepared.run(_INSERT, [documents])


def is_short(job: Job) -> bool:
    return job.size < SHORT_BYTES


KIND = Kind(
    name="document.index",
    perform=perform,
    settle=settle,
    lock=lock,
    time_limit=timedelta(minutes=5),
    batch=32,
    short=is_short,
)
