"""Who may do what, through the real API: every cell of the matrix is a test, and a refusal has changed nothing.

Subjects, all of the department `operations` unless told: `theirs` was sent by a colleague, `own` by the person who
asks (who has left operations if an outsider, and sent it long ago if an auditor), `unplaced` and `own-unplaced` belong
to no department, `secret` is restricted to the colleague, `named` also to the person who asks, `held` is in quarantine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import api_keys, history
from accounts.models import User
from documents.models import Document

from .calls import IN_THE_HOUSE, ON_A_DOCUMENT, QUEUE, World, ask
from .house import everything, paper, recorded

ROLES = ("clerk", "reviewer", "head", "outsider", "auditor", "administrator")
LOOKS = ("see", "download", "text", "page", "history", "versions", "job")

SIGHT = """
                    clerk  reviewer  head  outsider  auditor  administrator
    theirs          200    200       200   404       200      200
    own             200    200       200   404       200      200
    unplaced        404    404       404   404       200      200
    own-unplaced    200    200       200   200       200      200
    secret          404    404       404   404       200      200
    named           200    200       200   200       200      200
    held            404    404       404   404       404      200
    binned          200    200       200   404       200      200
"""

DOINGS = """
                             clerk  reviewer  head  outsider  auditor  administrator
    correct theirs           200    200       200   404       403      200
    correct own              200    200       200   404       403      200
    correct unplaced         404    404       404   404       403      200
    correct own-unplaced     200    200       200   200       403      200
    correct secret           404    404       404   404       403      200
    correct named            200    200       200   403       403      200
    correct held             404    404       404   404       404      200
    restrict theirs          403    403       200   404       403      200
    restrict own             200    200       200   404       403      200
    move theirs              403    403       403   404       403      200
    move own-unplaced        403    403       403   200       403      200
    replace theirs           202    202       202   404       403      202
    replace own              202    202       202   404       403      202
    replace secret           404    404       404   404       403      202
    replace named            202    202       202   403       403      202
    cancel theirs            403    403       200   404       403      200
    cancel own               200    200       200   404       403      200
    cancel own-unplaced      200    200       200   200       403      200
    cancel secret            404    404       404   404       403      200
    cancel named             403    403       200   403       403      200
    reprocess theirs         403    403       202   404       403      202
    reprocess own            202    202       202   404       403      202
    reprocess own-unplaced   202    202       202   202       403      202
    reprocess secret         404    404       404   404       403      202
    reprocess named          403    403       202   403       403      202
    discard theirs           403    403       200   404       403      200
    discard own              200    200       200   404       403      200
    discard own-unplaced     200    200       200   200       403      200
    discard secret           404    404       404   404       403      200
    discard named            403    403       200   403       403      200
    restore binned           403    403       200   404       403      200
    restore own-binned       200    200       200   404       403      200
"""

HOUSE = """
                             clerk  reviewer  head  outsider  auditor  administrator
    upload-operations        202    202       202   403       403      202
    upload-safety            403    403       403   202       403      202
    upload-nowhere           202    202       202   202       403      202
    batch-operations         202    202       202   403       403      202
    batch-safety             403    403       403   202       403      202
    see-their-batch          404    404       404   404       200      200
    see-own-batch            200    200       200   200       200      200
    cancel-their-batch       404    404       404   404       403      200
    list                     200    200       200   200       200      200
    in-work                  200    200       200   200       200      200
    search                   200    200       200   200       200      200
    events                   200    200       200   200       200      200
    me                       200    200       200   200       200      200
    ticket                   200    200       200   200       200      200
    schema                   200    200       200   200       200      200
    docs                     200    200       200   200       200      200
    queue-status             403    403       403   403       403      200
    queue-jobs               403    403       403   403       403      200
    queue-cancel             403    403       403   403       403      200
    queue-retry              403    403       403   403       403      200
    queue-priority           403    403       403   403       403      200
    queue-retry-dead         403    403       403   403       403      200
    queue-clean              403    403       403   403       403      200
    queue-pause              403    403       403   403       403      200
    queue-resume             403    403       403   403       403      200
    queue-drain              403    403       403   403       403      200
"""

KEYS = """
                             read  upload  control  all  all-operations  all-safety  all-mail
    see theirs               200   404     404      200  200             404         404
    see unplaced             404   404     404      404  404             404         404
    see own-unplaced         200   404     404      200  404             404         404
    job theirs               200   404     404      200  200             404         404
    correct theirs           403   404     404      200  200             404         404
    discard theirs           403   404     404      200  200             404         404
    replace theirs           403   404     404      202  202             404         404
    upload-operations        403   202     403      202  202             403         400
    upload-nowhere           403   202     403      202  202             403         400
    batch-operations         403   202     403      202  202             403         400
    queue-status             403   403     403      403  403             403         403
    me                       200   200     200      200  200             200         200
