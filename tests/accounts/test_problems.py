"""Every refusal of the API is a problem document, wherever it comes from."""

import json

import pytest
from django.http import HttpRequest
from django.test import Client
from rest_framework import exceptions, serializers
from rest_framework.test import APIClient

from accounts import refusals
from accounts.rest import problems
from accounts.rest.me import Me

PROBLEM = "application/problem+json"


def assert_problem(answer, status: int, code: str) -> dict:
    said = json.loads(answer.content)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert (said["status"], said["code"], said["type"]) == (status, code, f"urn:kmrl:problem:{code}")
    assert said["title"] and said["detail"]
    return said


@pytest.mark.parametrize("address", ["/api/v1/nothing/", "/api/v1/me", "/api/", "/api/v2/me/", "/api/v1/documents/x/"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_a_problem(api_client_as, clerk, address, method):
    assert_problem(getattr(api_client_as(clerk), method)(address), 404, "not_found")


def test_a_missing_slash_is_hinted_at(client, db):
    assert "slash" in assert_problem(client.get("/api/v1/me"), 404, "not_found")["detail"]


def test_a_wrong_method_is_a_problem(api_client_as, clerk):
    assert_problem(api_client_as(clerk).delete("/api/v1/me/"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("{not json", "application/json", 400, "invalid"),
        ("a=b", "text/csv", 415, "unsupported"),
        ("[1]", "application/json", 400, "invalid"),
        ('{"username": "\\ud800", "password": "x"}', "application/json", 400, "invalid"),
        ('{"username": "a\\u0000b", "password": "x"}', "application/json", 400, "invalid"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(client, db, body, kind, status, code):
    assert_problem(client.post("/api/v1/auth/token/", body, content_type=kind), status, code)


def test_an_answer_in_another_format_is_not_to_be_had(api_client_as, clerk):
    assert_problem(api_client_as(clerk).get("/api/v1/me/", HTTP_ACCEPT="text/csv"), 406, "not_acceptable")
    assert_problem(api_client_as(clerk).get("/api/v1/me/?format=xml"), 406, "not_acceptable")
    for asked in ({"HTTP_ACCEPT": ""}, {"HTTP_ACCEPT": " , */*"}, {"HTTP_ACCEPT": "Application/JSON"}):
        assert api_client_as(clerk).get("/api/v1/me/", **asked).status_code == 200
    assert api_client_as(clerk).get("/api/v1/me/?format=json").status_code == 200


def test_an_address_of_too_many_fields_is_told_how_many_there_may_be(api_client_as, clerk):
    many = "&".join(f"a{number}=1" for number in range(1001))
    said = assert_problem(api_client_as(clerk).get(f"/api/v1/documents/?{many}"), 400, "invalid")
    assert said["detail"] == "An address or a form may have 1,000 fields at most."


@pytest.mark.parametrize("accepted", ["*/*", "application/vnd.oai.openapi", "text/html", "image/png"])
@pytest.mark.parametrize("address", ["schema/", "docs/"])
def test_a_problem_is_json_also_where_the_answer_would_not_be(client, db, address, accepted):
    answer = client.get(f"/api/v1/{address}", HTTP_ACCEPT=accepted)
    assert answer["Content-Type"] == "application/problem+json"
    known = "schema/" if "openapi" in accepted else "docs/" if "html" in accepted else address
    assert json.loads(answer.content)["status"] == answer.status_code
    assert answer.status_code == (401 if accepted != "image/png" and address == known else 406)


def test_a_session_without_a_csrf_token_changes_nothing(clerk):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(clerk)
    assert browser.get("/api/v1/me/").status_code == 200
    said = assert_problem(browser.post("/api/v1/me/"), 403, "not_allowed")
    assert "CSRF" in said["detail"]


def test_a_fault_of_ours_says_nothing_of_the_inside(monkeypatch, clerk, settings):
    def broken(*_):
        raise RuntimeError("the password of the database is hunter2")

    monkeypatch.setattr(Me, "get", broken)
    client = APIClient(raise_request_exception=False)
    client.force_login(clerk)
    answer = client.get("/api/v1/me/")
    assert_problem(answer, 500, "internal")
    assert b"hunter2" not in answer.content


def test_an_unknown_host_is_a_problem(client, settings):
    settings.ALLOWED_HOSTS = ["gateway.example"]
    assert_problem(client.get("/api/v1/me/"), 400, "invalid")


def test_a_bad_key_is_a_problem_that_asks_for_another(api_client_as, db):
    client = api_client_as(None)
    client.credentials(HTTP_X_API_KEY="kmrl_no")
    answer = client.get("/api/v1/me/")
    assert_problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def handled(error: Exception):
    return problems.handler(error, {"request": HttpRequest()})


@pytest.mark.parametrize("kind", [kind for kind in vars(refusals).values() if isinstance(kind, type)])
def test_every_refusal_has_a_code_a_title_and_a_sentence(kind):
    answer = handled(kind())
    assert answer.status_code == kind.status >= 400
    assert answer.data["code"] == kind.code and answer.data["title"] == kind.title
    assert answer.data["detail"].endswith(".")


def test_a_refusal_says_which_fields_and_when_to_come_back():
    answer = handled(refusals.TooMany("Wait.", errors={"file": ["Too many."]}, retry_after=7))
    assert answer.data["errors"] == {"file": ["Too many."]} and answer["Retry-After"] == "7"


def test_nested_complaints_are_told_by_field():
    class Inner(serializers.Serializer):
        at = serializers.DateField()

    class Outer(serializers.Serializer):
        name = serializers.CharField()
        inner = Inner()
        several = Inner(many=True)
        numbers = serializers.ListField(child=serializers.IntegerField())

    said = Outer(data={"inner": {"at": "x"}, "several": [{"at": "2026-01-01"}, {}], "numbers": [1, "x"]})
    with pytest.raises(exceptions.ValidationError) as caught:
        said.is_valid(raise_exception=True)
    answer = handled(caught.value)
    assert set(answer.data["errors"]) == {"name", "inner.at", "several.1.at", "numbers.1"}
    assert all(isinstance(part, str) for said in answer.data["errors"].values() for part in said)


def test_a_list_of_complaints_is_told_of_the_request():
    assert handled(exceptions.ValidationError(["No.", "Neither."])).data["errors"] == {"request": ["No.", "Neither."]}
    assert handled(exceptions.ValidationError("No.")).data["detail"] == "request: No."


def test_what_is_neither_is_not_handled():
    assert handled(RuntimeError("ours")) is None


@pytest.mark.parametrize("depth", [201, 1000, 100_000])
def test_json_that_is_nested_deeply_is_refused_before_anybody_stumbles_over_it(client, db, depth):
    body = b'{"username":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"
    answer = client.post("/api/v1/auth/token/", body, content_type="application/json")
    assert_problem(answer, 400, "invalid")
    assert depth > 1000 or "200 deep" in answer.json()["detail"]


def test_json_that_is_nested_as_deeply_as_is_read_reaches_its_field(client, db):
    body = b'{"username":' + b"[" * 199 + b"]" * 199 + b"}"
    answer = client.post("/api/v1/auth/token/", body, content_type="application/json")
    assert "username" in assert_problem(answer, 400, "invalid")["errors"]
