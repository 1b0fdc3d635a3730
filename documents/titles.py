"""Documents by words of their titles, for desks at which somebody types: bounded work, however many there are.

Whole words are found at any age, by the index of titles' words; parts of words among the newest documents.
"""
# ruff: noqa: S608, S611 - the SQL below is our own text; what is asked is always a parameter.

from django.db.models.expressions import RawSQL

from documents.indexing import CONFIGURATION
from documents.searching import TITLE, Asked

NEWEST = 20_000
"""So many are looked through for a part of a word."""
WORDS = 6
_IDS = f"""
SELECT id FROM documents_document
WHERE to_tsvector('{CONFIGURATION}', {TITLE.format(column="title")})
    @@ plainto_tsquery('{CONFIGURATION}', documents_fold(%s))
UNION
SELECT id FROM (SELECT id, title FROM documents_document ORDER BY uploaded_at DESC, id DESC LIMIT %s) AS newest
WHERE strpos(lower(title), lower(%s)) > 0
"""


def ids_by_words(question: str) -> list[RawSQL]:
    """The ids of the documents that have each of these words in their title (the first six): a condition for each."""
    return [RawSQL(_IDS, [Asked.of(word).plain, NEWEST, word]) for word in question.replace("\0", " ").split()[:WORDS]]
