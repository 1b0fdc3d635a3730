"""Words are looked for in what is shown, or in the newest hits; never first in every page of the house."""

import pytest
from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Value

from accounts.rest import pagination
from accounts.rights import rights_of
from documents import searching
from documents.api.listing import ORDERINGS
from documents.models import Document, PageIndex
from tests.large.conftest import read

DOCUMENTS = "/api/v1/documents/"
PAGE = "LIMIT 51"
FEW = 200


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_a_common_word_is_looked_for_only_in_what_is_shown(
    thousands, clerk, api_client_as, listening, monkeypatch, ordering
):
    monkeypatch.setattr(searching, "COMMON", 100)
    with listening() as asked:
        answer = api_client_as(clerk).get(DOCUMENTS, {"ordering": ordering, "q": "invoice"}).json()
    assert (len(answer["results"]), answer["count"]) == (50, thousands)
    assert read(asked.plan(PAGE), "documents_pageindex") <= FEW


@pytest.mark.parametrize(("question", "number"), [('"of the documents"', 40), ('"of the document"', 0)])
def test_quoted_words_are_looked_for_in_the_text_of_the_newest_hits_alone(
    thousands, clerk, listening, monkeypatch, question, number
):
    """By its stems every page answers."""
    monkeypatch.setattr(searching, "QUOTED_RANKED", 40)
    with listening() as asked:
        seen = Document.objects.visible_to(rights_of(clerk))
        found = searching.search(seen, question, start=0, limit=10)
    assert (found.count, found.at_least) == (number, True)
    assert read(asked.plan("ts_rank_cd", "to_tsvector"), "documents_page") == 40


def test_the_newest_hits_are_the_callers(thousands, clerk, outsider, api_source, safety):
    """Others' papers take no place among them."""
    mine = Document.objects.order_by("id").first()
    Document.objects.filter(pk=mine.pk).update(department=safety)
    found = searching.search(Document.objects.visible_to(rights_of(outsider)), '"of the documents"', start=0, limit=10)
    assert [hit.document for hit in found.hits] == [mine.pk] and not found.at_least


def test_a_list_that_quotes_counts_fewer_and_says_so(thousands, clerk, api_client_as, listening, monkeypatch):
    monkeypatch.setattr(searching, "QUOTED", 20)
    with listening() as asked:
        answer = api_client_as(clerk).get(DOCUMENTS, {"q": '"of the documents"', "limit": 10}).json()
    assert answer["count_is_estimate"] and answer["count"] >= 20
    assert read(asked.plan("COUNT(", "LIMIT 21"), "documents_page") <= FEW
    assert answer["count"] <= max(20, searching.most_found('"of the documents"') or 0)
    assert pagination.COUNTED_TO == 10_000
    assert api_client_as(clerk).get(DOCUMENTS, {"q": "invoice"}).json()["count"] == thousands


def test_an_estimate_of_common_words_is_none_of_the_whole_house(thousands, clerk, api_client_as, monkeypatch):
    """The planner takes every second document to have words for which each is asked."""
    few = 30
    for document in Document.objects.order_by("-id")[:few]:
        PageIndex.objects.filter(document=document).update(
            words=SearchVector(Value("escalator words"), config="english")
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE documents_pageindex, documents_document")
    monkeypatch.setattr(searching, "COMMON", 5)
    monkeypatch.setattr(pagination, "COUNTED_TO", 10)
    answer = api_client_as(clerk).get(DOCUMENTS, {"q": "escalator"}).json()
    assert answer["count_is_estimate"]
    assert answer["count"] <= thousands / 4
