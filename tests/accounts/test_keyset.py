"""Pages by cursor: walking a list shows every row once, in order, whatever ties, NULLs and directions there are."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Length
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts import keyset
from accounts.rest import pagination
from accounts.rest.pagination import BadLimit, KeysetPagination, counted
from documents.models import Document

START = datetime(2026, 11, 22, tzinfo=UTC)
ORDERINGS = [
    ("-uploaded_at", "-id"),
    ("uploaded_at", "id"),
    ("-uploaded_at", "id"),
    ("document_date", "id"),
    ("-document_date", "-id"),
    ("-priority", "document_date", "-id"),
    ("department__name", "-uploaded_at", "id"),
    ("length", "id"),
    ("title", "pk"),
]


@pytest.fixture
def papers(clerk, operations, safety, api_source) -> list[Document]:
    """60 documents, many of them at the same instant, a third without a date or a department."""
    dice = random.Random(7)
    return Document.objects.bulk_create(
        Document(
            title="t" * dice.randint(1, 4),
            source=api_source,
            department=dice.choice([None, operations, safety]),
            document_date=dice.choice([None, date(2026, 1, 1), date(2026, 1, 2)]),
            priority=dice.choice([0, 2]),
            uploaded_by=clerk,
            uploaded_at=START + timedelta(seconds=dice.choice([0, 0, 0, 1, 2])),
        )
        for _ in range(60)
    )


def page_of(ordering, url="/api/v1/documents/?limit=7", queryset=None):
    class View:
        pass

    View.ordering = ordering
    paginator = KeysetPagination()
    if queryset is None:
        queryset = Document.objects.annotate(length=Length("title"))
    rows = paginator.paginate_queryset(queryset, Request(APIRequestFactory().get(url)), View)
    return [row.pk for row in rows], paginator.get_paginated_response([]).data


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_walking_on_shows_every_row_once_in_order_and_walking_back_the_same(papers, ordering):
    by_database = [F(n[1:]).desc() if n.startswith("-") else F(n).asc() for n in ordering]
    expected = list(
        Document.objects.annotate(length=Length("title")).order_by(*by_database).values_list("pk", flat=True)
    )
    pages, url = [], "/api/v1/documents/?limit=7"
    while url:
        rows, said = page_of(ordering, url)
        pages.append(rows)
        url = said["next"]
    assert [pk for page in pages for pk in page] == expected
    back = [pages[-1]]
    while said["previous"]:
        rows, said = page_of(ordering, said["previous"])
        back.append(rows)
    assert back[:-1] == pages[:0:-1] and [pk for page in reversed(back) for pk in page] == expected


def test_rows_that_arrive_meanwhile_move_nothing(papers, clerk, api_source):
    first, said = page_of(("-uploaded_at", "-id"))
    Document.objects.create(title="new", source=api_source, uploaded_by=clerk, uploaded_at=START + timedelta(hours=1))
    second, _ = page_of(("-uploaded_at", "-id"), said["next"])
    expected = [d.pk for d in sorted(papers, key=lambda d: (d.uploaded_at, d.pk), reverse=True)][7:14]
    assert second == expected and not set(first) & set(second)


def test_a_deep_page_is_found_by_one_row_comparison(papers, django_assert_num_queries):
    _, said = page_of(("-uploaded_at", "-id"))
    with django_assert_num_queries(2) as seen:
        page_of(("-uploaded_at", "-id"), said["next"])
    assert '("documents_document"."uploaded_at", "documents_document"."id") < (' in seen[1]["sql"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")  # small tables tempt the planner
        cursor.execute("EXPLAIN " + seen[1]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond: (ROW(uploaded_at, id) < ROW(" in plan and "Sort" not in plan


def test_other_parameters_stay_in_the_links(papers):
    _, said = page_of(("-id",), "/api/v1/documents/?limit=5&status=queued&status=failed&q=%E0%B4%95")
    assert "status=queued&status=failed" in said["next"] and "q=%E0%B4%95" in said["next"]
    assert said["next"].count("cursor=") == 1
    _, further = page_of(("-id",), said["next"])
    assert further["next"].count("cursor=") == 1


@pytest.mark.parametrize("cursor", ["x", "é", "bnVsbA", "W10", "WyJhIiwgMSwgMl0", "eyJhIjoxfQ", "A" * 5000])
def test_a_cursor_that_is_none_is_refused(db, cursor):
    with pytest.raises(keyset.BadCursor):
        page_of(("-uploaded_at", "-id"), f"/?cursor={cursor}")


def test_a_cursor_of_another_ordering_is_refused(papers):
    _, said = page_of(("-uploaded_at", "-id"))
    with pytest.raises(keyset.BadCursor, match="another ordering"):
        page_of(("uploaded_at", "id"), said["next"])


@pytest.mark.parametrize("values", [["yesterday", 1], [None, None], [[], {}], [1], ["2026-01-01T00:00:00Z", "no uuid"]])
def test_a_forged_place_is_refused(db, values):
    columns = keyset.columns_of(Document.objects.all(), ["-uploaded_at", "-id"])
    with pytest.raises(keyset.BadCursor):
        keyset.read(columns, keyset.write(columns, keyset.Place(values)))


def test_an_ordering_by_what_is_not_there_is_our_mistake(db):
    with pytest.raises(ValueError, match="cannot be ordered by secret"):
        keyset.columns_of(Document.objects.all(), ["secret"])


@pytest.mark.parametrize(("said", "rows"), [("", 50), ("1", 1), ("200", 200), ("201", 200), ("99999999999", 200)])
def test_the_limit_is_fifty_unless_told_and_two_hundred_at_most(said, rows):
    assert pagination.limit_of(said) == rows


@pytest.mark.parametrize("said", ["0", "-1", "ten", "1.5", "²", "٣"])
def test_a_limit_that_is_no_number_is_refused(said):
    with pytest.raises(BadLimit):
        pagination.limit_of(said)


def test_counts_are_exact_up_to_a_bound_and_then_estimated(papers, monkeypatch):
    assert counted(Document.objects.filter(priority=2).order_by("title")) == (
        sum(1 for paper in papers if paper.priority == 2),
        False,
    )
    assert counted(Document.objects.none()) == (0, False)
    monkeypatch.setattr(pagination, "COUNTED_TO", 10)
    count, is_estimate = counted(Document.objects.all())
    assert count >= 10 and is_estimate is True
