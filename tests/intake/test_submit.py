import io
from contextlib import nullcontext
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import api_keys, history, writing
from accounts.models import Department
from accounts.refusals import NotAllowed
from accounts.rights import rights_of
from documents import idempotency, intake
from documents.intake import Upload
from documents.models import Blob, Document, Source, Version
from documents.refusals import Empty, TooLarge, UnknownSource
from documents.storage import key_of
from jobs.models import Job
from realtime.models import Event
from tests.intake import samples

pytestmark = pytest.mark.django_db


def test_a_receipt_means_bytes_rows_job_history_and_event(send, clerk, place):
    data = samples.pdf()
    document = send(clerk, data, "Bogie  inspection_TS-07.pdf", metadata={"ref": "KMRL/S&T/1"})
    version = document.newest
    assert (place / "originals" / key_of(version.blob_id)).read_bytes() == data
    fresh = Document.objects.get()
    assert fresh.title == "Bogie inspection TS-07"
    assert (fresh.status, fresh.department.key, fresh.metadata) == ("queued", "operations", {"ref": "KMRL/S&T/1"})
    assert (version.number, version.content_type, version.file_size) == (1, "application/pdf", len(data))
    job = Job.objects.get(pk=fresh.job_id)
    assert (job.kind, job.payload["version"], job.subject_id) == ("document.process", version.pk, str(fresh.pk))
    assert [entry.action for entry in history.of("document", fresh.pk)] == ["received"]
    event = Event.objects.get()
    assert event.type == "document.received"
    assert f"department:{clerk.memberships.get().department_id}" in event.audience


def test_a_refused_file_leaves_nothing(send, clerk, kept, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    for data, refusal in ((b"", Empty), (b"x" * 1001, TooLarge)):
        with pytest.raises(refusal):
            send(clerk, data)
    assert kept() == []
    assert not Document.objects.exists() and not Blob.objects.exists() and not Version.objects.exists()
    assert not Event.objects.exists() and not Job.objects.exists()


def test_an_unknown_or_inactive_source_is_refused_before_anything_is_kept(send, clerk, kept):
    Source.objects.create(key="old", name="Old", active=False)
    for key in ("nowhere", "old", ""):
        with pytest.raises(UnknownSource):
            send(clerk, source=key)
    assert kept() == []


def test_the_department_is_the_named_one_else_the_sources_else_the_only_one_else_none(
    send, clerk, person, operations, safety
):
    Source.objects.create(key="scanner", name="Scanner", default_department=safety)
    assert send(clerk, b"one", "1.txt").department == operations
    assert send(clerk, b"two", "2.txt", source="scanner").department == operations
    both = person("both", of=operations)
    both.memberships.create(department=safety)
    assert send(both, b"three", "3.txt").department is None
    assert send(both, b"four", "4.txt", source="scanner").department == safety
    assert send(both, b"five", "5.txt", department="operations").department == operations


@pytest.mark.parametrize("department", ["safety", "no-such"])
def test_nobody_sends_into_a_department_that_is_not_theirs(send, clerk, safety, kept, department):
    with pytest.raises(NotAllowed):
        send(clerk, department=department)
    assert kept() == [] and Department.objects.filter(key="safety").exists()


def test_an_auditor_sends_nothing(send, auditor):
    with pytest.raises(NotAllowed):
        send(auditor)


def test_a_key_that_is_bound_to_a_source_sends_from_there_alone(send, clerk, api_source):
    Source.objects.create(key="scanner", name="Scanner")
    key, _ = api_keys.issue(name="scanner", user=clerk, by=clerk, sources=["scanner"])
    rights = rights_of(clerk, key)
    for source, refused in (("scanner", False), ("api", True)):
        upload = Upload("a.txt", file=io.BytesIO(source.encode()))
        with pytest.raises(UnknownSource) if refused else nullcontext():
            intake.submit(upload, by=clerk, rights=rights, source=source)
    assert Document.objects.get().source.key == "scanner"


def test_the_bytes_are_durable_before_any_row_is_written(send, clerk, monkeypatch, kept):
    together, seen = writing.together, []

    def look(*args, **more):
        seen.append((len(kept()), Blob.objects.count()))
        return together(*args, **more)

    monkeypatch.setattr(writing, "together", look)
    send(clerk)
    assert seen == [(1, 0)]


def test_new_bytes_are_recorded_by_one_statement_without_a_transaction(send, clerk):
    send(clerk, samples.pdf("one"))
    for key in (None, idempotency.Key(f"user:{clerk.pk}", "upload", "k")):
        with CaptureQueriesContext(connection) as seen:
            send(clerk, samples.pdf(f"more {key}"), idempotency=key)
        said = [query["sql"] for query in seen if not query["sql"].startswith("SELECT")]
        assert len(said) == 1 and said[0].startswith("WITH") and said[0].count("INSERT INTO") >= 6
    assert Document.objects.count() == Job.objects.count() == Event.objects.count() == 3


def test_rows_written_in_one_statement_come_back_as_they_were(send, clerk):
    metadata = {"a": [1, 2.5, None, "“ക” \\ ' \n"], "b": {"c": True}}
    document = send(clerk, b"x", "a.pdf", title="ക ' \\ \" \n", metadata=metadata, document_date=date(2026, 11, 5))
    fresh = Document.objects.get()
    for field in Document._meta.concrete_fields:
        assert getattr(fresh, field.attname) == getattr(document, field.attname), field.name
    for field in Version._meta.concrete_fields:
        assert getattr(fresh.newest, field.attname) == getattr(document.newest, field.attname), field.name
    assert fresh.newest.flags == ["extension_mismatch"]
