"""The OpenAPI description: made without a warning, valid, and complete."""

import json

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

PROMISED = """
POST   /auth/token/
POST   /auth/token/refresh/
POST   /auth/ws-ticket/
GET    /me/
POST   /documents/upload/
POST   /documents/batch/
GET    /batches/{id}/
GET    /batches/{id}/report.csv
POST   /batches/{id}/cancel/
GET    /documents/
GET    /documents/{id}/
PATCH  /documents/{id}/
DELETE /documents/{id}/
POST   /documents/{id}/restore/
GET    /documents/{id}/download/
GET    /documents/{id}/text/
GET    /documents/{id}/pages/{number}/
GET    /documents/{id}/pages/{number}/image/
GET    /documents/{id}/versions/
POST   /documents/{id}/versions/
GET    /documents/{id}/history/
POST   /documents/{id}/reprocess/
POST   /documents/{id}/cancel/
GET    /documents/processing-status/
GET    /search/
GET    /jobs/{id}/
GET    /admin/queue/status/
GET    /admin/queue/jobs/
POST   /admin/queue/jobs/{id}/retry/
POST   /admin/queue/jobs/{id}/cancel/
POST   /admin/queue/jobs/{id}/priority/
POST   /admin/queue/retry-dead/
DELETE /admin/queue/finished/
POST   /admin/queue/queues/{name}/pause/
POST   /admin/queue/queues/{name}/resume/
POST   /admin/queue/workers/{id}/drain/
GET    /events/
GET    /notifications/
POST   /notifications/read/
GET    /notifications/preferences/
PUT    /notifications/preferences/
GET    /events/schema/
GET    /events/asyncapi.json
GET    /workflows/definitions/
POST   /workflows/definitions/
GET    /workflows/definitions/schema/
GET    /workflows/definitions/{key}/
PATCH  /workflows/definitions/{key}/
GET    /workflows/definitions/{key}/versions/{number}/
GET    /workflows/definitions/{key}/versions/{number}/export.{kind}
POST   /workflows/definitions/{key}/validate/
POST   /workflows/definitions/{key}/publish/
POST   /workflows/definitions/{key}/dry-run/
GET    /workflows/dry-runs/{id}/
POST   /workflows/dry-runs/{id}/cancel/
POST   /workflows/definitions/{key}/migrate/
GET    /workflows/instances/
POST   /workflows/instances/
GET    /workflows/instances/{id}/
GET    /workflows/instances/{id}/graph.svg
POST   /workflows/instances/{id}/pause/
POST   /workflows/instances/{id}/resume/
POST   /workflows/instances/{id}/cancel/
POST   /workflows/instances/{id}/retry/
POST   /workflows/instances/{id}/skip/
POST   /workflows/instances/{id}/migrate/
POST   /workflows/instances/{id}/dependencies/
DELETE /workflows/instances/{id}/dependencies/{number}/
GET    /workflows/tasks/
POST   /workflows/tasks/complete/
GET    /workflows/tasks/{id}/
POST   /workflows/tasks/{id}/claim/
POST   /workflows/tasks/{id}/release/
POST   /workflows/tasks/{id}/delegate/
POST   /workflows/tasks/{id}/reassign/
POST   /workflows/tasks/{id}/comment/
POST   /workflows/tasks/{id}/complete/
POST   /workflows/tasks/{id}/acknowledge/
GET    /workflows/analytics/
POST   /workflows/events/
GET    /workflows/absences/
POST   /workflows/absences/
GET    /workflows/absences/{id}/
PUT    /workflows/absences/{id}/
DELETE /workflows/absences/{id}/
"""
OPEN = {"/api/v1/auth/token/", "/api/v1/auth/token/refresh/"}


@pytest.fixture(scope="module")
def schema() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


def calls(schema: dict) -> dict[tuple[str, str], dict]:
    return {
        (method.upper(), path): said
        for path, methods in schema["paths"].items()
        for method, said in methods.items()
        if method != "parameters"
    }


def test_it_is_made_without_a_warning_and_is_valid(tmp_path):
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))
    assert (tmp_path / "schema.yml").stat().st_size > 10_000


def test_every_promised_call_is_described_and_no_other(schema):
    promised = {(method, f"/api/v1{path}") for method, path in (line.split() for line in PROMISED.split("\n") if line)}
    assert set(calls(schema)) == promised


def test_every_call_says_who_may_ask(schema):
    for (_, path), said in calls(schema).items():
        ways = {name for way in said.get("security", []) for name in way}
        assert ways == (set() if path in OPEN else {"apiKey", "bearer", "session"}), path


def test_every_call_says_how_it_refuses(schema):
    problem = {"$ref": "#/components/schemas/Problem"}
    for call, said in calls(schema).items():
        refused = said["responses"]["default"]["content"]["application/problem+json"]
        assert refused["schema"] == problem, call


def test_every_call_says_in_a_sentence_what_it_does(schema):
    for call, said in calls(schema).items():
        assert said.get("description") or said.get("summary"), call


def test_lists_are_paged_alike(schema):
    listed = calls(schema)[("GET", "/api/v1/documents/")]
    assert {"cursor", "limit"} <= {parameter["name"] for parameter in listed["parameters"]}


def test_it_is_served_to_who_is_signed_in(api_client_as, clerk):
    client = api_client_as(clerk)
    said = json.loads(client.get("/api/v1/schema/?format=json").content)
    assert said["openapi"].startswith("3.") and "/api/v1/me/" in said["paths"]
    assert api_client_as(None).get("/api/v1/schema/").status_code == 401


def test_its_pages_answer_what_may_be_asked_of_them(api_client_as, clerk):
    for address in ("schema/", "docs/"):
        for accepted in ("*/*", "text/html" if address == "docs/" else "application/json"):
            answer = api_client_as(clerk).options(f"/api/v1/{address}", HTTP_ACCEPT=accepted)
            assert (answer.status_code, answer["Allow"]) == (200, "GET, HEAD, OPTIONS")
    assert api_client_as(None).options("/api/v1/docs/").status_code == 401
