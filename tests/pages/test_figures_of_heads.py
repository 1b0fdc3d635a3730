"""Figures for heads of department: of their departments alone, by the same rights as the API, and one click away."""

import pytest
from django.test import Client

from accounts.models import Role, User
from accounts.rights import rights_of
from tests.workflows.running.conftest import paper_of
from workflows import approvals, running
from workflows.definitions import publishing
from workflows.models import Definition, HumanTask

FIGURES = "/admin/workflows/figures/"
TEXT = """\
key: {key}
title: {title}
triggers: [{{on: manual}}]
steps:
  - id: read
    kind: human
    title: {step}
    candidates: [{{department: {department}, role: reviewer}}]
  - {{id: over, kind: end, outcome: answered}}
"""


def ran(department, sender: User, source, key: str, decided_by: User | None = None) -> Definition:
    """A run about a paper of that department, which waits for it or was decided."""
    text = TEXT.format(key=key, title=f"Way of {key}", step=f"Read {key}", department=department.key)
    publishing.publish(key=key, source=text, by=None)
    definition = Definition.objects.get(key=key)
    run = running.start(
        definition=definition,
        document=paper_of(department, sender, source, f"Paper of {key}"),
        by=None,
        reason={"trigger": "manual"},
    )
    if decided_by is not None:
        task = HumanTask.objects.get(instance=run)
        approvals.complete(task_id=task.pk, outcome="approved", by=decided_by, rights=rights_of(decided_by))
    return definition


@pytest.fixture
def two_departments(operations, safety, clerk, api_source, reviewer, person) -> User:
    """Each with a run; the head of safety, whose reviewer has decided."""
    judge = person("saritha", role=Role.REVIEWER, of=safety)
    ran(operations, clerk, api_source, "tracks", decided_by=reviewer)
    ran(safety, clerk, api_source, "alarms", decided_by=judge)
    return person("head_of_safety", role=Role.HEAD, of=safety)


def figures_of(client: Client, who: User, query: str = "") -> str:
    client.force_login(who)
    answer = client.get(FIGURES + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_head_sees_the_figures_of_his_departments_and_of_no_other(client, head, two_departments, administrator):
    own, other = figures_of(client, head), figures_of(client, two_departments)
    assert "1 started, 1 finished" in own and "1 started, 1 finished" in other
    assert "2 started, 2 finished" in figures_of(client, administrator)
    assert "?definition=tracks" in own and "?definition=alarms" not in own  # the table of what ran
    assert "?definition=alarms" in other and "?definition=tracks" not in other
    assert "Runs and tasks of Operations." in own and "Saritha" not in own and "saritha" not in own
    assert "saritha" in other and ">reviewer<" not in other


def test_one_workflow_shows_its_steps_heat_and_bottlenecks_of_these_departments_alone(client, head, two_departments):
    own = figures_of(client, head, "?definition=tracks&heat=count")
    assert 'data-step="read"' in own and "Bottlenecks" in own and "How they ended" in own
    assert "heat-" in own and "1 time" in own
    other = figures_of(client, two_departments, "?definition=tracks&heat=count")
    assert "No step was taken in this time." in other and "1 time" not in other and "How they ended" not in other
    assert "0 started, 0 finished" in other


@pytest.mark.parametrize("query", ["", "?definition=alarms"])
def test_the_table_of_a_head_holds_no_line_of_another_department(client, head, two_departments, query):
    client.force_login(head)
    lines = client.get(f"{FIGURES}table/{query}").content.decode().splitlines()
    assert [line for line in lines[1:] if "alarms" in line and ",1," in line] == []
    if not query:
        assert [line.split(",")[0] for line in lines[1:]] == ["tracks"]


@pytest.mark.parametrize("path", ["", "table/", "?definition=tracks", "table/?definition=tracks"])
def test_reviewers_and_clerks_are_refused_as_by_the_api(client, reviewer, clerk, two_departments, path):
    for who in (reviewer, clerk):
        client.force_login(who)
        assert client.get(FIGURES + path, follow=True).status_code == 403
        assert client.get("/api/v1/workflows/analytics/").status_code == 403


def test_a_head_who_is_no_longer_one_is_refused(client, head, two_departments):
    figures_of(client, head)
    head.memberships.update(role=Role.REVIEWER)
    assert client.get(FIGURES).status_code == 403


def test_heads_read_no_texts_from_here_and_what_there_is_not_is_404(client, head, two_departments):
    page = figures_of(client, head, "?definition=tracks")
    assert "/admin/workflows/definitions/" not in page
    client.force_login(head)
    assert client.get(f"{FIGURES}?definition=nothing").status_code == 404
    assert client.get(f"{FIGURES}table/?definition=nothing").status_code == 404
    assert client.get(f"{FIGURES}?definition=tracks&version=9").status_code == 404


def test_who_has_figures_finds_them_and_nobody_else_is_shown_the_way(client, head, reviewer, clerk, auditor):
    def leads(who: User, path: str) -> bool:
        client.force_login(who)
        return f'href="{FIGURES}"' in client.get(path).content.decode()

    for who in (head, auditor):
        assert leads(who, "/") and leads(who, "/workflows/") and leads(who, "/admin/workflows/humantask/")
    for who in (reviewer, clerk):
        assert not leads(who, "/") and not leads(who, "/workflows/")
    assert not leads(reviewer, "/admin/workflows/humantask/")
    client.force_login(head)
    assert "Figures of your departments" in client.get("/").content.decode()
