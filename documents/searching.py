"""Finding documents by their words: bounded work, whatever is asked.

A question is PostgreSQL's web search syntax ("a phrase", or, -without), folded as the index is. It is asked twice, by
exact words and by English stems, and either may answer.
"""
# ruff: noqa: S608, S611 - the SQL below is our own text; what is asked is always a parameter.

import html
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Count
from django.db.models.expressions import RawSQL

from documents.visibility import DocumentQuerySet

RANKED = 2_000
"""Ranking looks at so many of the newest hits; FINDINGS: 18 ms instead of 1.6 s at a million documents."""
COMMON = 5_000
"""A question with more pages than this is answered newest first, not from the list of its hits."""
LONGEST = 300
START, STOP = "\x02", "\x03"
HEADLINE = f"StartSel={START}, StopSel={STOP}, MaxWords=28, MinWords=12, MaxFragments=2, FragmentDelimiter= … "
HEADLINE_CHARACTERS = 100_000
FACETS = ("status", "department__key", "language", "document_type")

INNER_SIGNS = re.compile(r"(?<=[^\s\"])[-_/]+(?=[^\s\"])")
QUERY = "(websearch_to_tsquery('simple', documents_fold(%s)) || websearch_to_tsquery('english', documents_fold(%s)))"
TITLE = "to_tsvector('simple', translate(documents_fold(title), '/_-', '   '))"


@dataclass(frozen=True)
class Hit:
    """One page that answers. `snippet` is HTML: escaped text with <mark> around the words."""

    document: UUID
    page: int
    snippet: str
    rank: float


@dataclass(frozen=True)
class Found:
    """A stretch of hits, best first; `count` pages in all, exact unless `at_least`."""

    hits: list[Hit]
    count: int
    at_least: bool
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


def asked(question: str) -> list[str]:
    """The question for QUERY, exact and by stems: signs inside words are read as spaces, as the index does.

    Who quotes means what was written: stems would drop the small words of a phrase.
    """
    plain = INNER_SIGNS.sub(" ", question[:LONGEST].replace("\x00", " ")).strip()
    return [plain, "" if '"' in plain else plain]


def filter_by_words(documents: DocumentQuerySet, question: str) -> DocumentQuerySet:
    """Those of `documents` whose readable version or title has the words; an empty question filters nothing."""
    words = asked(question)
    if not words[0]:
        return documents
    if _is_common(words):
        condition = (
            "(EXISTS (SELECT 1 FROM documents_pageindex i WHERE i.document_id = documents_document.id"
            f" AND i.words @@ {QUERY}) OR {_own_title()} @@ {QUERY})"
        )
        return documents.filter(RawSQL(condition, [*words, *words], output_field=BooleanField()))
    hits = RawSQL(
        f"SELECT document_id FROM documents_pageindex WHERE words @@ {QUERY}"
        f" UNION SELECT id FROM documents_document WHERE {TITLE} @@ {QUERY}",
        [*words, *words],
    )
    return documents.filter(pk__in=hits)


def search(documents: DocumentQuerySet, question: str, *, start: int, limit: int) -> Found:
    """Pages of `documents` (already narrowed to what the caller may see), best first among the newest RANKED hits."""
    words = asked(question)
    if not words[0]:
        return Found([], 0, False)
    pages = _ranked(documents, words)
    shown = pages[start : start + limit]
    snippets = _snippets([page for page, _, _ in shown], words)
    hits = [  # a page that is missing has gone meanwhile
        Hit(document, *snippets[page], rank) for page, document, rank in shown if page in snippets
    ]
    facets = _facets(documents.filter(pk__in={document for _, document, _ in pages}))
    return Found(hits, len(pages), len(pages) >= RANKED, facets)


def _own_title() -> str:
    return TITLE.replace("title", "documents_document.title")


def _is_common(words: list[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM documents_pageindex WHERE words @@ {QUERY} LIMIT %s) AS found",
            [*words, COMMON + 1],
        )
        return bool(cursor.fetchone()[0] > COMMON)


def _ranked(documents: DocumentQuerySet, words: list[str]) -> list[tuple[int, UUID, float]]:
    """(page, document, rank) of the newest RANKED hits, best first; the newer of equals first."""
    try:
        visible, params = documents.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return []
    newest = (
        f"SELECT page_id, document_id, words FROM documents_pageindex WHERE words @@ {QUERY}"
        f" AND document_id IN ({visible}) ORDER BY page_id DESC LIMIT {RANKED}"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT page_id, document_id, ts_rank_cd(words, {QUERY}, 1) AS rank FROM ({newest}) AS hits"
            " ORDER BY rank DESC, page_id DESC",
            [*words, *words, *params],
        )
        rows: list[tuple[int, UUID, float]] = cursor.fetchall()
    return rows


def _snippets(pages: list[int], words: list[str]) -> dict[int, tuple[int, str]]:
    """Number and snippet by page, only for the rows that are shown."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, number, ts_headline('english', documents_fold(left(text, %s)), {QUERY}, %s)"
            " FROM documents_page WHERE id = ANY(%s)",
            [HEADLINE_CHARACTERS, *words, HEADLINE, pages],
        )
        return {page: (number, _marked(said)) for page, number, said in cursor.fetchall()}


def _marked(said: str) -> str:
    plain = " ".join(said.split())
    return html.escape(plain).replace(START, "<mark>").replace(STOP, "</mark>")


def _facets(documents: DocumentQuerySet) -> dict[str, dict[str, int]]:
    facets: dict[str, dict[str, int]] = {}
    for name in FACETS:
        rows: Any = documents.order_by().values_list(name).annotate(number=Count("pk"))
        counted = {str(value or ""): number for value, number in rows}
        facets[name.removesuffix("__key")] = dict(sorted(counted.items(), key=lambda one: -one[1]))
    return facets
