"""Whoever does not run the house moves no job: the core itself refuses, and so does each door."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import api_keys, history
from accounts.refusals import NotAllowed
from accounts.rights import rights_of
from jobs import control
from jobs.models import Job, Priority, Queue, Worker

ADMIN = "/api/v1/admin/queue/"
WHO = ("clerk", "reviewer", "head", "auditor", "outsider")


@pytest.fixture
def house(db, clerk) -> dict[str, str]:
    """One of each: a job that waits (the clerk's own), a dead one, a finished one, a worker."""
    now = timezone.now()
    common = {"kind": "test.doors", "queue": "default", "created_at": now, "owner": clerk}
    waiting = Job.objects.create(**common)
    dead = Job.objects.create(**common, state="dead", finished_at=now, error_code="internal", attempt=3)
    Job.objects.create(**common, state="succeeded", finished_at=now)
    Worker.objects.create(id="w:1:1", host="w", pid=1, started_at=now, seen_at=now)
    return {"waiting": str(waiting.pk), "dead": str(dead.pk)}


def standing() -> tuple:
    """Everything that control could change."""
    return (
        sorted(Job.objects.values_list("pk", "state", "priority", "attempt")),
        sorted(Queue.objects.values_list("name", "paused")),
        sorted(Worker.objects.values_list("pk", "draining")),
        history.HistoryEntry.objects.count(),
    )


def deeds(house: dict[str, str]) -> dict[str, dict]:
    return {
        "cancel": {"job_id": house["waiting"]},
        "retry": {"job_id": house["dead"]},
        "retry_dead": {},
        "set_priority": {"job_id": house["waiting"], "priority": Priority.EMERGENCY},
        "pause": {"queue": "low"},
        "resume": {"queue": "low"},
        "drain": {"worker_id": "w:1:1"},
        "clean_finished": {"older_than": timedelta()},
        "begin_retry_dead": {},
        "begin_clean_finished": {"older_than": timedelta()},
    }


def doors(house: dict[str, str]) -> list[tuple[str, str]]:
    return [
        ("post", f"{ADMIN}jobs/{house['waiting']}/cancel/"),
        ("post", f"{ADMIN}jobs/{house['dead']}/retry/"),
        ("post", f"{ADMIN}retry-dead/"),
        ("post", f"{ADMIN}jobs/{house['waiting']}/priority/"),
        ("post", f"{ADMIN}queues/low/pause/"),
        ("post", f"{ADMIN}queues/low/resume/"),
        ("post", f"{ADMIN}workers/w:1:1/drain/"),
        ("delete", f"{ADMIN}finished/?older_than=0"),
        ("get", f"{ADMIN}status/"),
        ("get", f"{ADMIN}jobs/"),
    ]


def test_every_deed_of_control_is_asked_about_here(house):
    public = {name for name, found in vars(control).items() if getattr(found, "__module__", "") == control.__name__}
    assert public == set(deeds(house)) | {"ask"}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(
    "deed",
    [
        *("cancel", "retry", "retry_dead", "set_priority", "pause", "resume", "drain", "clean_finished"),
        *("begin_retry_dead", "begin_clean_finished"),
    ],
)
def test_the_core_refuses_who_does_not_run_the_house(house, request, who, deed):
    user, before = request.getfixturevalue(who), standing()
    with pytest.raises(NotAllowed):
        getattr(control, deed)(**deeds(house)[deed], by=user)
    assert standing() == before


@pytest.mark.parametrize("who", WHO)
def test_the_api_refuses_who_does_not_run_the_house(house, request, who, api_client_as):
    client, before = api_client_as(request.getfixturevalue(who)), standing()
    answers = {address: getattr(client, verb)(address, format="json") for verb, address in doors(house)}
    assert {address: answer.status_code for address, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert standing() == before


def test_nobody_at_all_is_asked_to_sign_in(house, api_client_as):
    client, before = api_client_as(None), standing()
    assert {getattr(client, verb)(address, format="json").status_code for verb, address in doors(house)} == {401}
    assert standing() == before


@pytest.mark.parametrize("narrow", ["scopes", "sources", "departments"])
def test_an_administrators_key_that_is_narrowed_controls_nothing(
    house, administrator, api_client_as, operations, api_source, narrow
):
    bound = {
        "scopes": {"scopes": ["read", "upload"]},
        "sources": {"scopes": ["read", "control"], "sources": ["api"]},
        "departments": {"scopes": ["read", "control"], "departments": [operations]},
    }[narrow]
    issued, secret = api_keys.issue(name="narrow", user=administrator, by=administrator, **bound)
    before = standing()
    for name, told in deeds(house).items():
        with pytest.raises(NotAllowed):
            getattr(control, name)(**told, by=administrator, rights=rights_of(administrator, issued))
    client = api_client_as(None)
    client.credentials(HTTP_X_API_KEY=secret)
    answers = [getattr(client, verb)(address, format="json") for verb, address in doors(house)]
    assert {answer.status_code for answer in answers} == {403}
    assert standing() == before


def test_somebody_elses_rights_are_no_rights(house, administrator, clerk):
    before = standing()
    with pytest.raises(NotAllowed):
        control.cancel(job_id=house["waiting"], by=clerk, rights=rights_of(administrator))
    assert standing() == before


def test_an_administrators_whole_key_controls(house, administrator, api_client_as):
    _, secret = api_keys.issue(name="whole", user=administrator, by=administrator, scopes=["control"])
    client = api_client_as(None)
    client.credentials(HTTP_X_API_KEY=secret)
    assert client.post(f"{ADMIN}jobs/{house['waiting']}/cancel/").status_code == 200
    entry = history.of("job", house["waiting"]).get()
    assert (entry.action, entry.actor) == ("cancelled", administrator)
