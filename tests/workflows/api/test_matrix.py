"""Who may do what to workflows, through the real API: every cell is a test, and a refusal has changed nothing.

All is of the department `operations`: the paper was sent by a colleague, who is a reviewer there and has taken the task
`taken`. The outsider is a clerk of another department.
"""

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from accounts import api_keys
from tests.accounts.test_matrix import cells
from tests.workflows.api.conftest import AT, TEXT, House, day, delete, everything, get, post

ROLES = ("clerk", "reviewer", "head", "outsider", "auditor", "administrator")
CALLS = {
    "definitions": get("definitions/"),
    "definition": get("definitions/way/"),
    "language": get("definitions/schema/"),
    "version": get("definitions/way/versions/1/"),
    "export": get("definitions/way/versions/1/export.bpmn"),
    "draft": post("definitions/", {"source": TEXT.replace("Way", "Other")}),
    "validate": post("definitions/way/validate/"),
    "publish": post("definitions/way/publish/", {"note": "More."}),
    "try": post("definitions/way/dry-run/", {"last": 5}),
    "try-more": post("definitions/way/dry-run/", {"last": 600}),
    "tried": get("dry-runs/{h.tried}/"),
    "stop-trying": post("dry-runs/{h.tried}/cancel/"),
    "retire": lambda client, house: client.patch(f"{AT}definitions/way/", {"active": False}, format="json"),
    "move-all": post("definitions/way/migrate/", {"to": 1, "dry_run": True}),
    "runs": get("instances/"),
    "run": get("instances/{h.way.pk}/"),
    "graph": get("instances/{h.way.pk}/graph.svg"),
    "start": post("instances/", {"definition": "free", "document": "{h.paper.pk}"}),
    "start-alone": post("instances/", {"definition": "free"}),
    "pause": post("instances/{h.way.pk}/pause/", {"why": "So."}),
    "resume": post("instances/{h.paused.pk}/resume/"),
    "cancel": post("instances/{h.way.pk}/cancel/"),
    "retry": post("instances/{h.broken.pk}/retry/"),
    "skip": post("instances/{h.broken.pk}/skip/", {"outcome": "done"}),
    "wait": post("instances/{h.way.pk}/dependencies/", {"kind": "workflow", "id": "{h.listens.pk}"}),
    "stop-waiting": delete("instances/{h.paused.pk}/dependencies/{h.awaits}/"),
    "move": post("instances/{h.way.pk}/migrate/", {"to": 1, "dry_run": True}),
    "tasks": get("tasks/"),
    "my-tasks": get("tasks/?mine=true"),
    "task": get("tasks/{h.task.pk}/"),
    "claim": post("tasks/{h.task.pk}/claim/"),
    "claim-taken": post("tasks/{h.taken.pk}/claim/"),
    "take-over": post("tasks/{h.taken.pk}/claim/", {"take_over": True}),
    "release": post("tasks/{h.taken.pk}/release/"),
    "delegate": post("tasks/{h.task.pk}/delegate/", {"to": "colleague"}),
    "reassign": post("tasks/{h.task.pk}/reassign/", {"to": "colleague"}),
    "comment": post("tasks/{h.task.pk}/comment/", {"text": "Look at page 2."}),
    "complete": post("tasks/{h.task.pk}/complete/", {"outcome": "approved"}),
    "complete-taken": post("tasks/{h.taken.pk}/complete/", {"outcome": "approved"}),
    "complete-many": post("tasks/complete/", {"tasks": ["{h.task.pk}"], "outcome": "approved"}),
    "confirm": post("tasks/{h.to_read.pk}/acknowledge/"),
    "figures": get("analytics/"),
    "figures-of-one": get("analytics/?definition=way"),
    "table": get("analytics/?definition=way&format=csv"),
    "tell": post("events/", {"event": "invoice.paid", "data": {"amount": 5}}),
    "absences": get("absences/"),
    "be-away": post("absences/", {"first_day": day(1), "last_day": day(2)}),
    "send-away": post("absences/", {"user": "colleague", "first_day": day(1), "last_day": day(2)}),
}

