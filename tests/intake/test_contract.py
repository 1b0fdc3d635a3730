"""Promises of the outside contract that a stranger's client found broken."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import api_keys
from documents.models import Batch, Document
from tests.intake.conftest import form

BATCH, UPLOAD = "/api/v1/documents/batch/", "/api/v1/documents/upload/"
LIST = "/api/v1/documents/"


@pytest.mark.parametrize(
    "metadata",
    [
        '{"a": 1e20}',
        '{"a": [-123456789012345678901234567890]}',
        '{"a": 18446744073709551615}',
        '{"a":' * 101 + "{}" + "}" * 101,
    ],
)
def test_metadata_that_would_not_come_back_as_sent_is_refused(api_client_as, clerk, send, metadata):
    client, document = api_client_as(clerk), send(clerk, b"one")
    sent = client.post(UPLOAD, form(b"two", metadata=metadata))
    patched = client.patch(f"{LIST}{document.pk}/", f'{{"metadata": {metadata}}}', content_type="application/json")
    for answer in (sent, patched):
        assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (
            400,
            "invalid",
            ["metadata"],
        )
    assert client.get(LIST).json()["count"] == 1 and Document.objects.get().metadata == {}


def test_metadata_of_64_bits_and_a_hundred_levels_comes_back_everywhere(api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    nested = '{"a":' * 98 + '{"n": [9223372036854775807, -9223372036854775808, 0.1]}' + "}" * 98
    one = client.post(UPLOAD, form(b"one", metadata=nested)).json()
    assert client.get(LIST).json()["results"][0]["metadata"] == one["metadata"]
    assert client.patch(f"{LIST}{one['id']}/", {"metadata": {}}, format="json").status_code == 200
    corrected = client.get(f"{LIST}{one['id']}/history/").json()["results"][-1]
    assert (list(corrected["before"]), corrected["after"]) == (["metadata"], {"metadata": {}})


def test_one_document_with_a_number_beyond_64_bits_hides_no_list(api_client_as, clerk, send):
    document = send(clerk, b"one")
    Document.objects.filter(pk=document.pk).update(metadata={"a": [2**70, -(2**70)], "b": 2**64 - 1})
    found = api_client_as(clerk).get(LIST)
    assert found.status_code == 200
    assert found.json()["results"][0]["metadata"] == {"a": [2.0**70, -(2.0**70)], "b": 2**64 - 1}


@pytest.mark.parametrize("value", [False, 0, []])
@pytest.mark.parametrize("name", ["title", "department", "document_type", "document_date", "priority", "metadata"])
def test_false_zero_and_an_empty_list_are_wrong_values_not_none(api_client_as, clerk, send, name, value):
    document = send(
        clerk, b"one", department="operations", metadata={"po": "45"}, document_date=datetime.date(2026, 11, 5)
    )
    client = api_client_as(clerk)
    before = client.get(f"{LIST}{document.pk}/").json()
    answer = client.patch(f"{LIST}{document.pk}/", {name: value}, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert client.get(f"{LIST}{document.pk}/").json() == before


def test_of_several_files_none_is_lost_silently(api_client_as, clerk, send):
    client, document = api_client_as(clerk), send(clerk, b"one")
    two = [SimpleUploadedFile(name, name.encode()) for name in ("a.txt", "b.txt")]
    astray = {"files": two[0], "file": two[1], "source": "api"}
    for path, sent, field in (
        (UPLOAD, {"file": two, "source": "api"}, "file"),
        (UPLOAD, astray, "files"),
        (BATCH, astray, "file"),
        (f"{LIST}{document.pk}/versions/", {"file": two}, "file"),
    ):
        for file in two:
            file.seek(0)
        answer = client.post(path, sent)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert (Document.objects.count(), document.versions.count(), Batch.objects.count()) == (1, 1, 0)


def test_what_was_taken_or_made_says_where_it_is(api_client_as, clerk, send):
    client, document = api_client_as(clerk), send(clerk, b"one", "a.txt")
    one = f"{LIST}{document.pk}/"
    sent = client.post(UPLOAD, form(b"two"))
    many = client.post(BATCH, {"files": SimpleUploadedFile("c.txt", b"three"), "source": "api"})
    newer = client.post(f"{one}versions/", {"file": SimpleUploadedFile("b.txt", b"new")})
    client.post(f"{one}cancel/")
    again = client.post(f"{one}reprocess/")
    for answer, at in (
        (sent, f"{LIST}{sent.json()['id']}/"),
        (many, f"/api/v1/batches/{many.json()['id']}/"),
        (newer, one),
        (again, one),
    ):
        assert (answer.status_code, answer["Location"], client.get(at).status_code) == (202, at, 200)


def test_every_list_has_the_shape_of_lists(api_client_as, clerk, send):
    documents = [send(clerk, b"note %d" % number, f"{number}.txt") for number in range(3)]
    client = api_client_as(clerk)
    client.post(f"{LIST}{documents[0].pk}/versions/", {"file": SimpleUploadedFile("b.txt", b"new")})
    for path, ids in (
        ("processing-status/", [str(one.pk) for one in documents]),
        (f"{documents[0].pk}/versions/", [2, 1]),
    ):
        first = client.get(f"{LIST}{path}?limit=1").json()
        assert (first["count"], first["count_is_estimate"], first["previous"]) == (len(ids), False, None)
        second = client.get(first["next"]).json()
        assert [
            one.get("version") if ids == [2, 1] else one["id"] for one in (first["results"] + second["results"])
        ] == ids[:2]


def test_a_page_of_the_search_has_up_to_200(api_client_as, clerk, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "documents.api.search.searching.search",
        lambda *_, start, limit: (
            asked.append(limit) or type("Found", (), {"hits": [], "count": 0, "at_least": False, "facets": {}})
        ),
    )
    for limit in (150, 200, 201):
        assert api_client_as(clerk).get(f"/api/v1/search/?q=x&limit={limit}").status_code == 200
    assert asked == [150, 200, 200]


def test_parameters_that_are_neither_true_nor_false_are_refused(api_client_as, clerk):
    client = api_client_as(clerk)
    for path, name in ((LIST, "bin"), ("/api/v1/notifications/", "unread")):
        answer = client.get(f"{path}?{name}=maybe")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
        assert client.get(f"{path}?{name}=True").status_code == client.get(f"{path}?{name}=").status_code == 200


def test_the_newest_version_is_downloaded_when_the_parameter_is_empty(api_client_as, clerk, send):
    client, document = api_client_as(clerk), send(clerk, b"one", "a.txt")
    assert b"".join(client.get(f"{LIST}{document.pk}/download/?version=").streaming_content) == b"one"
    assert client.get(f"{LIST}{document.pk}/download/?version=١").status_code == 400


def test_a_key_without_the_scope_is_told_so(client, clerk, administrator, send, api_source):
    document = send(clerk, b"one", department="operations")
    _, full = api_keys.issue(name="archive", user=clerk, by=administrator, scopes=("read",))
    _, house = api_keys.issue(name="house", user=administrator, by=administrator, scopes=("read",))
    for scope, answer in (
        ("upload", client.post(UPLOAD, form(b"two"), headers={"X-API-Key": full})),
        ("upload", client.post(f"{LIST}{document.pk}/versions/", form(b"two"), headers={"X-API-Key": full})),
        ("control", client.delete(f"{LIST}{document.pk}/", headers={"X-API-Key": full})),
        ("control", client.get("/api/v1/admin/queue/status/", headers={"X-API-Key": house})),
        ("control", client.post("/api/v1/workflows/definitions/", headers={"X-API-Key": house})),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert answer.json()["detail"] == f"This API key may not do this: it lacks the scope “{scope}”."
    by_clerk = client.get("/api/v1/admin/queue/status/", headers={"X-API-Key": full})
    assert by_clerk.json()["detail"] == "Only administrators run the queue."
