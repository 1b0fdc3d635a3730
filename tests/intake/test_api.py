import uuid
from datetime import timedelta, timezone

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, encode_multipart

from accounts import history
from documents.models import Document
from jobs.models import Job
from tests.intake import samples
from tests.intake.conftest import form

pytestmark = pytest.mark.django_db
UPLOAD = "/api/v1/documents/upload/"


def test_an_upload_is_answered_202_with_the_document_and_its_job(api_client_as, clerk, api_source):
    answer = api_client_as(clerk).post(UPLOAD, form(samples.pdf(), title="Gap", priority="high", metadata='{"a": 1}'))
    assert answer.status_code == 202
    said = answer.json()
    job = Job.objects.get()
    assert said["job"] == {"id": str(job.pk), "state": "queued", "progress": 0, "step": "", "message": ""}
    assert (said["status"], said["priority"], said["metadata"], said["version"]) == ("queued", "high", {"a": 1}, 1)
    assert said["department"] == "operations" and said["source"] == "api" and said["upload_time"].endswith("Z")
    assert api_client_as(clerk).get(f"/api/v1/documents/{said['id']}/").json() == said


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"source": "nowhere"}, 400, "unknown_source"),
        ({"priority": "now"}, 400, "invalid"),
        ({"metadata": "[1]"}, 400, "invalid"),
        ({"metadata": "{"}, 400, "invalid"),
        ({"document_date": "05/11/2026"}, 400, "invalid"),
        ({"title": "x" * 256}, 400, "invalid"),
        ({"department": "safety"}, 403, "not_allowed"),
        ({"file": ""}, 400, "invalid"),
    ],
)
def test_a_mistake_is_a_problem_that_names_its_field(
    api_client_as, clerk, api_source, safety, kept, fields, status, code
):
    answer = api_client_as(clerk).post(UPLOAD, form(samples.pdf()) | fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    if status == 400:
        assert set(answer.json()["errors"]) == set(fields)
    assert kept() == [] and not Document.objects.exists()


def test_what_you_may_not_see_answers_404_everywhere(api_client_as, clerk, outsider, send):
    document = send(clerk)
    client = api_client_as(outsider)
    at = f"/api/v1/documents/{document.pk}/"
    for call in (
        client.get(at),
        client.patch(at, {"title": "x"}, format="json"),
        client.delete(at),
        client.get(at + "download/"),
        client.get(at + "history/"),
        client.get(at + "versions/"),
        client.post(at + "versions/", {"file": SimpleUploadedFile("a.txt", b"x")}),
        *(client.post(f"{at}{verb}/") for verb in ("cancel", "reprocess", "restore")),
    ):
        assert (call.status_code, call.json()["code"]) == (404, "not_found")
    assert client.get("/api/v1/documents/").json()["results"] == []
    assert Document.objects.get().title == document.title


def test_an_id_is_read_in_digits_of_either_case(api_client_as, clerk, send):
    """Some systems write UUIDs in capitals."""
    document, client = send(clerk), api_client_as(clerk)
    at = f"/api/v1/documents/{str(document.pk).upper()}/"
    said = client.get(at).json()
    assert said["id"] == str(document.pk)
    assert client.get(at + "history/").status_code == 200
    assert client.get(f"/api/v1/jobs/{said['job']['id'].upper()}/").json()["id"] == said["job"]["id"]
    assert client.post(at + "versions/", {"file": SimpleUploadedFile("b.txt", b"x")}).status_code == 202
    client.force_login(clerk)
    assert client.get(f"/documents/{str(document.pk).upper()}/").status_code == 200
    assert client.get(f"/documents/?batch={str(uuid.uuid4()).upper()}").status_code == 200
    assert client.get(f"/api/v1/documents/{document.pk}x/").status_code == 404


def test_an_auditor_looks_and_changes_nothing(api_client_as, clerk, auditor, send):
    document = send(clerk)
    client = api_client_as(auditor)
    at = f"/api/v1/documents/{document.pk}/"
    assert client.get(at).status_code == 200
    for call in (
        client.patch(at, {"title": "x"}, format="json"),
        client.delete(at),
        client.post(at + "versions/", {"file": SimpleUploadedFile("a.txt", b"x")}),
        *(client.post(f"{at}{verb}/") for verb in ("cancel", "reprocess", "restore")),
    ):
        assert call.status_code == 403


def test_the_list_filters_and_orders(api_client_as, clerk, head, operations, send, api_source):
    first = send(clerk, b"rail", "b.txt")
    second = send(head, b"axle", "a.txt", priority=1)
    client = api_client_as(clerk)

    def ids(query: str) -> list[str]:
        answer = client.get(f"/api/v1/documents/?{query}")
        assert answer.status_code == 200, answer.json()
        return [one["id"] for one in answer.json()["results"]]

    one, two = str(first.pk), str(second.pk)
    assert ids("") == [two, one] and ids("ordering=upload_time") == [one, two] and ids("ordering=title") == [two, one]
    assert ids("uploaded_by=me") == [one] and ids("uploaded_by=head") == [two] and ids("uploaded_by=nobody") == []
    assert ids("priority=high") == [two] and ids("status=queued,failed&department=operations&source=api") == [two, one]
    assert ids("status=processed") == [] and ids("source=nowhere") == [] and ids("department=none") == []
    assert ids("uploaded_after=2020-01-01T00:00:00Z&uploaded_before=2021-01-01") == []
    assert ids("limit=1") == [two] and ids("q=b") == [one]
    assert ids("ordering=priority") == [two, one] and ids("ordering=-priority") == [one, two]


@pytest.mark.parametrize("zone", ["+05:30", "%2B05:30", "+0530", "%2B05", "Z", "-23:59"])
def test_a_time_in_a_filter_means_the_same_in_every_zone_and_at_every_end_of_time(api_client_as, clerk, send, zone):
    document, client = str(send(clerk, b"one").pk), api_client_as(clerk)

    def found(query: str) -> list[str]:
        answer = client.get(f"/api/v1/documents/?{query}")
        assert answer.status_code == 200, answer.json()
        return [one["id"] for one in answer.json()["results"]]

    for early in ("0001-01-01T00:00:00", "2020-01-01T23:59"):
        assert (found(f"uploaded_after={early}{zone}"), found(f"uploaded_before={early}{zone}")) == ([document], [])
    late = f"9999-12-31T23:59:59{zone}"
    assert (found(f"uploaded_after={late}"), found(f"uploaded_before={late}")) == ([], [document])
    assert found("uploaded_after=2020-01-01 10:00:00") == found("uploaded_after=0001-01-01") == [document]
    assert client.get("/api/v1/documents/?uploaded_after=2020-01-01T10:00:00 5:30").status_code == 400


def test_the_instant_of_a_filter_is_exact(api_client_as, clerk, send):
    document, client = send(clerk, b"one"), api_client_as(clerk)
    there = document.uploaded_at.astimezone(timezone(timedelta(hours=-7))).isoformat()
    for query, count in ((f"uploaded_after={there}", 1), (f"uploaded_before={there}", 0)):
        assert client.get(f"/api/v1/documents/?{query}").json()["count"] == count


def test_the_type_of_a_form_may_be_in_capitals(api_client_as, clerk, api_source):
    body = encode_multipart(BOUNDARY, form(samples.pdf()))
    answer = api_client_as(clerk).generic("POST", UPLOAD, body, f"Multipart/Form-Data; Boundary={BOUNDARY}")
    assert answer.status_code == 202


def test_the_list_refuses_what_it_does_not_know(api_client_as, clerk):
    client = api_client_as(clerk)
    assert client.get("/api/v1/documents/?status=nonsense").json()["code"] == "invalid"
    assert client.get("/api/v1/documents/?ordering=nonsense").status_code == 400


def test_a_page_of_the_list_takes_the_same_few_queries_however_long(
    api_client_as, clerk, send, django_assert_max_num_queries
):
    for number in range(12):
        send(clerk, b"note %d" % number, f"{number}.txt")
    client = api_client_as(clerk)
    with django_assert_max_num_queries(8):
        assert len(client.get("/api/v1/documents/").json()["results"]) == 12


def test_my_work_in_progress_tells_the_place_in_the_queue(api_client_as, clerk, head, send):
    mine = [send(clerk, b"note %d" % number, f"{number}.txt") for number in range(2)]
    send(head, b"other", "other.txt")
    said = api_client_as(clerk).get("/api/v1/documents/processing-status/").json()["results"]
    assert [(one["id"], one["status"]) for one in said] == [(str(one.pk), "queued") for one in mine]
    assert said[0]["place"] == 0 and said[1]["place"] >= 1


def test_history_says_who_did_what(api_client_as, clerk, send):
    document = send(clerk)
    client = api_client_as(clerk)
    client.patch(f"/api/v1/documents/{document.pk}/", {"title": "Better"}, format="json")
    entries = client.get(f"/api/v1/documents/{document.pk}/history/").json()["results"]
    assert [(one["action"], one["by"]) for one in entries] == [("received", "clerk"), ("corrected", "clerk")]
    assert entries[1]["before"] == {"title": "note"} and entries[1]["after"] == {"title": "Better"}
    assert history.first_break("document", document.pk) is None


def test_an_upload_takes_few_queries(api_client_as, clerk, api_source, django_assert_max_num_queries):
    client = api_client_as(clerk)
    client.post(UPLOAD, form(samples.pdf("warm")))
    with django_assert_max_num_queries(12):
        assert client.post(UPLOAD, form(samples.pdf())).status_code == 202
