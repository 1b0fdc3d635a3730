"""The rows of versions, pages and documents: read and written for a whole batch, one statement for each table.

By hand, as this runs for every document: the ORM takes longer to write these queries than PostgreSQL to answer them.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from accounts import prepared
from documents.models import Document, Version
from documents.outcomes import Read

_OF_VERSION = [field.attname for field in Version._meta.concrete_fields]
_OF_DOCUMENT = [field.attname for field in Document._meta.concrete_fields if field.attname != "metadata"]
_ROWS = (
    f"SELECT {', '.join(f'v.{name}' for name in _OF_VERSION)}, {', '.join(f'd.{name}' for name in _OF_DOCUMENT)}"  # noqa: S608
    " FROM documents_version v JOIN documents_document d ON d.id = v.document_id"
    " WHERE v.id = ANY(%s::bigint[]) ORDER BY d.id, v.number"
)


def with_documents(versions: Sequence[int]) -> list[Version]:
    """These versions with their documents, in id order of the documents."""
    found: list[Version] = []
    documents: dict[UUID, Document] = {}
    edge = len(_OF_VERSION)
    for row in prepared.rows(_ROWS, [list(versions)]):
        version = Version.from_db("default", _OF_VERSION, row[:edge])
        version.facts = orjson.loads(version.facts) if isinstance(version.facts, str) else version.facts
        document = Document.from_db("default", _OF_DOCUMENT, row[edge:])
        version.document = documents.setdefault(document.pk, document)
        found.append(version)
    return found


def write_pages(read: Iterable[tuple[int, Read]], again: Sequence[int]) -> None:
    """The pages of versions; those of `again` are replaced."""
    with connection.cursor() as cursor:
        if again:
            cursor.execute(
                "DELETE FROM documents_pageindex WHERE page_id IN"
                " (SELECT id FROM documents_page WHERE version_id = ANY(%s))",
                [list(again)],
            )
            cursor.execute("DELETE FROM documents_page WHERE version_id = ANY(%s)", [list(again)])
        with cursor.copy("COPY documents_page (version_id, number, text, confidence) FROM STDIN") as copy:
            for version, outcome in read:
                for number, row in enumerate(zip(outcome.pages, outcome.confidences, strict=False), start=1):
                    copy.write_row((version, number, *row))


def write_versions(versions: Sequence[Version]) -> None:
    """What reading them gave."""
    _update(
        "UPDATE documents_version v SET status = g.status, processed_at = g.at, page_count = g.pages,"
        " pages_awaiting_ocr = g.awaiting, language = g.language, confidence_score = g.confidence, flags = g.flags,"
        " facts = g.facts, error_code = g.code, error_detail = g.detail"
        " FROM json_to_recordset(%s::json) AS g (id bigint, status text, at timestamptz, pages int, awaiting int,"
        " language text, confidence float, flags text[], facts jsonb, code text, detail text) WHERE v.id = g.id",
        [
            {
                "id": version.pk,
                "status": str(version.status),
                "at": version.processed_at,
                "pages": version.page_count,
                "awaiting": version.pages_awaiting_ocr,
                "language": version.language,
                "confidence": version.confidence_score,
                "flags": version.flags,
                "facts": version.facts,
                "code": version.error_code,
                "detail": version.error_detail,
            }
            for version in versions
        ],
    )


def write_documents(documents: Sequence[Document]) -> None:
    """Status, language, readable version and time of settling."""
    _update(
        "UPDATE documents_document d SET status = g.status, language = g.language, readable_id = g.readable,"
        " settled_at = g.at FROM json_to_recordset(%s::json)"
        " AS g (id uuid, status text, language text, readable bigint, at timestamptz) WHERE d.id = g.id",
        [
            {
                "id": document.pk,
                "status": str(document.status),
                "language": str(document.language),
                "readable": document.readable_id,
                "at": document.settled_at,
            }
            for document in documents
        ],
    )


def _update(sql: str, rows: list[dict[str, Any]]) -> None:
    """One parameter of JSON: arrays by column cost several times as much to write."""
    if rows:
        prepared.run(sql, [orjson.dumps(rows).decode()])
