"""Words are looked for in what is shown, or in the newest hits; never first in every page of the house."""

import random

import pytest
from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Value

from accounts.rest import pagination
from accounts.rights import rights_of
from documents import indexing, searching
from documents.api.listing import ORDERINGS
from documents.models import Document, Page, PageIndex
from jobs.kinds import Done
from jobs.models import Job
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


@pytest.mark.parametrize("question", ["invoice", '"of the documents"'])
def test_a_common_word_among_few_papers_is_looked_for_in_these(thousands, administrator, safety, listening, question):
    """The oldest two, behind the newest thousands that have it too."""
    few = list(Document.objects.order_by("id").values_list("pk", flat=True)[:2])
    Document.objects.filter(pk__in=few).update(department=safety)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE documents_document")
    with listening() as asked:
        seen = Document.objects.visible_to(rights_of(administrator)).filter(department_id__in=[safety.pk])
        found = searching.search(seen, question, start=0, limit=10)
    assert (sorted(hit.document for hit in found.hits), found.count, found.at_least) == (few, 2, False)
    plan = asked.plan("ts_rank_cd")
    assert sum(read(plan, name) for name in ("documents_document", "documents_pageindex", "documents_page")) <= FEW


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_to_search_find_the_same(thousands, clerk, monkeypatch, seed):
    dice, papers = random.Random(seed), list(Document.objects.values_list("pk", flat=True))
    chosen = dice.sample(papers, dice.choice([3, 400]))
    seen = Document.objects.visible_to(rights_of(clerk)).filter(pk__in=chosen)
    answers = []
    for few in (0, 10 * thousands):
        monkeypatch.setattr(searching, "FEW", few)
        answers.append([searching.search(seen, asked, start=0, limit=50) for asked in QUESTIONS])
    assert answers[0] == answers[1] and answers[0][0].count == len(chosen)


@pytest.mark.parametrize("seed", range(2))
def test_all_ways_to_list_find_the_same(thousands, clerk, monkeypatch, seed):
    """Document by document because these are few, or because the words are common; and from the list of the hits."""
    dice, papers = random.Random(seed), list(Document.objects.values_list("pk", flat=True))
    Document.objects.filter(pk__in=papers[::700]).update(title="Nothing of the documents")
    seen = Document.objects.visible_to(rights_of(clerk)).filter(pk__in=dice.sample(papers, 400) + papers[::700])
    answers = []
    for few, common in ((0, 0), (10 * thousands, 10 * thousands), (0, 10 * thousands)):
        monkeypatch.setattr(searching, "FEW_LISTED", few)
        monkeypatch.setattr(searching, "COMMON", common)
        monkeypatch.setattr(searching, "QUOTED", common)
        found = [searching.filter_by_words(seen, asked).values_list("pk", flat=True) for asked in QUESTIONS]
        answers.append([sorted(one) for one in found])
    assert answers[0] == answers[1] == answers[2] and answers[0][-1] == sorted(papers[::700])


def test_few_papers_are_asked_one_by_one_whatever_is_asked(thousands, outsider, safety, api_client_as, listening):
    few = list(Document.objects.order_by("id").values_list("pk", flat=True)[:3])
    Document.objects.filter(pk__in=few).update(department=safety)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE documents_document")
    with listening() as asked:
        assert api_client_as(outsider).get(DOCUMENTS, {"q": "invoice"}).json()["count"] == 3
    for plan in (asked.plan(PAGE), asked.plan("COUNT(", "LIMIT 10001")):
        assert sum(read(plan, name) for name in ("documents_document", "documents_pageindex")) <= FEW
    assert not [sql for sql in asked.statements if sql.startswith("SELECT count(*) FROM (SELECT 1")]


QUESTIONS = ["invoice", "documents came", '"of the documents"', '"of the document"', "invoice -speaks", "nothing"]


PIECES = [
    "bogie", "Bogies", "bogie's", "bogie_2", "2bogie", "bogie2", "1e5bogie", "BOGIE.", "ബോഗി", "bogieബോ", "ｂｏｇｉｅ",
    "bogie\u200d", "x.bogie", "bogie.in", "a@bogie.in", "http://bogie/bogie", "bogie-check", "&bogie;", "<bogie>", "é",
    "bogieé", "\u017f", "\u212a", "3.14bogie", "v1.bogie", "check", "checks", "of", "the", "bogie/check", "(bogie)",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_looking_first_whether_the_words_are_there_hides_no_page(thousands, clerk, monkeypatch, seed):
    """Whatever stands before and behind them."""
    dice = random.Random(seed)
    pages = list(Page.objects.order_by("id")[:150])
    for page in pages:
        page.text = dice.choice(["", " "]).join(
            dice.choice(PIECES) + dice.choice(["", " ", " ", " "]) for _ in range(dice.randint(1, 5))
        )
    Page.objects.bulk_update(pages, ["text"])
    indexing.settle([Done(Job(subject_id=str(pk)), None) for pk in {page.version.document_id for page in pages}])
    seen, told = Document.objects.visible_to(rights_of(clerk)), 0
    for words in ("bogie", "bogies", "Bogie check", "the bogie", "é", "ബോഗി", "bogie 2", "check bogie of"):
        for asked in (f'"{words}"', f'"{words}" bogie', f'"{words}" or "check"', f'"{words}" -check'):
            answers = []
            for looked_for in (0, 3):
                monkeypatch.setattr(searching, "LOOKED_FOR", looked_for)
                found = searching.search(seen, asked, start=0, limit=500)
                listed = set(searching.filter_by_words(seen, asked).values_list("pk", flat=True))
                answers.append((found, listed))
            assert answers[0] == answers[1], asked
            told += found.count
    assert told > 50


def test_a_text_that_has_not_the_words_is_not_taken_to_pieces(thousands, clerk, listening):
    with listening() as asked:
        found = searching.search(Document.objects.visible_to(rights_of(clerk)), '"of the document"', start=0, limit=10)
    assert found.count == 0
    (sql,) = [sql for sql in asked.statements if "ts_rank_cd" in sql]
    assert "document(?![a-z0-9])" in sql


def test_common_words_of_old_papers_are_not_looked_for_behind_all_newer_ones(
    thousands, administrator, listening, monkeypatch
):
    """A tenth of the papers, all of which are older than the others."""
    monkeypatch.setattr(searching, "RANKED", 50)
    until = Document.objects.order_by("uploaded_at").values_list("uploaded_at", flat=True)[300]
    with listening() as asked:
        seen = Document.objects.visible_to(rights_of(administrator)).filter(uploaded_at__lt=until)
        found = searching.search(seen, "invoice", start=0, limit=10)
    assert (found.count, found.at_least) == (50, True)
    plan = asked.plan("ts_rank_cd")
    assert read(plan, "documents_document") <= 300 and read(plan, "documents_pageindex") <= 600
