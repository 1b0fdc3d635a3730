"""Finding documents by their words: bounded work, whatever is asked.

A question is PostgreSQL's web search syntax ("a phrase", or, -without), folded as the index is. It is asked by stems,
with its small words and without them, and either may answer. Who quotes means what was written: the pages that have
such stems are then looked at word by word.
"""
# ruff: noqa: S608, S611 - the SQL below is our own text; what is asked is always a parameter.

import html
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Count
from django.db.models.expressions import RawSQL

from accounts import estimating
from documents.indexing import CONFIGURATION, folded
from documents.visibility import DocumentQuerySet

RANKED = 2_000
"""Ranking looks at so many of the newest hits; FINDINGS: 18 ms instead of 1.6 s at a million documents."""
COMMON = 20_000
"""A question with more pages than this is answered newest first, not from the list of its hits. Fewer are found sooner
than a count has gone through the documents that do not answer."""
QUOTED = 500
"""The same for a quoted question, whose pages are looked at word by word."""
QUOTED_RANKED = 1_000
"""And so many of its newest hits by stems are looked at word by word to be ranked."""
FEW_LISTED = 1_000
"""Each of so many documents is asked whether it has the words, however few pages of the house have them."""
FEW = 10_000
"""Among so many documents words are looked for page by page; among more, the documents of the newest hits are."""
LOOKED_FOR = 3
"""So many words are looked for in a text before it is taken to pieces."""
LONGEST = 300
START, STOP = "\x02", "\x03"
HEADLINE = f"StartSel={START}, StopSel={STOP}, MaxWords=28, MinWords=12, MaxFragments=2, FragmentDelimiter= … "
HEADLINE_CHARACTERS = 100_000
FACETS = ("status", "department__key", "language", "document_type")

INNER_SIGNS = re.compile(r"(?<=[^\s\"])[-_/]+(?=[^\s\"])")
QUERY = (
    f"(websearch_to_tsquery('{CONFIGURATION}', documents_fold(%s))"
    " || websearch_to_tsquery('english', documents_fold(%s)))"
)
WRITTEN = "websearch_to_tsquery('simple', documents_fold(%s))"
TITLE = "replace(replace(replace(documents_fold({column}), '/', ' '), '_', ' '), '-', ' ')"
"""As the index `document_title_words` has it."""


@dataclass(frozen=True)
class Asked:
    """A question, signs inside words read as spaces, as the index does; empty when it asks nothing."""

    plain: str

    @classmethod
    def of(cls, question: str) -> "Asked":
        return cls(INNER_SIGNS.sub(" ", question[:LONGEST].replace("\x00", " ")).strip())

    @property
    def is_quoted(self) -> bool:
        """What was written is meant: stems are not enough, and none of its small words may be dropped."""
        return '"' in self.plain

    @property
    def ranked(self) -> int:
        return QUOTED_RANKED if self.is_quoted else RANKED

    @property
    def words(self) -> list[str]:
        """The parameters of QUERY: with the small words, and without."""
        return [self.plain, "" if self.is_quoted else self.plain]

    @property
    def of_pages(self) -> tuple[str, list[str]]:
        """A condition on a row `i` of documents_pageindex."""
        stems = f"i.words @@ {QUERY}"
        if not self.is_quoted:
            return stems, self.words
        written, words = self.as_written
        return f"({stems} AND {written})", [*self.words, *words]

    @property
    def as_written(self) -> tuple[str, list[str]]:
        """A condition on a row `i`: its page has the quoted words as they are.

        Taking a text to pieces takes ten times as long as looking whether it has the words at all. `OFFSET 0` keeps
        PostgreSQL from making a join of it, which it would begin with the text of every page.
        """
        page = f"SELECT {folded('p.text')} AS said FROM documents_page p WHERE p.id = i.page_id OFFSET 0"
        needed = self.needed
        has = "".join(" AND lower(said) ~ %s" for _word in needed) + f" AND to_tsvector('simple', said) @@ {WRITTEN}"
        return f"EXISTS (SELECT 1 FROM ({page}) AS p WHERE true{has} OFFSET 0)", [*needed, self.plain]

    @property
    def needed(self) -> list[str]:
        """Patterns that every page with the quoted words has, in small letters; the longest words, which are rarest.

        A word of Latin letters ends where neither letter nor digit follows (it may begin behind a digit). Others end
        where PostgreSQL's parser says.
        """
        words = self.plain.lower().replace('"', " ").split()
        if "or" in words or any(word.startswith("-") for word in words):
            return []  # some words need not be there, others must not
        plain = sorted(
            {word for word in words if word.isascii() and word.isalpha()}, key=lambda word: (-len(word), word)
        )
        return [f"{word}(?![a-z0-9])" for word in plain[:LOOKED_FOR]]

    @property
    def of_titles(self) -> tuple[str, list[str]]:
        """A condition on a row of documents_document."""
        title = TITLE.format(column="documents_document.title")
        stems = f"to_tsvector('{CONFIGURATION}', {title}) @@ {QUERY}"
        if not self.is_quoted:
            return stems, self.words
        return f"({stems} AND to_tsvector('simple', {title}) @@ {WRITTEN})", [*self.words, self.plain]


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


