from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import api_keys, history
from accounts.models import Membership
from accounts.rights import rights_of
from documents import batches
from documents.models import Batch, Document, IdempotentRequest, Refused, Source
from jobs.enqueueing import enqueue
from jobs.models import Job
from realtime import audiences
from tests.intake import samples, settling
from tests.intake.conftest import form

pytestmark = pytest.mark.django_db
BATCH, UPLOAD = "/api/v1/documents/batch/", "/api/v1/documents/upload/"


def files(**named: bytes) -> dict:
    return {
        "files": [SimpleUploadedFile(name.replace("_", "."), data) for name, data in named.items()],
        "source": "api",
    }


def test_each_file_of_a_batch_is_taken_or_refused_by_itself(api_client_as, clerk, api_source, kept):
    client = api_client_as(clerk)
    answer = client.post(BATCH, files(a_pdf=samples.pdf(), b_exe=b"MZ", c_txt=b"", d_txt=b"words"))
    said = answer.json()
    assert answer.status_code == 202
    assert [one["original_filename"] for one in said["documents"]] == ["a.pdf", "d.txt"]
    assert [(one["filename"], one["code"]) for one in said["refused"]] == [("b.exe", "unsupported"), ("c.txt", "empty")]
    assert len(kept()) == Document.objects.count() == Job.objects.count() == 2
    progress = client.get(f"/api/v1/batches/{said['id']}/").json()
    assert (progress["total"], progress["settled"], progress["percent"]) == (2, 0, 0)
    settling.fail(Document.objects.get(pk=said["documents"][0]["id"]), "damaged")
    progress = client.get(f"/api/v1/batches/{said['id']}/").json()
    assert (progress["settled"], progress["failed"], progress["percent"]) == (1, 1, 50)
    assert progress["by_status"] == {"queued": 1, "failed": 1} and len(progress["refused"]) == 2


