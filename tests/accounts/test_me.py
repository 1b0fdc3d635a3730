"""`/me/`: the caller as the gateway sees it."""

from accounts import api_keys
from accounts.models import Membership


def test_a_person_sees_departments_with_roles_and_limits(api_client_as, clerk, operations, safety, settings):
    Membership.objects.create(user=clerk, department=safety, role="head")
    settings.MAX_UPLOAD_BYTES = 1234
    said = api_client_as(clerk).get("/api/v1/me/").json()
    assert (said["username"], said["house_role"], said["key"]) == ("clerk", "", None)
    assert [(one["key"], one["role"]) for one in said["departments"]] == [("operations", "clerk"), ("safety", "head")]
    assert said["limits"] == {
        "max_upload_bytes": 1234,
        "max_batch_files": settings.MAX_BATCH_FILES,
        "max_batch_bytes": settings.MAX_BATCH_BYTES,
        "requests": "6000/min",
    }


def test_house_roles_are_told(api_client_as, auditor, administrator, person):
    assert api_client_as(auditor).get("/api/v1/me/").json()["house_role"] == "auditor"
    assert api_client_as(administrator).get("/api/v1/me/").json()["house_role"] == "administrator"
    root = person("root", is_superuser=True)
    assert api_client_as(root).get("/api/v1/me/").json()["house_role"] == "administrator"


def test_a_key_sees_what_narrows_it(api_client_as, head, operations, safety):
    Membership.objects.create(user=head, department=safety)
    _, full = api_keys.issue(
        name="k", user=head, by=head, scopes=["upload", "read"], sources=["api"], departments=[safety]
    )
    client = api_client_as(None)
    client.credentials(HTTP_X_API_KEY=full)
    said = client.get("/api/v1/me/").json()
    assert said["key"] == {"scopes": ["read", "upload"], "sources": ["api"], "departments_only": True}
    assert [one["key"] for one in said["departments"]] == ["safety"]


def test_nobody_is_asked_who_they_are(api_client_as, db):
    answer = api_client_as(None).get("/api/v1/me/")
    assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer")