HOUSE = """
                    clerk  reviewer  head  outsider  auditor  administrator
    definitions     200    200       200   200       200      200
    definition      200    200       200   200       200      200
    language        200    200       200   200       200      200
    version         403    403       403   403       200      200
    export          403    403       403   403       200      200
    draft           403    403       403   403       403      201
    validate        403    403       403   403       403      200
    publish         403    403       403   403       403      201
    try             403    403       403   403       403      200
    try-more        403    403       403   403       403      202
    tried           403    403       403   403       403      200
    stop-trying     403    403       403   403       403      200
    retire          403    403       403   403       403      200
    move-all        403    403       403   403       403      200
    runs            200    200       200   200       200      200
    run             200    200       200   404       200      200
    graph           200    200       200   404       200      200
    start           403    201       201   404       403      201
    start-alone     403    201       201   403       403      201
    pause           403    403       200   404       403      200
    resume          403    403       200   404       403      200
    cancel          403    403       200   404       403      200
    retry           403    403       200   404       403      200
    skip            403    403       200   404       403      200
    wait            403    403       201   404       403      201
    stop-waiting    403    403       200   404       403      200
    move            403    403       403   403       403      200
    tasks           200    200       200   200       200      200
    my-tasks        200    200       200   200       200      200
    task            200    200       200   404       200      200
    claim           403    200       200   404       403      403
    claim-taken     403    409       409   404       403      403
    take-over       403    409       200   404       403      403
    release         403    403       200   404       403      200
    delegate        403    200       200   404       403      403
    reassign        403    403       200   404       403      200
    comment         200    200       200   404       403      200
    complete        403    200       200   404       403      403
    complete-taken  403    409       409   404       403      403
    complete-many   200    200       200   200       200      200
    confirm         200    200       200   404       403      403
    figures         403    403       200   403       200      200
    figures-of-one  403    403       200   403       200      200
    table           403    403       200   403       200      200
    tell            403    202       202   403       403      202
    absences        200    200       200   200       200      200
    be-away         201    201       201   201       403      201
    send-away       403    403       201   403       403      201
"""

KEYS = """
                    read  upload  control  all  all-operations  all-safety  all-mail
    definitions     200   200     200      200  200             200         200
    definition      200   404     404      200  200             200         200
    version         403   404     404      403  403             403         403
    publish         403   403     403      403  403             403         403
    try-more        403   403     403      403  403             403         403
    tried           403   403     403      403  403             403         403
    run             200   404     404      200  200             404         404
    graph           200   404     404      200  200             404         404
    start           403   404     404      201  201             404         404
    start-alone     403   403     201      201  403             403         403
    pause           403   404     404      200  200             404         404
    wait            403   404     404      201  201             404         404
    stop-waiting    403   404     404      200  200             404         404
    task            200   404     404      200  200             404         404
    claim           403   404     404      200  200             404         404
    reassign        403   404     404      200  200             404         404
    comment         403   404     404      200  200             404         404
    complete        403   404     404      200  200             404         404
    confirm         403   404     404      200  200             404         404
    figures         200   403     403      200  200             403         403
    tell            403   403     202      202  202             403         202
    be-away         403   403     201      201  403             403         403
"""


def status(action: str, client: APIClient, house: House) -> int:
    """Ask for it and take it back; a refusal must have left everything as it was."""
    before = everything()
    with transaction.atomic():
        answer = CALLS[action](client, house)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert everything() == before
        transaction.set_rollback(True)
    return int(answer.status_code)


def rows(table: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for cell in cells(table):
        found.setdefault(cell.action, {})[cell.who] = cell.status
    return found


@pytest.mark.parametrize(("action", "expected"), rows(HOUSE).items())
def test_who_may_do_what(action, expected, house, api_client_as, request):
    people = {who: request.getfixturevalue(who) for who in expected}
    assert {who: status(action, api_client_as(user), house) for who, user in people.items()} == expected


@pytest.mark.parametrize(("action", "expected"), rows(KEYS).items())
def test_what_a_heads_key_may_do(action, expected, house, head, operations, safety, api_client_as):
    found = {}
    for who in expected:
        scopes, _, bound = who.partition("-")
        _, full = api_keys.issue(
            name="k",
            user=head,
            by=head,
            scopes=api_keys.SCOPES if scopes == "all" else [scopes],
            departments=[department for department in (operations, safety) if department.key == bound],
            sources=["mail"] if bound == "mail" else [],
        )
        client = api_client_as(None)
        client.credentials(HTTP_X_API_KEY=full)
        found[who] = status(action, client, house)
    assert found == expected


def test_every_call_is_in_the_matrix():
    assert list(rows(HOUSE)) == list(CALLS)


def test_who_shows_nothing_may_nothing(house, api_client_as):
    assert {action: status(action, api_client_as(None), house) for action in CALLS} == dict.fromkeys(CALLS, 401)


@pytest.mark.parametrize("who", ROLES)
def test_lists_show_what_may_be_seen_alone(who, house, api_client_as, request):
    client = api_client_as(request.getfixturevalue(who))
    runs, tasks = (client.get(f"{AT}{name}/").json() for name in ("instances", "tasks"))
    mine = client.get(f"{AT}tasks/?mine=true").json()
    seen = 0 if who == "outsider" else 1
    assert (runs["count"], tasks["count"]) == (6 * seen, 4 * seen)
    waiting = {"reviewer": 2, "head": 2}.get(who, 0)
    assert [one["id"] for one in mine["results"]].count(str(house.task.pk)) == (waiting > 0)
    assert mine["count"] == waiting, "what a colleague has taken does not wait for others"
    many = client.post(f"{AT}tasks/complete/", {"tasks": [str(house.task.pk)], "outcome": "approved"}, format="json")
    said = many.json()["results"][0]
    expected = {"outsider": "not_found", "reviewer": None, "head": None}.get(who, "not_yours")
    assert (said["code"], said["state"]) == (expected, "completed" if expected is None else None)