def filter_by_words(documents: DocumentQuerySet, question: str) -> DocumentQuerySet:
    """Those of `documents` whose readable version or title has the words; an empty question filters nothing."""
    asked = Asked.of(question)
    if not asked.plain:
        return documents
    (pages, page_words), (titles, title_words) = asked.of_pages, asked.of_titles
    if estimating.rows(documents) <= FEW_LISTED or _is_common(asked):
        # OFFSET 0: asked for each document on its way, not for every page of the house first
        found = f"SELECT 1 FROM documents_pageindex i WHERE i.document_id = documents_document.id AND {pages} OFFSET 0"
        condition = f"(EXISTS ({found}) OR {titles})"
        return documents.filter(RawSQL(condition, [*page_words, *title_words], output_field=BooleanField()))
    hits = RawSQL(
        f"SELECT document_id FROM documents_pageindex i WHERE {pages}"
        f" UNION SELECT id FROM documents_document WHERE {titles}",
        [*page_words, *title_words],
    )
    return documents.filter(pk__in=hits)


def counted_to(question: str) -> int | None:
    """How many documents a list that asks this counts at most: for quoted words each is looked at word by word."""
    return QUOTED if Asked.of(question).is_quoted else None


def most_found(question: str) -> int | None:
    """About how many pages and titles have the words, by the planner's statistics; None when nothing is asked.

    Of a list that asks for each document whether it has them, the planner takes every second one to have them.
    """
    asked = Asked.of(question)
    if not asked.plain:
        return None
    (pages, page_words), (titles, title_words) = (f"i.words @@ {QUERY}", asked.words), asked.of_titles
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) SELECT 1 FROM documents_pageindex i WHERE {pages}"
            f" UNION ALL SELECT 1 FROM documents_document WHERE {titles}",
            [*page_words, *title_words],
        )
        (said,) = cursor.fetchone()
    plan = orjson.loads(said) if isinstance(said, str) else said
    return int(plan[0]["Plan"]["Plan Rows"])


def search(documents: DocumentQuerySet, question: str, *, start: int, limit: int) -> Found:
    """Pages of `documents` (already narrowed to what the caller may see), best first among the newest RANKED hits."""
    asked = Asked.of(question)
    if not asked.plain:
        return Found([], 0, False)
    pages, at_least = _ranked(documents, asked)
    shown = pages[start : start + limit]
    snippets = _snippets([page for page, _, _ in shown], asked)
    hits = [  # a page that is missing has gone meanwhile
        Hit(document, *snippets[page], rank) for page, document, rank in shown if page in snippets
    ]
    facets = _facets(documents.filter(pk__in={document for _, document, _ in pages}))
    return Found(hits, len(pages), at_least, facets)


def _is_common(asked: Asked) -> bool:
    most = QUOTED if asked.is_quoted else COMMON
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM documents_pageindex WHERE words @@ {QUERY} LIMIT %s) AS found",
            [*asked.words, most + 1],
        )
        return bool(cursor.fetchone()[0] > most)


def _ranked(documents: DocumentQuerySet, asked: Asked) -> tuple[list[tuple[int, UUID, float]], bool]:
    """(page, document, rank) of the newest hits, best first, the newer of equals first; whether there may be more."""
    try:
        visible, params = documents.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return [], False
    written, quoted = asked.as_written if asked.is_quoted else ("true", [])
    # an array is not a join: their pages are read, and not the newest hits of the house until enough are theirs
    among = f"= ANY(ARRAY({visible}))" if estimating.rows(documents) <= FEW else f"IN ({visible})"
    newest = (
        f"SELECT page_id, document_id, words FROM documents_pageindex i WHERE i.words @@ {QUERY}"
        f" AND document_id {among} ORDER BY page_id DESC LIMIT {asked.ranked}"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT page_id, document_id, ts_rank_cd(words, {QUERY}, 1) AS rank, {written} FROM ({newest}) AS i"
            " ORDER BY rank DESC, page_id DESC",
            [*asked.words, *quoted, *asked.words, *params],
        )
        rows = cursor.fetchall()
    return [(page, document, rank) for page, document, rank, found in rows if found], len(rows) >= asked.ranked


def _snippets(pages: list[int], asked: Asked) -> dict[int, tuple[int, str]]:
    """Number and snippet by page, only for the rows that are shown."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, number, ts_headline('{CONFIGURATION}', documents_fold(left(text, %s)), {QUERY}, %s)"
            " FROM documents_page WHERE id = ANY(%s)",
            [HEADLINE_CHARACTERS, *asked.words, HEADLINE, pages],
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
