"""A house with some thousand papers, written in a moment; and what PostgreSQL reads to answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

THOUSANDS = 3_000
TEXT = "Invoice {number} speaks of the documents that came with it"
PAPERS = """
INSERT INTO documents_document (id, title, document_type, document_date, access, priority, status, language, metadata,
    uploaded_at, department_id, source_id, uploaded_by_id)
SELECT uuidv7(n * interval '1 s' - interval '1 day'), 'Paper ' || md5(n::text), 'letter', date '2026-01-01' + n %% 900,
    'department', n %% 4, 'processed', 'en', '{}', now() - interval '1 day' + n * interval '1 s', %s, %s, %s
FROM generate_series(1, %s) AS n
"""
VERSIONS = """
INSERT INTO documents_blob (sha256, size, created_at) VALUES ('00', 1, now());
INSERT INTO documents_version (document_id, number, blob_id, original_filename, content_type, file_size, status,
    uploaded_by_id, uploaded_at, page_count, pages_awaiting_ocr, language, flags, facts, error_code, error_detail)
SELECT id, 1, '00', title, 'text/plain', 1, 'processed', uploaded_by_id, uploaded_at, 1, 0, 'en', '{}', '{}', '', ''
FROM documents_document ORDER BY id;
UPDATE documents_document d SET newest_id = v.id, readable_id = v.id
FROM documents_version v WHERE v.document_id = d.id;
INSERT INTO documents_page (version_id, number, text, confidence)
SELECT id, 1, replace('%(text)s', '{number}', id::text), 1 FROM documents_version ORDER BY id;
INSERT INTO documents_pageindex (page_id, document_id, words)
SELECT p.id, v.document_id, to_tsvector('documents_words', p.text)
FROM documents_page p JOIN documents_version v ON v.id = p.version_id;
ANALYZE documents_document, documents_version, documents_page, documents_pageindex
"""


@pytest.fixture
def thousands(clerk, operations, api_source) -> int:
    """So many papers of one department; each is of one page, and all pages say much the same."""
    with connection.cursor() as cursor:
        cursor.execute(PAPERS, [operations.pk, api_source.pk, clerk.pk, THOUSANDS])
        cursor.execute(VERSIONS.replace("%(text)s", TEXT))
    return THOUSANDS


class Asked:
    """What was asked of PostgreSQL meanwhile."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def plan(self, *holding: str) -> dict[str, Any]:
        """How the only statement that holds all these words is done, with what was read for it."""
        (statement,) = [sql for sql in self.statements if all(words in sql for words in holding)]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
            (found,) = cursor.fetchone()
        said: dict[str, Any] = (orjson.loads(found) if isinstance(found, str) else found)[0]["Plan"]
        return said


@pytest.fixture
def listening() -> Callable[[], Any]:
    @contextmanager
    def listen() -> Iterator[Asked]:
        asked = Asked()
        with CaptureQueriesContext(connection) as captured:
            yield asked
        asked.statements = [one["sql"] for one in captured.captured_queries if one["sql"].startswith("SELECT")]

    return listen


def read(plan: dict[str, Any], table: str) -> int:
    """How many rows of a table were looked at."""
    below = sum(read(part, table) for part in plan.get("Plans", ()))
    if plan.get("Relation Name") != table:
        return below
    one = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return below + round(one * plan["Actual Loops"])
