"""Who sees few papers has few runs and tasks looked at; and sees the same as by joining all of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from documents import visibility
from documents.models import Document, Share
from tests.accounts.test_sight import World
from tests.large.conftest import read
from workflows.models import Acknowledgement, Candidate, Definition, DefinitionVersion, HumanTask, Instance

FEW = 60
RUNS = """
INSERT INTO workflows_instance (id, document_version, status, outcome, priority, state, sequence, reason, started_at,
    breached, definition_id, version_id, document_id, department_id)
SELECT uuidv7(), 1, 'running', '', 2, '{}', 0, '{}', uploaded_at, false, %(definition)s, %(version)s, id, department_id
FROM documents_document
"""
TASKS = """
INSERT INTO workflows_humantask (id, token, step, round, kind, title, title_ml, question, question_ml, state,
    document_version, bound_to_version, priority, outcomes, form, quorum, may_delegate, outcome, opened_at, due_at,
    warned, breached, rung, department_id, document_id, instance_id, mail, unattended)
SELECT uuidv7(), 1, 'look', 1, 'human', 'Look', '', '', '', 'completed', 1, true, 2, '[]', '[]', 1, true, '',
    started_at, started_at, false, false, 0, department_id, document_id, id, false, false
FROM workflows_instance;
ANALYZE documents_document, workflows_instance, workflows_humantask
"""


@pytest.fixture
def version(db) -> DefinitionVersion:
    definition = Definition.objects.create(key="large", title="Large")
    return DefinitionVersion.objects.create(
        definition=definition, number=1, source="", body={}, digest="0", published_at=timezone.now()
    )


@pytest.fixture
def in_work(thousands, version, outsider, safety) -> int:
    """A run and a task about each paper; three of the papers are shown to the outsider, each in another way."""
    mine, named, shared = Document.objects.order_by("id")[:3]
    Document.objects.filter(pk=mine.pk).update(department=safety)
    Document.objects.filter(pk=named.pk).update(access="restricted")
    named.people.add(outsider)
    Document.objects.filter(pk=shared.pk).update(shared=True)
    Share.objects.create(document=shared, department=safety, because="asked", at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(RUNS, {"definition": version.definition_id, "version": version.pk})
        cursor.execute(TASKS)
    return thousands


@pytest.mark.parametrize("address", ["instances", "tasks"])
def test_who_sees_few_papers_has_few_runs_looked_at(in_work, outsider, api_client_as, listening, address):
    with listening() as asked:
        answer = api_client_as(outsider).get(f"/api/v1/workflows/{address}/").json()
    assert (len(answer["results"]), answer["count"]) == (3, 3)
    table = "workflows_instance" if address == "instances" else "workflows_humantask"
    for plan in (asked.plan("LIMIT 51", table), asked.plan("COUNT(", table)):
        assert sum(read(plan, name) for name in ("documents_document", table)) <= FEW


def test_so_it_is_on_the_page_of_runs(in_work, outsider, client, listening):
    client.force_login(outsider)
    with listening() as asked:
        assert "3 runs" in client.get("/workflows/").content.decode()
    for plan in (asked.plan("LIMIT 51", "workflows_instance"), asked.plan("COUNT(", "workflows_instance")):
        assert sum(read(plan, name) for name in ("documents_document", "workflows_instance")) <= FEW


class Busy(World):
    """With runs and tasks about its documents, about none, and about some that are gone."""

    def __init__(self, seed: int, version: DefinitionVersion) -> None:
        super().__init__(seed)
        for document in [*Document.objects.all(), *[None] * 15]:
            run = Instance.objects.create(
                definition=version.definition,
                version=version,
                document=document,
                document_version=1 if document or self.dice.random() < 0.4 else None,
                department=self.dice.choice([None, *self.departments]),
                started_by=self.dice.choice([None, *self.people]),
                started_at=timezone.now(),
            )
            for token in range(self.dice.randint(0, 2)):
                self._task(run, token)

    def _task(self, run: Instance, token: int) -> None:
        task = HumanTask.objects.create(
            instance=run,
            token=token,
            step="look",
            title="Look",
            document=run.document,
            document_version=run.document_version,
            opened_at=timezone.now(),
            due_at=timezone.now() + timedelta(hours=self.dice.randint(0, 9)),
        )
        for user in self._some(self.people)[:1]:
            Candidate.objects.create(task=task, user=user)
        for department in self._some(self.departments)[:1]:
            Candidate.objects.create(task=task, department=department, roles=["reviewer", "head"])
        for user in self._some(self.people)[:1]:
            Acknowledgement.objects.create(task=task, user=user)


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize("seed", range(6))
def test_lists_show_what_may_be_seen_whichever_side_they_begin_with(version, monkeypatch, seed, few):
    world = Busy(seed, version)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE documents_document")
    monkeypatch.setattr(visibility, "FEW", few)
    shown = 0
    for rights in world.rights:
        for rows in (Instance.objects, HumanTask.objects):
            seen = list(rows.visible_to(rights).order_by("pk").values_list("pk", flat=True))
            assert list(rows.listed_for(rights).order_by("pk").values_list("pk", flat=True)) == seen
            shown += len(seen)
    assert shown


@pytest.mark.parametrize(
    "address", ["/api/v1/workflows/instances/", "/api/v1/workflows/tasks/", "/admin/workflows/instance/"]
)
def test_a_department_with_few_runs_has_few_looked_at(in_work, administrator, client, listening, address):
    """Safety has one, behind the thousands of operations."""
    client.force_login(administrator)
    with listening() as asked:
        assert client.get(address, {"department": "safety"}).status_code == 200
    table = "workflows_humantask" if "tasks" in address else "workflows_instance"
    plan = asked.plan(f'FROM "{table}"', "ORDER BY")
    assert sum(read(plan, name) for name in ("documents_document", table)) <= FEW