"""


@dataclass(frozen=True)
class Cell:
    """One expectation: who asks for what, and the status that answers."""

    action: str
    subject: str
    who: str
    status: int

    def __str__(self) -> str:
        return "-".join(part for part in (self.action, self.subject, self.who) if part)


def cells(table: str) -> Iterator[Cell]:
    head, *lines = [line.split() for line in table.strip().splitlines()]
    for line in lines:
        label, codes = line[: -len(head)], line[-len(head) :]
        for who, code in zip(head, codes, strict=True):
            yield Cell(label[0], label[1] if len(label) > 1 else "", who, int(code))


@pytest.fixture
def colleague(person, operations) -> User:
    return person("colleague", of=operations)


@pytest.fixture
def asker(request) -> Callable[[str], User]:
    return request.getfixturevalue


@pytest.fixture
def subject(colleague, operations, safety, api_source) -> Callable[..., Document]:
    """`subject("secret", asks=clerk, in_work=True)`"""

    def make(name: str, *, asks: User, in_work: bool = False) -> Document:
        own, plain = name.startswith("own"), name.removeprefix("own").removeprefix("-")
        restricted = plain in ("secret", "named")
        document = paper(
            asks if own else colleague,
            None if plain == "unplaced" else operations,
            in_work=in_work,
            status="quarantined" if plain == "held" else "processed",
            access="restricted" if restricted else "department",
            binned_at="2026-11-20T00:00:00Z" if plain == "binned" else None,
        )
        if restricted:
            document.people.set([colleague, asks] if plain == "named" else [colleague])
        return document

    return make


def do(cell: Cell, client: APIClient, subject: Callable[..., Document], asks: User) -> Any:
    """Ask for it; a refusal must have left everything as it was."""
    document = subject(cell.subject, asks=asks, in_work=cell.action == "cancel")
    before = everything()
    answer = ask(cell.action, client, document)
    check(cell, answer, before)
    return answer


def check(cell: Cell, answer: Any, before: dict[str, Any]) -> None:
    said = b"" if answer.streaming else answer.content
    assert answer.status_code == cell.status, said
    if cell.status >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert everything() == before


@pytest.mark.parametrize("cell", cells(SIGHT), ids=str)
def test_who_sees_what(cell, subject, asker, api_client_as):
    asks = asker(cell.who)
    document, client = subject(cell.action, asks=asks), api_client_as(asks)
    before = everything()
    for look in LOOKS:
        check(Cell(look, cell.action, cell.who, cell.status), ask(look, client, document), before)


@pytest.mark.parametrize("cell", cells(DOINGS), ids=str)
def test_who_may_do_what_to_a_document(cell, subject, asker, api_client_as):
    before = recorded()
    do(cell, api_client_as(asker(cell.who)), subject, asker(cell.who))
    assert (recorded() > before) is (cell.status < 400)


@pytest.mark.parametrize("cell", cells(HOUSE), ids=str)
def test_who_may_do_what_in_the_house(cell, asker, colleague, operations, safety, api_source, api_client_as):
    asks = asker(cell.who)
    world = World(colleague, asks, operations)
    before = everything()
    check(cell, IN_THE_HOUSE[cell.action](api_client_as(asks), world), before)


@pytest.mark.parametrize("cell", cells(KEYS), ids=str)
def test_what_a_heads_key_may_do(cell, head, colleague, operations, safety, api_source, subject, api_client_as):
    scopes, _, bound = cell.who.partition("-")
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
    if cell.subject:
        do(cell, client, subject, head)
        return
    world = World(colleague, head, operations)
    before = everything()
    check(cell, IN_THE_HOUSE[cell.action](client, world), before)


@pytest.mark.parametrize(("department", "status"), [("operations", 200), ("safety", 404)])
def test_an_administrators_bound_key_reaches_its_department_only(
    department, status, administrator, operations, safety, subject, api_client_as
):
    bound_to = {"operations": operations, "safety": safety}[department]
    _, full = api_keys.issue(
        name="k", user=administrator, by=administrator, scopes=api_keys.SCOPES, departments=[bound_to]
    )
    client = api_client_as(None)
    client.credentials(HTTP_X_API_KEY=full)
    for look in LOOKS:
        do(Cell(look, "theirs", "key", status), client, subject, administrator)
    assert client.get(f"{QUEUE}status/").status_code == 403


@pytest.mark.parametrize("action", [*ON_A_DOCUMENT, *IN_THE_HOUSE, "job"])
def test_who_shows_nothing_may_nothing(action, colleague, operations, safety, api_source, subject, api_client_as):
    if action in IN_THE_HOUSE:
        world = World(colleague, colleague, operations)
        before = everything()
        check(Cell(action, "", "nobody", 401), IN_THE_HOUSE[action](api_client_as(None), world), before)
    else:
        do(Cell(action, "theirs", "nobody", 401), api_client_as(None), subject, colleague)


@pytest.mark.parametrize("who", ROLES)
def test_lists_and_search_show_what_single_looks_show(who, asker, subject, api_client_as):
    asks = asker(who)
    shown = {cell.action: cell.status == 200 for cell in cells(SIGHT) if cell.who == who}
    papers = {name: subject(name, asks=asks) for name in shown}
    expected = {str(papers[name].pk) for name, seen in shown.items() if seen and name != "binned"}
    listed = api_client_as(asks).get("/api/v1/documents/?limit=200").json()
    assert {one["id"] for one in listed["results"]} == expected
    assert listed["count"] == len(expected)


@pytest.mark.parametrize(("who", "recorded"), [("auditor", 1), ("administrator", 1), ("clerk", 0)])
def test_a_look_at_a_restricted_document_by_who_is_not_named_is_recorded(who, recorded, asker, subject, api_client_as):
    asks = asker(who)
    for look in LOOKS[:-1]:
        document = subject("named" if who == "clerk" else "secret", asks=asks)
        ask(look, api_client_as(asks), document)
        looked = history.of("document", document.pk).filter(action="looked", actor=asks)
        assert (look, looked.count()) == (look, recorded)


def test_every_role_of_the_matrix_is_asked_for_everything():
    for table in (SIGHT, DOINGS, HOUSE):
        assert table.split()[: len(ROLES)] == list(ROLES)
    assert {cell.action for cell in cells(DOINGS)} | set(LOOKS) == {*ON_A_DOCUMENT, "job"}
    assert {cell.action for cell in cells(HOUSE)} == set(IN_THE_HOUSE)
