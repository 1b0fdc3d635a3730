"""Which words of a page answer a question, so that they can be marked where they stand."""

from django.db import connection

from documents.indexing import CONFIGURATION
from documents.searching import HEADLINE_CHARACTERS, QUERY, START, STOP, Asked

SIGNS = str.maketrans("-_/", "   ")
ALL = f"StartSel={START}, StopSel={STOP}, HighlightAll=true"


def words_that_answer(text: str, question: str) -> list[str]:
    """The distinct words of `text`, as they are written there, that the search counts as an answer; sorted.

    Words are what stands between spaces, signs included. They are asked as lines of one text, so that PostgreSQL
    decides, by the same folding and stems as when it searches. One query.
    """
    asked = Asked.of(question)
    words = sorted(set(text[:HEADLINE_CHARACTERS].split()))
    if not asked.plain or not words:
        return []
    lines = "\n".join(word.translate(SIGNS) for word in words)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ts_headline('{CONFIGURATION}', documents_fold(%s), {QUERY}, %s)", [lines, *asked.words, ALL]
        )
        (marked,) = cursor.fetchone()
    return [word for word, line in zip(words, marked.split("\n"), strict=True) if START in line]
