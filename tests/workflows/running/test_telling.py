"""Whom the events of a run reach: those whom `visible_to` shows it; and what its conditions see of a document."""

import pytest

from accounts.models import HouseRole
from accounts.rights import rights_of
from documents.models import Document, Page
from realtime import audiences
from realtime.models import Event
from tests.workflows.running.conftest import paper_of
from workflows import context, running, telling
from workflows.models import Instance

pytestmark = pytest.mark.django_db

NAP = "[{id: nap, kind: timer, wait: 1 hours}]"
SAID = "id title type department source language priority access status version page_count confidence flags file_size"
ALSO_SAID = "uploaded_by uploaded_at date metadata facts awaiting_ocr duplicate head"


@pytest.fixture
def people(clerk, reviewer, head, outsider, auditor, administrator, person, operations, safety):
    return [clerk, reviewer, head, outsider, auditor, administrator, person("loner", house_role=HouseRole.NONE)]


def hears(run: Instance, person) -> bool:
    return bool(telling.audience_of_run(run) & audiences.keys_of(rights_of(person)))


def sees(run: Instance, person) -> bool:
    return Instance.objects.get_queryset().visible_to(rights_of(person)).filter(pk=run.pk).exists()


def start(definition, document=None, by=None) -> Instance:
    return running.start(definition=definition, document=document, by=by, reason={"trigger": "api"})


@pytest.mark.parametrize("kind", ["open", "restricted", "quarantined", "without a document", "nobody's"])
def test_who_hears_of_a_run_is_who_sees_it(publish, people, paper, clerk, reviewer, kind):
    definition = publish("nap", NAP)
    if kind == "restricted":
        Document.objects.filter(pk=paper.pk).update(access="restricted")
        paper.people.add(reviewer)
    elif kind == "quarantined":
        Document.objects.filter(pk=paper.pk).update(status="quarantined")
    without = kind in ("without a document", "nobody's")
    run = start(definition, None if without else paper, None if kind == "nobody's" else clerk)
    run = Instance.objects.select_related("document").get(pk=run.pk)
    assert {one.username for one in people if hears(run, one)} == {one.username for one in people if sees(run, one)}
    assert audiences.workflow(run.pk) in telling.audience_of_run(run)
    for event in Event.objects.filter(type__startswith="workflow."):
        assert set(event.audience) == telling.audience_of_run(run)


def test_conditions_see_of_a_document_what_the_language_says(paper, django_assert_num_queries):
    Page.objects.bulk_create(
        Page(version=paper.readable, number=number, text=text) for number, text in [(2, "Two"), (1, "SAFETY Circular")]
    )
    paper.newest.facts = {"amount": {"value": 12.5, "from": "p1"}, "old": 3}
    with django_assert_num_queries(1):
        seen = context.of_document(paper)
    assert set(seen) == set(context.of_document(None)) == {*SAID.split(), *ALSO_SAID.split()}
    assert seen["head"] == "safety circular\ntwo"
    assert seen["facts"] == {"amount": 12.5, "old": 3}
    assert (seen["department"], seen["source"], seen["priority"], seen["version"]) == ("operations", "api", "normal", 1)
    with django_assert_num_queries(0):
        assert context.of_document(paper, head=False)["head"] == ""


def test_a_condition_on_the_first_words_decides(publish, operations, clerk, api_source):
    paper = paper_of(operations, clerk, api_source, "Words")
    Page.objects.create(version=paper.readable, number=1, text="SAFETY circular no. 7")
    steps = """
- id: way
  kind: choice
  options: [{when: 'document.head.contains("safety circular")', steps: [{id: yes_it_is, kind: end, outcome: safety}]}]
  otherwise: {steps: []}
"""
    assert start(publish("words", steps), paper, clerk).outcome == "safety"
