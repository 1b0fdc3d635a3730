"""What helps to find papers again: words that are marked where they stand, and views that are kept."""

import io

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import history
from accounts.rights import rights_of
from documents import intake, marking, saved_views
from documents.models import Document, Page, SavedView
from tests.intake import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_clerk(client: Client, clerk) -> Client:
    client.force_login(clerk)
    return client


@pytest.fixture
def read(clerk, operations, api_source) -> Document:
    """A document whose one page has been read."""
    upload = intake.Upload("gap.pdf", file=io.BytesIO(samples.pdf("Gap")))
    document = intake.submit(upload, by=clerk, rights=rights_of(clerk), source="api", department="operations")
    document.newest.status, document.newest.page_count = "processed", 1
    document.newest.save()
    Page.objects.create(version=document.newest, number=1, text="Crossings, (rails) and അവൻ near KMRL/S&T/0142.")
    Document.objects.filter(pk=document.pk).update(status="processed", readable=document.newest)
    return Document.objects.get(pk=document.pk)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("crossing", ["Crossings,"]),  # by stems, and with the signs that stand at the word
        ("RAIL crossing", ["(rails)", "Crossings,"]),
        ("0142", ["KMRL/S&T/0142."]),
        ("അവന്\u200d", ["അവൻ"]),  # the old chillu finds the new one
        ("hippopotamus", []),
        ("", []),
    ],
)
def test_the_words_that_answer_are_those_that_the_search_counts(read, question, words):
    assert marking.words_that_answer(read.readable.pages.get().text, question) == words


def test_the_words_of_a_page_are_told_to_who_may_see_it(as_clerk, read):
    answer = as_clerk.get(reverse("hits", args=[read.pk]), {"q": "rail", "page": "1"})
    assert answer.json() == {"words": ["(rails)"]}
    assert as_clerk.get(reverse("hits", args=[read.pk]), {"q": "rail", "page": "2"}).status_code == 404


def test_the_words_of_a_page_are_not_told_to_outsiders(client, outsider, read):
    client.force_login(outsider)
    assert client.get(reverse("hits", args=[read.pk]), {"q": "rail", "page": "1"}).status_code == 404


@pytest.mark.parametrize("door", ["/api/v1/search/?q=rails", "/search/?q=rails", "hits"])
def test_a_look_at_restricted_words_by_who_sees_everything_is_recorded_by_the_search_too(client, auditor, read, door):
    Document.objects.filter(pk=read.pk).update(access="restricted")
    page = read.readable.pages.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_pageindex (page_id, document_id, words)"
            " SELECT %s, %s, to_tsvector('english', documents_fold(%s))",
            [page.pk, read.pk, page.text],
        )
    client.force_login(auditor)
    for _ in range(2):
        found = client.get(reverse("hits", args=[read.pk]) + "?q=rails&page=1" if door == "hits" else door)
        assert found.status_code == 200 and "rails" in found.content.decode()
    assert [(one.action, one.actor) for one in history.of("document", read.pk).filter(action="looked")] == [
        ("looked", auditor)
    ]


def test_a_view_is_kept_shown_and_removed(as_clerk, clerk, read):
    kept = as_clerk.post(reverse("keep-view"), {"name": " My  failures ", "query": "x=1&mine=1&status=failed"})
    assert kept["Location"] == "/documents/?status=failed&mine=1"
    page = as_clerk.get("/documents/").content.decode()
    assert '<a class="quiet-link" href="/documents/?status=failed&amp;mine=1">My failures</a>' in page
    there = as_clerk.get("/documents/?mine=1&status=failed").content.decode()
    assert 'aria-current="true">My failures</a>' in there
    view = SavedView.objects.get(user=clerk)
    assert as_clerk.post(reverse("remove-view", args=[view.pk]), {"query": view.query})["Location"] == kept["Location"]
    assert "My failures" not in as_clerk.get("/documents/").content.decode()


def test_a_name_that_is_there_gets_the_new_filters(clerk):
    saved_views.keep(name="Mine", query="mine=1", by=clerk)
    saved_views.keep(name="Mine", query="status=failed", by=clerk)
    assert [view.query for view in saved_views.of(clerk)] == ["status=failed"]


def test_views_are_each_persons_own(as_clerk, reviewer, read):
    theirs = saved_views.keep(name="Not for all", query="mine=1", by=reviewer)
    assert "Not for all" not in as_clerk.get("/documents/").content.decode()
    as_clerk.post(reverse("remove-view", args=[theirs.pk]), {})
    assert SavedView.objects.filter(pk=theirs.pk).exists()


def test_what_cannot_be_kept_is_refused_with_a_sentence(as_clerk, clerk, read):
    for number in range(saved_views.AT_MOST):
        saved_views.keep(name=f"View {number}", query="mine=1", by=clerk)
    page = as_clerk.post(reverse("keep-view"), {"name": "One more", "query": "mine=1"}, follow=True)
    assert "There are 30 views already. Remove one first." in page.content.decode()
    for name, query in (("", "mine=1"), ("Nothing chosen", ""), ("n" * 61, "mine=1")):
        with pytest.raises(saved_views.NotKept):
            saved_views.keep(name=name, query=query, by=clerk)
    assert saved_views.of(clerk).count() == saved_views.AT_MOST