def test_a_batch_is_stopped_as_far_as_it_still_works(api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    said = client.post(BATCH, files(a_txt=b"one", b_txt=b"two", c_txt=b"three")).json()
    settling.read(Document.objects.get(pk=said["documents"][0]["id"]), "one")
    at = f"/api/v1/batches/{said['id']}/"
    assert client.post(at + "cancel/").json()["by_status"] == {"processed": 1, "cancelled": 2}
    again = client.post(at + "cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


def test_the_copies_of_a_batch_are_stopped_with_it(api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    said = client.post(BATCH, files(a_txt=b"one", b_txt=b"one", c_txt=b"one", d_txt=b"two")).json()
    assert Job.objects.count() == 2
    answer = client.post(f"/api/v1/batches/{said['id']}/cancel/").json()
    assert answer["by_status"] == {"cancelled": 4}
    assert set(Job.objects.values_list("kind", "state")) == {("document.process", "cancelled")}
    assert Job.objects.count() == 2  # no copy was given a job of its own
    for document in said["documents"]:
        deeds = history.of("document", document["id"]).values_list("action", "actor")
        assert list(deeds)[1:] == [("stopped", clerk.pk), ("cancelled", None)]


def test_many_are_stopped_by_as_many_statements_as_few(api_client_as, clerk, api_source):
    """One by one, five hundred kept their sender waiting for more than a minute."""
    client, asked = api_client_as(clerk), []
    for number in (3, 12):
        named = {f"n{number}of{n}_txt": b"%d of %d" % (n, number) for n in range(number)}
        said = client.post(BATCH, files(**named)).json()
        with CaptureQueriesContext(connection) as statements:
            answer = client.post(f"/api/v1/batches/{said['id']}/cancel/")
        assert answer.json()["by_status"] == {"cancelled": number}
        asked.append(len(statements))
    assert asked[0] == asked[1]


def test_more_than_one_group_is_stopped(monkeypatch, api_client_as, clerk, api_source):
    monkeypatch.setattr(batches, "STOPPED_AT_ONCE", 2)
    client = api_client_as(clerk)
    said = client.post(BATCH, files(a_txt=b"one", b_txt=b"two", c_txt=b"one", d_txt=b"four", e_txt=b"one")).json()
    answer = client.post(f"/api/v1/batches/{said['id']}/cancel/").json()
    assert answer["by_status"] == {"cancelled": 5}
    assert set(Job.objects.values_list("state", flat=True)) == {"cancelled"}


def test_a_batch_is_its_senders_and_theirs_who_see_all(api_client_as, clerk, head, auditor, api_source):
    said = api_client_as(clerk).post(BATCH, files(a_txt=b"one")).json()
    at = f"/api/v1/batches/{said['id']}/"
    assert api_client_as(head).get(at).status_code == 404 == api_client_as(head).post(at + "cancel/").status_code
    assert api_client_as(auditor).get(at).status_code == 200
    refused = api_client_as(auditor).post(at + "cancel/")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")  # controls none of them
    assert Document.objects.get().status == "queued"


@pytest.fixture
def with_key(api_client_as, clerk):
    """A client that shows a new key of the clerk's, with these bounds."""

    def make(**bounds):
        _, secret = api_keys.issue(name="bound", user=clerk, by=clerk, scopes=["read", "upload", "control"], **bounds)
        client = api_client_as(None)
        client.credentials(HTTP_X_API_KEY=secret)
        return client

    return make


@pytest.mark.parametrize("noted", [True, False])
def test_a_bound_key_knows_no_batch_beyond_its_bounds(
    api_client_as, with_key, clerk, api_source, operations, safety, noted
):
    Membership.objects.create(user=clerk, department=safety, role="clerk")
    Source.objects.create(key="scanner", name="Scanner")
    own = api_client_as(clerk)
    sent = {
        key: own.post(BATCH, files(a_txt=key.encode(), b_txt=b"") | {"source": source, "department": to.key}).json()
        for key, source, to in (
            ("within", "api", operations), ("other source", "scanner", operations), ("other house", "api", safety),
        )
    }  # fmt: skip
    if not noted:
        Batch.objects.update(source=None, department=None)
    within = {
        with_key(departments=[operations]): {"within", "other source"},
        with_key(sources=["api"]): {"within", "other house"},
        with_key(sources=["api"], departments=[operations]): {"within"},
        with_key(): set(sent),
        own: set(sent),
    }
    for client, seen in within.items():
        for key, batch in sent.items():
            at = f"/api/v1/batches/{batch['id']}/"
            assert (client.get(at).status_code == 200) is (key in seen)
            assert (client.get(at + "report.csv").status_code == 200) is (key in seen)
            if key not in seen:
                assert client.post(at + "cancel/").status_code == 404
    assert set(Document.objects.values_list("status", flat=True)) == {"queued"}


def test_a_bound_key_sees_its_batch_of_which_nothing_was_taken(with_key, clerk, api_source, operations):
    client = with_key(departments=[operations])
    said = client.post(BATCH, files(a_txt=b"")).json()
    assert said["documents"] == []
    assert client.get(f"/api/v1/batches/{said['id']}/").json()["refused"][0]["code"] == "empty"


def test_a_bound_key_hears_of_no_batch_and_no_job_beyond_its_bounds(api_client_as, clerk, api_source, operations):
    said = api_client_as(clerk).post(BATCH, files(a_txt=b"one")).json()
    job = enqueue("ledger.check", payload={}, owner=clerk)
    bound = replace(rights_of(clerk), only_departments=frozenset({operations.pk + 1}), key_id=1)
    topics = [audiences.batch(said["id"]), audiences.job(job.pk)]
    assert audiences.audible(rights_of(clerk), topics) == set(topics)
    assert audiences.audible(bound, topics) == set()


def test_a_batch_without_files_or_with_too_many_or_of_an_unknown_source_is_refused_whole(
    api_client_as, clerk, api_source, settings, kept
):
    client = api_client_as(clerk)
    assert client.post(BATCH, {"source": "api"}).status_code == 400
    assert client.post(BATCH, files(a_txt=b"one") | {"source": "x"}).json()["code"] == "unknown_source"
    settings.MAX_BATCH_FILES = settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    answer = client.post(BATCH, files(a_txt=b"one", b_txt=b"two"))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"] == {"files": ["These are more than 1 files, which is the most at once."]}
    assert not Batch.objects.exists() and not Refused.objects.exists() and kept() == []


# --- Idempotency-Key


def test_the_same_request_again_gets_its_first_answer(api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    first, again = (client.post(UPLOAD, form(samples.pdf()), HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2))
    assert first.status_code == again.status_code == 202 and first.json()["id"] == again.json()["id"]
    assert Document.objects.count() == Job.objects.count() == 1
    other = client.post(UPLOAD, form(samples.pdf()), HTTP_IDEMPOTENCY_KEY="k2")
    assert other.json()["id"] != first.json()["id"]


def test_the_same_request_again_tells_nothing_of_a_document_that_was_closed_to_its_sender(
    api_client_as, clerk, head, api_source
):
    client = api_client_as(clerk)
    first = client.post(UPLOAD, form(samples.pdf()), HTTP_IDEMPOTENCY_KEY="k1").json()
    closed = {"access": "restricted", "people": [head.username], "title": "A merger"}
    assert api_client_as(head).patch(f"/api/v1/documents/{first['id']}/", closed, format="json").status_code == 200
    again = client.post(UPLOAD, form(samples.pdf()), HTTP_IDEMPOTENCY_KEY="k1")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert "merger" not in again.content.decode()
    assert Document.objects.count() == 1


def test_a_key_that_only_uploads_gets_its_first_answer_again(api_client_as, clerk, api_source):
    client = api_client_as(None)
    client.credentials(HTTP_X_API_KEY=api_keys.issue(name="scanner", user=clerk, by=clerk, scopes=["upload"])[1])
    first, again = (client.post(UPLOAD, form(samples.pdf()), HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2))
    assert first.status_code == again.status_code == 202 and first.json()["id"] == again.json()["id"]


@pytest.mark.parametrize(
    "change", [{"title": "x"}, {"priority": "low"}, {"file": SimpleUploadedFile("note.pdf", b"other")}]
)
def test_the_same_key_with_another_request_is_refused_and_keeps_nothing(api_client_as, clerk, api_source, kept, change):
    client = api_client_as(clerk)
    client.post(UPLOAD, form(samples.pdf()), HTTP_IDEMPOTENCY_KEY="k1")
    answer = client.post(UPLOAD, form(samples.pdf()) | change, HTTP_IDEMPOTENCY_KEY="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert Document.objects.count() == 1 and len(kept()) == 1


def test_a_key_belongs_to_its_credential_and_route(api_client_as, clerk, head, api_source):
    _, secret = api_keys.issue(name="scanner", user=clerk, by=clerk, scopes=["upload", "read"])
    by_key = api_client_as(None)
    by_key.credentials(HTTP_X_API_KEY=secret)
    sent = [
        client.post(UPLOAD, form(samples.pdf(str(n))), HTTP_IDEMPOTENCY_KEY="k")
        for n, client in enumerate((api_client_as(clerk), api_client_as(head), by_key))
    ]
    sent.append(api_client_as(clerk).post(BATCH, files(a_txt=b"one"), HTTP_IDEMPOTENCY_KEY="k"))
    assert [answer.status_code for answer in sent] == [202] * 4
    kept = set(IdempotentRequest.objects.values_list("credential", "route"))
    assert len(kept) == 4 and (f"user:{clerk.pk}", "batch") in kept


def test_a_batch_and_a_version_are_repeated_without_effect(api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    first, again = (client.post(BATCH, files(a_txt=b"one", b_exe=b"MZ"), HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))
    assert first.json() == again.json() and Batch.objects.count() == 1
    mismatch = client.post(BATCH, files(a_txt=b"two", b_exe=b"MZ"), HTTP_IDEMPOTENCY_KEY="k")
    assert mismatch.status_code == 422
    at = f"/api/v1/documents/{first.json()['documents'][0]['id']}/versions/"
    for _ in range(2):
        answer = client.post(at, {"file": SimpleUploadedFile("b.txt", b"three")}, HTTP_IDEMPOTENCY_KEY="k")
        assert (answer.status_code, answer.json()["version"]) == (202, 2)


def test_a_refused_request_is_not_remembered(api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    assert client.post(UPLOAD, form(b""), HTTP_IDEMPOTENCY_KEY="k").status_code == 400
    assert client.post(UPLOAD, form(samples.pdf()), HTTP_IDEMPOTENCY_KEY="k").status_code == 202


def test_a_day_later_a_key_is_free_again(api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    client.post(UPLOAD, form(samples.pdf()), HTTP_IDEMPOTENCY_KEY="k")
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert client.post(UPLOAD, form(b"other", "a.txt"), HTTP_IDEMPOTENCY_KEY="k").status_code == 202
    assert IdempotentRequest.objects.count() == 1


def test_a_key_that_is_none_is_refused(api_client_as, clerk, api_source):
    for key in ("", "x" * 201):
        assert api_client_as(clerk).post(UPLOAD, form(b"x"), HTTP_IDEMPOTENCY_KEY=key).status_code == 400
