import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.http import http_date

from documents.downloads import Part, Unsatisfiable, part_of

pytestmark = pytest.mark.django_db
DATA = bytes(range(256)) * 4


@pytest.fixture
def fetch(api_client_as, clerk, send):
    document = send(clerk, b"%PDF-1.4\n" + DATA, "കത്ത് 2025 (1).pdf")
    client = api_client_as(clerk)

    def get(query: str = "", **headers):
        answer = client.get(f"/api/v1/documents/{document.pk}/download/{query}", **headers)
        return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content

    get.document, get.data, get.client = document, b"%PDF-1.4\n" + DATA, client
    return get


def test_the_original_comes_back_byte_by_byte_as_an_attachment(fetch):
    answer, body = fetch()
    assert (answer.status_code, body) == (200, fetch.data)
    assert answer["Content-Length"] == str(len(body)) and answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; ") and "%E0%B4%95" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    assert answer["ETag"] == f'"{fetch.document.newest.blob_id}"' and answer["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, None),
        ("bytes=-5", -5, None),
        ("bytes=-100000", None, None),
        ("bytes=10-100000", 10, None),
        ("bytes=0-0", 0, 1),
        ("bytes=0-4, 20-29", 0, 30),
        ("bytes=0-4,99999-", 0, 5),
        ("bytes=0-", 0, None),
        ("Bytes=5-9", 5, 10),
        ("bytes=, 5-9,,", 5, 10),
        ("bytes=5-" + "9" * 5000, 5, None),
        ("bytes=" + "0" * 5000 + "5-9", 5, 10),
    ],
)
def test_a_part_is_given_as_asked(fetch, wanted, start, end):
    answer, body = fetch(HTTP_RANGE=wanted)
    expected = fetch.data[start:end]
    assert body == expected and answer["Content-Length"] == str(len(expected))
    first = start if start and start > 0 else len(fetch.data) - len(body) if end is None else 0
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{first + len(body) - 1}/{len(fetch.data)}"


@pytest.mark.parametrize("wanted", ["bytes=99999-", "bytes=-0", "bytes=2000-3000,5000-", "bytes=" + "9" * 5000 + "-"])
def test_a_part_outside_the_file_answers_416_with_its_size(fetch, wanted):
    answer, body = fetch(HTTP_RANGE=wanted)
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(fetch.data)}")
    assert answer["Content-Type"] == "application/problem+json" and "Content-Disposition" not in answer
    assert (json.loads(body)["code"], json.loads(body)["status"]) == ("range_not_satisfiable", 416)


@pytest.mark.parametrize(
    "wanted", ["", "pages=1-2", "bytes=", "bytes=a-b", "bytes=9-3", "bytes=-", "bytes 0-3", "bytes=,", "bytes=²-3"]
)
def test_a_range_that_cannot_be_understood_asks_for_everything(fetch, wanted):
    answer, body = fetch(HTTP_RANGE=wanted)
    assert (answer.status_code, body) == (200, fetch.data)


def test_what_the_client_has_is_not_sent_again(fetch):
    etag = f'"{fetch.document.newest.blob_id}"'
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer, body = fetch(HTTP_IF_NONE_MATCH=known)
        assert (answer.status_code, body, answer["ETag"]) == (304, b"", etag)
        assert not answer.has_header("Content-Length") and not answer.has_header("Content-Type")  # as if it were empty
    assert fetch(HTTP_IF_NONE_MATCH='"other"')[0].status_code == 200
    assert fetch(HTTP_RANGE="bytes=0-3", HTTP_IF_RANGE=etag)[0].status_code == 206
    assert fetch(HTTP_RANGE="bytes=0-3", HTTP_IF_RANGE='"other"')[0].status_code == 200


def test_whoever_names_another_original_is_told_and_sent_nothing(fetch):
    etag, came = f'"{fetch.document.newest.blob_id}"', fetch.document.newest.uploaded_at
    before, now = (http_date((came - timedelta(hours=hours)).timestamp()) for hours in (1, 0))
    for wanted in (
        {"HTTP_IF_MATCH": '"other"'},
        {"HTTP_IF_MATCH": f"W/{etag}"},
        {"HTTP_IF_MATCH": '"other"', "HTTP_RANGE": "bytes=0-3"},
        {"HTTP_IF_UNMODIFIED_SINCE": before},
    ):
        answer, body = fetch(**wanted)
        assert (answer.status_code, answer["Content-Type"]) == (412, "application/problem+json")
        assert json.loads(body)["code"] == "precondition_failed"
    for wanted in ({"HTTP_IF_MATCH": etag}, {"HTTP_IF_MATCH": "*"}, {"HTTP_IF_UNMODIFIED_SINCE": now}):
        assert fetch(**wanted)[0].status_code == 200


def test_what_has_not_changed_since_is_not_sent_again(fetch):
    came = fetch.document.newest.uploaded_at
    before, now = (http_date((came - timedelta(hours=hours)).timestamp()) for hours in (1, 0))
    assert fetch()[0]["Last-Modified"] == now
    answer, body = fetch(HTTP_IF_MODIFIED_SINCE=now)
    assert (answer.status_code, body, answer["Last-Modified"]) == (304, b"", now)
    assert fetch(HTTP_IF_MODIFIED_SINCE=before)[0].status_code == 200
    assert fetch(HTTP_IF_MODIFIED_SINCE=now, HTTP_IF_NONE_MATCH='"other"')[0].status_code == 200
    assert fetch(HTTP_RANGE="bytes=0-3", HTTP_IF_RANGE=now)[0].status_code == 200  # a second is too coarse to splice by


def test_who_only_looks_is_told_of_the_whole_and_nothing_is_read(fetch, monkeypatch):
    whole = fetch()[0]
    address = f"/api/v1/documents/{fetch.document.pk}/download/"
    monkeypatch.setattr("documents.storage.folder.FolderOriginals.read", lambda *_: pytest.fail("bytes were read"))
    for wanted in ({}, {"HTTP_RANGE": "bytes=0-3"}, {"HTTP_RANGE": "bytes=99999-"}):
        answer = fetch.client.head(address, **wanted)
        assert (answer.status_code, answer.content, answer.has_header("Content-Range")) == (200, b"", False)
        for name in ("Content-Length", "Content-Type", "Content-Disposition", "ETag", "Last-Modified", "Accept-Ranges"):
            assert answer[name] == whole[name]
    assert fetch.client.head(address, HTTP_IF_NONE_MATCH=whole["ETag"]).status_code == 304


def test_an_older_version_stays_to_be_had(fetch):
    at = f"/api/v1/documents/{fetch.document.pk}/versions/"
    fetch.client.post(at, {"file": SimpleUploadedFile("b.txt", b"two")})
    assert fetch()[1] == b"two" and fetch("?version=1")[1] == fetch.data
    assert fetch("?version=3")[0].status_code == 404
    assert fetch("?version=x")[0].status_code == 400


def test_a_range_of_an_empty_size_is_no_range():
    assert part_of(None, 0) == Part(0, 0, 0)
    with pytest.raises(Unsatisfiable):
        part_of("bytes=0-", 0)


def test_html_is_never_served_as_a_page(api_client_as, clerk, send):
    document = send(clerk, b"<!doctype html><script>alert(1)</script>", "a.html")
    answer = api_client_as(clerk).get(f"/api/v1/documents/{document.pk}/download/")
    assert answer["Content-Disposition"] == 'attachment; filename="a.html"'
    assert "sandbox" in answer["Content-Security-Policy"]
