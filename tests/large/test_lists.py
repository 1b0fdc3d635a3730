"""Lists read about as many rows as they show, however many papers there are."""

import pytest
from django.db import connection
from django.utils import timezone

from documents.api.listing import ORDERINGS
from documents.models import Document, Share
from tests.large.conftest import read
from workflows.models import Definition, DefinitionVersion, HumanTask, Instance

PAGE = "LIMIT 51"
FEW = 200
BIG = [
    "documents_document",
    "documents_version",
    "documents_page",
    "documents_pageindex",
    "workflows_instance",
    "workflows_humantask",
    "workflows_steprun",
    "workflows_exclusion",
    "workflows_decision",
    "workflows_routing",
    "jobs_job",
    "accounts_historyentry",
    "realtime_event",
    "realtime_notice",
]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_a_page_is_read_by_an_index_in_every_order(thousands, clerk, api_client_as, listening, ordering):
    with listening() as asked:
        answer = api_client_as(clerk).get("/api/v1/documents/", {"ordering": ordering}).json()
    assert (len(answer["results"]), answer["count"]) == (50, thousands)
    assert read(asked.plan(PAGE), "documents_document") <= FEW


def test_all_tasks_are_read_by_an_index_the_decided_ones_too(
    clerk, operations, administrator, api_client_as, listening
):
    definition = Definition.objects.create(key="large", title="Large")
    version = DefinitionVersion.objects.create(
        definition=definition, number=1, source="", body={}, digest="0", published_at=timezone.now()
    )
    run = Instance.objects.create(
        definition=definition, version=version, department=operations, started_at=timezone.now()
    )
    HumanTask.objects.bulk_create(
        HumanTask(
            instance=run,
            token=number,
            step="look",
            title="Look",
            state="completed",
            opened_at=timezone.now(),
            due_at=timezone.now(),
        )
        for number in range(2_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workflows_humantask, workflows_instance")
    with listening() as asked:
        answer = api_client_as(administrator).get("/api/v1/workflows/tasks/").json()
    assert (len(answer["results"]), answer["count"]) == (50, 2_000)
    assert read(asked.plan("due_at", PAGE), "workflows_humantask") <= FEW


def test_no_index_of_a_large_table_begins_as_another_one_does(db):
    """What it finds the other finds too, and every row that is written pays for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.indexrelid::regclass::text FROM pg_index a JOIN pg_index b
                ON b.indrelid = a.indrelid AND b.indexrelid <> a.indexrelid
            WHERE a.indrelid = ANY(%s::regclass[]) AND NOT a.indisunique AND a.indpred IS NULL AND b.indpred IS NULL
                AND a.indexprs IS NULL AND a.indkey::text <> '' AND b.indnkeyatts > a.indnkeyatts
                AND b.indkey::text LIKE a.indkey::text || ' %%'
                AND (SELECT amname FROM pg_am JOIN pg_class ON relam = pg_am.oid WHERE pg_class.oid = a.indexrelid)
                    = 'btree'
            ORDER BY 1
            """,
            [BIG],
        )
        assert cursor.fetchall() == []


def test_who_sees_few_papers_has_few_looked_at(thousands, outsider, safety, api_client_as, listening):
    """One in his department, one that names him, one that was shown to his department, among thousands."""
    mine, named, shared = Document.objects.order_by("id")[:3]
    Document.objects.filter(pk=mine.pk).update(department=safety)
    Document.objects.filter(pk=named.pk).update(access="restricted")
    named.people.add(outsider)
    Document.objects.filter(pk=shared.pk).update(shared=True)
    Share.objects.create(document=shared, department=safety, because="asked", at=timezone.now())
    with listening() as asked:
        answer = api_client_as(outsider).get("/api/v1/documents/").json()
    assert {one["id"] for one in answer["results"]} == {str(one.pk) for one in (mine, named, shared)}
    for plan in (asked.plan(PAGE), asked.plan("COUNT(")):
        assert read(plan, "documents_document") <= 10
