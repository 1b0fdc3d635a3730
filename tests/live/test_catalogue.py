"""The catalogue: each event is exactly its fields, described to others, and the description is today's."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator, ValidationError

from realtime import asking, schema
from realtime.catalogue import CATALOGUE, DocumentProgress, JobDead, SystemAlert
from realtime.models import Event
from tests.live.conftest import alert

PROMISED = {
    "document.received": True,
    "document.status": True,
    "document.progress": False,
    "document.failed": True,
    "document.version": True,
    "batch.progress": False,
    "job.progress": False,  # an extension
    "job.dead": True,
    "workflow.started": True,
    "workflow.step": True,
    "workflow.finished": True,
    "workflow.incident": True,
    "workflow.dependency": True,  # an extension
    "workflow.tried": True,  # an extension
    "task.assigned": True,
    "task.completed": True,
    "task.escalated": True,
    "sla.warning": True,
    "sla.breached": True,
    "queue.status": False,
    "system.health": True,
    "system.alert": True,
    "notification": True,
}
SAMPLES = {"string": "x", "integer": 3, "number": 0.5, "boolean": True, "null": None, "array": [], "object": {}}


def sample(name: str) -> dict:
    """Data of that event, as its schema allows it."""
    properties = schema.of_data(CATALOGUE[name])["properties"]
    kinds = {key: field["type"] for key, field in properties.items()}
    return {key: SAMPLES[kind if isinstance(kind, str) else kind[0]] for key, kind in kinds.items()}


def test_every_type_of_the_contract_has_a_class_and_there_are_no_others():
    assert {name: told.durable for name, told in CATALOGUE.items() if name in PROMISED} == PROMISED
    assert {name for name in CATALOGUE if CATALOGUE[name].durable} <= set(PROMISED)


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_event_takes_its_fields_and_no_other(name):
    told = CATALOGUE[name](**sample(name))
    assert told.data() == sample(name)
    with pytest.raises(TypeError):
        CATALOGUE[name](**sample(name), more=1)
    with pytest.raises((AttributeError, TypeError)):
        told.more = 1


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_schema_of_an_event_refuses_what_the_class_refuses(name):
    check = Draft202012Validator(schema.of_data(CATALOGUE[name]))
    check.validate(sample(name))
    with pytest.raises(ValidationError):
        check.validate({**sample(name), "more": 1})
    for field in fields(CATALOGUE[name]):
        with pytest.raises(ValidationError):
            check.validate({key: value for key, value in sample(name).items() if key != field.name})
        with pytest.raises(ValidationError):
            check.validate({**sample(name), field.name: b"of a kind that no field has"})


def test_what_is_told_satisfies_the_schema_that_is_served(db, clerk, api_client_as):
    client = api_client_as(clerk)
    served = client.get("/api/v1/events/schema/").json()
    Draft202012Validator.check_schema(served)
    assert set(served["$defs"]) == set(CATALOGUE)
    alert("rain")
    (event,) = client.get("/api/v1/events/", {"after": 0}).json()["events"]
    check = Draft202012Validator(served)
    check.validate(event)
    with pytest.raises(ValidationError):
        check.validate({**event, "type": "document.unheard-of"})
    assert Event.objects.get().data == SystemAlert(code="test", level="info", detail="rain").data()


def test_asyncapi_names_every_event_and_every_frame(db, clerk, api_client_as):
    said = api_client_as(clerk).get("/api/v1/events/asyncapi.json").json()
    assert said["asyncapi"] == "3.0.0"
    messages = said["components"]["messages"]
    assert set(CATALOGUE) <= set(messages)
    assert {"connected", "reset", "pong", "ask.authenticate", "ask.resume", "ask.ack"} <= set(messages)
    for message in messages.values():
        Draft202012Validator.check_schema(message["payload"])
    for operation in said["operations"].values():
        for link in [operation["channel"], *operation["messages"]]:
            assert followed(said, link) is not None
    for message in said["channels"]["live"]["messages"].values():
        assert followed(said, message)["name"] in {name.removeprefix("ask.") for name in messages} | set(messages)


def test_every_frame_that_a_client_may_send_is_described():
    assert set(schema.SAID_BY_CLIENT) == asking.ACTIONS


def followed(document: dict, link: dict) -> object:
    found: object = document
    for part in link["$ref"].removeprefix("#/").split("/"):
        assert isinstance(found, dict)
        found = found[part]
    return found


@pytest.mark.parametrize("path", ["/api/v1/events/schema/", "/api/v1/events/asyncapi.json"])
def test_the_description_is_for_those_who_are_signed_in(db, api_client_as, path):
    assert api_client_as(None).get(path).status_code == 401


def test_the_page_about_events_is_todays():
    page = Path(settings.BASE_DIR) / "docs" / "events.md"
    assert page.read_text(encoding="utf-8") == schema.as_page(), "run manage.py describe_events"


def test_what_is_said_to_come_is_told_by_nobody_and_all_else_by_somebody():
    """Looks for `SystemAlert(` and the like in the code of the gateway."""
    called = set()
    for app in ("accounts", "realtime", "jobs", "documents", "workflows", "kmrl"):
        for file in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    called.add(getattr(node.func, "id", getattr(node.func, "attr", "")))
    told = {name for name, event in CATALOGUE.items() if event.__name__ in called}
    assert {name for name, event in CATALOGUE.items() if not event.to_come} == told


def test_a_field_that_json_does_not_have_is_refused():
    with pytest.raises(TypeError, match="use what JSON has"):
        schema._of(set[str])
    assert schema.of_data(DocumentProgress)["properties"]["eta"] == {"type": ["number", "null"]}
    assert schema.of_data(JobDead)["required"] == [field.name for field in fields(JobDead)]
