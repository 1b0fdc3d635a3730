"""The administration's lists: searches by indexes, pages that end, and nothing sorted that no index sorts."""

import pytest
from django.db import connection

from accounts import history
from accounts.admin import desk as house
from accounts.admin.desk import QuickPaginator
from documents import titles
from documents.models import Document
from jobs.models import Job
from tests.large.conftest import read

FEW = 200


@pytest.fixture
def desk(client, administrator):
    client.force_login(administrator)
    return client


def written(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def titled(word: str, at: int) -> Document:
    """The paper that is `at`-th from the oldest, under this title."""
    paper = Document.objects.order_by("uploaded_at")[at]
    Document.objects.filter(pk=paper.pk).update(title=f"About the {word} of Aluva")
    return paper


def found(question: str) -> list:
    papers = Document.objects.all()
    for ids in titles.ids_by_words(question):
        papers = papers.filter(pk__in=ids)
    return list(papers.values_list("pk", flat=True))


def test_words_of_titles_are_found_at_any_age_and_parts_of_words_among_the_newest(thousands, monkeypatch):
    monkeypatch.setattr(titles, "NEWEST", 100)
    old, new = titled("Escalators", 0), titled("മേൽപ്പാലം", thousands - 1)
    assert found("escalator aluva") == found("ALUVA Escalators") == [old.pk]
    assert found("മേൽപ്പാലം") == found("പ്പാലം") == found("luva പ്പാ") == [new.pk]
    assert found("scalat") == [] and found("- & ! ' %") == [] and found("escalators never") == []


@pytest.mark.parametrize(
    "address",
    ["documents/document/?q=Escalators", "workflows/routing/?q=Escalators", "workflows/instance/?q=Escalators"],
)
def test_a_desk_looks_for_a_title_by_its_words(thousands, desk, listening, monkeypatch, address):
    monkeypatch.setattr(titles, "NEWEST", 100)
    titled("Escalators", 0)
    written("ANALYZE documents_document")
    with listening() as asked:
        assert desk.get(f"/admin/{address}").status_code == 200
    looked = [asked.plan(sql) for sql in asked.statements if "plainto_tsquery" in sql]
    assert looked and max(read(plan, "documents_document") for plan in looked) <= FEW


def test_history_is_found_by_the_whole_id_of_its_subject(thousands, administrator, desk, listening):
    written(
        "INSERT INTO accounts_historyentry (subject_kind, subject_id, sequence, action, actor_name, at, before, after,"
        " note, previous_digest, digest) SELECT 'document', id::text, 1, 'received', '', uploaded_at, '{}', '{}', '',"
        " '', '' FROM documents_document"
    )
    paper = Document.objects.order_by("uploaded_at")[7]
    history.record("document", paper.pk, "looked at", by=administrator)
    written("ANALYZE accounts_historyentry")
    with listening() as asked:
        page = desk.get(f"/admin/accounts/historyentry/?q={str(paper.pk).upper()}").content.decode()
    assert "looked at" in page and "2 history entries" in page
    plan = asked.plan('ORDER BY "accounts_historyentry"."id" DESC')
    assert read(plan, "accounts_historyentry") <= FEW


def test_jobs_are_found_by_ids_and_by_what_failed_lately(thousands, desk, listening):
    written(
        "INSERT INTO jobs_job (id, kind, payload, queue, priority, urgency, fair_rank, short, state, fence, attempt,"
        " max_attempts, worker, percent, step, message, error_code, error_detail, failures, result, subject_kind,"
        " subject_id, size, created_at) SELECT uuidv7(), 'document.process', '{}', 'default', 2, 2, 0, true,"
        " 'succeeded', 1, 1, 3, 'w', 100, '', '', '', '', '[]', '{}', 'document', id::text, 1, now()"
        " FROM documents_document; ANALYZE jobs_job"
    )
    job = Job.objects.order_by("pk")[3]
    for asked_for in (job.pk, job.subject_id):
        with listening() as asked:
            assert str(job.pk) in desk.get(f"/admin/jobs/job/?q={asked_for}").content.decode()
        assert read(asked.plan('ORDER BY "jobs_job"."id" DESC'), "jobs_job") <= FEW
    Job.objects.filter(pk=job.pk).update(error_code="timeout")
    assert str(job.pk) in desk.get("/admin/jobs/job/?q=TIMEOUT").content.decode()


def test_what_was_asked_about_papers_last_comes_first_without_sorting_all(thousands, desk, listening):
    written(
        "INSERT INTO workflows_routing (document_id, document_version, event, at, considered, instances)"
        " SELECT id, 1, 'document.processed', uploaded_at, '[]', '[]' FROM documents_document ORDER BY id;"
        " ANALYZE workflows_routing"
    )
    with listening() as asked:
        assert desk.get("/admin/workflows/routing/").status_code == 200
    assert read(asked.plan("LIMIT 50", "workflows_routing"), "workflows_routing") <= FEW


def test_a_file_is_found_by_its_sum(thousands, desk, listening):
    written("INSERT INTO documents_blob VALUES ('0a', 1, now())")
    written("UPDATE documents_version SET blob_id = '0a' WHERE id = (SELECT min(id) FROM documents_version)")
    written("ANALYZE documents_version")
    with listening() as asked:
        assert "1 version" in desk.get("/admin/documents/version/?q=0A").content.decode()
    assert read(asked.plan('ORDER BY "documents_version"."id" DESC'), "documents_version") <= FEW


def test_pages_lead_only_so_deep(thousands, desk, monkeypatch):
    papers = Document.objects.order_by("-uploaded_at")
    assert QuickPaginator(papers, 50).num_pages == 60
    monkeypatch.setattr(house, "REACHED", 1_000)
    assert QuickPaginator(papers, 50).num_pages == 20
    assert desk.get("/admin/documents/document/?p=20").status_code == 200
    assert "p=21" not in desk.get("/admin/documents/document/?p=20").content.decode()
    assert desk.get("/admin/documents/document/?p=21").status_code == 302


@pytest.mark.parametrize("table", ["document", "version"])
@pytest.mark.parametrize("column", range(1, 10))
def test_no_address_has_a_desk_sort_what_no_index_sorts(thousands, desk, listening, table, column):
    with listening() as asked:
        assert desk.get(f"/admin/documents/{table}/?o={column}").status_code == 200
    assert read(asked.plan("LIMIT 50", f'FROM "documents_{table}"'), f"documents_{table}") <= FEW


def test_a_desk_still_sorts_by_what_an_index_sorts(thousands, desk):
    first = Document.objects.order_by("title").first()
    page = desk.get("/admin/documents/document/?o=1").content.decode()
    assert first.title in page and "o=-1" in page
    assert page.index(first.title) < page.index(Document.objects.order_by("title")[1].title)


def test_an_event_is_found_by_its_position(desk, listening):
    written(
        "INSERT INTO realtime_event (position, type, at, audience, data)"
        " SELECT n, 'system.alert', now(), '{system}', '{}' FROM generate_series(1, 3000) AS n; ANALYZE realtime_event"
    )
    for question in ("1717", "1,717"):
        with listening() as asked:
            assert "1 event" in desk.get("/admin/realtime/event/", {"q": question}).content.decode()
        assert read(asked.plan('ORDER BY "realtime_event"."id" DESC'), "realtime_event") <= FEW
    assert "0 events" in desk.get("/admin/realtime/event/?q=never").content.decode()
