"""New bytes for a document about which people are asked: nobody decides on what is out of date."""

import pytest
from django.db import transaction

from accounts.models import Role
from documents.models import Document, Status
from tests.workflows.running.conftest import actions
from tests.workflows.work.conftest import version_of
from workflows import running, superseding
from workflows.models import HumanTask

ASKS = """
- id: review
  kind: human
  candidates: [{department: operations, role: reviewer}]
"""


@pytest.fixture
def asked(publish, paper_with, person, operations):
    person("anitha", role=Role.REVIEWER, of=operations)

    def make(steps: str = ASKS):
        paper = paper_with("x")
        return paper, running.start(definition=publish("asks", steps), document=paper, by=None, reason={})

    return make


def new_version(paper: Document, *, read: bool = False) -> None:
    version = version_of(paper, number=2, texts=("y",), status=Status.PROCESSED if read else Status.QUEUED)
    Document.objects.filter(pk=paper.pk).update(
        newest=version,
        status=Status.PROCESSED if read else Status.QUEUED,
        readable=version if read else paper.readable_id,
    )


def held(what, paper) -> int:
    with transaction.atomic():
        return what([paper.pk])


def test_tasks_about_the_old_version_are_closed_and_opened_anew_once_the_new_one_is_read(asked):
    paper, instance = asked()
    new_version(paper)
    assert held(superseding.close_old, paper) == 1
    task = HumanTask.objects.get()
    assert (task.state, task.document_version, task.candidates.filter(open=True).count()) == ("superseded", 1, 0)
    assert held(superseding.open_anew, paper) == 0  # it is not read yet
    assert HumanTask.objects.count() == 1
    Document.objects.filter(pk=paper.pk).update(status=Status.PROCESSED)
    assert held(superseding.open_anew, paper) == 1
    anew = HumanTask.objects.exclude(pk=task.pk).get()
    assert (anew.state, anew.document_version, anew.round) == ("open", 2, 2)
    assert anew.token != task.token
    assert "superseded" in actions(instance)


def test_it_happens_once(asked):
    paper, instance = asked()
    new_version(paper, read=True)
    assert held(superseding.close_old, paper) == 1
    before = actions(instance)
    assert (held(superseding.close_old, paper), held(superseding.open_anew, paper)) == (0, 0)
    assert actions(instance) == before
    assert HumanTask.objects.filter(state="open").count() == 1


def test_a_version_that_is_read_before_anybody_was_told_supersedes_all_the_same(asked):
    paper, _ = asked()
    new_version(paper, read=True)
    assert held(superseding.open_anew, paper) == 1
    assert sorted(HumanTask.objects.values_list("state", "document_version")) == [("open", 2), ("superseded", 1)]


def test_what_is_not_bound_to_a_version_stays(asked):
    paper, _ = asked(ASKS + "  bound_to_version: false\n")
    new_version(paper, read=True)
    assert (held(superseding.close_old, paper), held(superseding.open_anew, paper)) == (0, 0)
    assert HumanTask.objects.get().state == "open"


def test_a_version_that_cannot_be_read_is_asked_about_too(asked):
    paper, _ = asked()
    new_version(paper)
    held(superseding.close_old, paper)
    Document.objects.filter(pk=paper.pk).update(status=Status.FAILED)
    assert held(superseding.open_anew, paper) == 1
    assert HumanTask.objects.filter(state="open", document_version=2).count() == 1
