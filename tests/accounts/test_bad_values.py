"""Values that nothing can hold end as a 400, in addresses, bodies and pages; never as a fault of ours."""

import pytest
from django.test import Client

NUL = "U+0000"


@pytest.fixture
def client(administrator, api_client_as):
    found = api_client_as(administrator)
    found.handler.raise_request_exception = found.raise_request_exception = False
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["documents/?source=%00", "search/?q=a&status=%00", "admin/queue/jobs/?error_code=%00", "notifications/?kind=%00"],
)
def test_u0000_in_an_address_is_refused_before_any_view(client, address):
    answer = client.get(f"/api/v1/{address}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "invalid" and NUL in answer.json()["detail"]


@pytest.mark.django_db
def test_so_it_is_in_a_path_and_on_a_page(client, administrator):
    assert client.post("/api/v1/admin/queue/workers/%00/drain/").status_code == 400
    browser = Client(raise_request_exception=False)
    browser.force_login(administrator)
    refused = browser.get("/documents/?q=%00")
    assert refused.status_code == 400 and "cannot be understood" in refused.content.decode()
    assert browser.get("/documents/?q=a").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_time_beyond_all_calendars_is_the_callers_mistake_and_its_place_is_logged(client, caplog):
    answer = client.get("/api/v1/workflows/analytics/", {"until": "0001-01-01T00:00:00+14:00"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    told = [record for record in caplog.records if record.name == "kmrl.bad_values"]
    assert [record.levelname for record in told] == ["ERROR"] and told[0].exc_info


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b'{"title": "\\ud800"}', b"[" * 5_000 + b"]" * 5_000, b'{"a": NaN}', b"\xff"])
def test_json_that_cannot_be_written_again_is_not_read(client, body):
    answer = client.post("/api/v1/notifications/read/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "no JSON that can be read" in answer.json()["detail"]
