"""Starting a workflow by hand: who may, and on what."""

import uuid

import pytest

from accounts.models import Role
from accounts.refusals import IllegalMove, NotAllowed, NotFound
from accounts.rights import rights_of
from documents.models import Access
from workflows import by_hand, routing
from workflows.by_hand import DoesNotApply
from workflows.models import Instance
from workflows.starting import AlreadyRuns
from workflows.variables import BadVariables

WAITS = "- {id: rest, kind: timer, wait: 9 days}"


def start(by, document=None, key="way", **more) -> Instance:
    pk = document.pk if document is not None else None
    return routing.start_by_hand(key=key, document_id=pk, by=by, rights=rights_of(by), **more)


@pytest.fixture(autouse=True)
def _way(publish):
    publish("way", WAITS, variables={"n": {"type": "integer", "default": 1}})


def test_reviewers_heads_administrators_and_the_uploader_start(paper_with, clerk, reviewer, head, administrator):
    for by in (clerk, reviewer, head, administrator):
        instance = start(by, paper_with("x"), variables={"n": 2}, note="Because.")
        assert (instance.started_by, instance.state["vars"]) == (by, {"n": 2})
        assert instance.reason == {"trigger": "manual", "words": "Because.", "when": None}


def test_another_clerk_and_auditors_do_not(paper_with, person, operations, auditor, outsider):
    paper = paper_with("x")
    for by, refusal in (
        (person("colleague", role=Role.CLERK, of=operations), NotAllowed),
        (auditor, NotAllowed),
        (outsider, NotFound),
    ):
        with pytest.raises(refusal):
            start(by, paper)
    assert Instance.objects.count() == 0


def test_what_is_not_seen_is_not_there(paper_with, head, person):
    restricted = paper_with("x", access=Access.RESTRICTED)
    with pytest.raises(NotFound):
        start(head, restricted)
    with pytest.raises(NotFound):
        routing.start_by_hand(key="way", document_id=uuid.uuid4(), by=head, rights=rights_of(head))
    with pytest.raises(NotFound):
        start(head, paper_with("x"), key="nothing")


def test_without_a_document_deciders_and_administrators_start(reviewer, clerk, auditor, administrator):
    assert start(reviewer).document is None
    assert start(administrator).document is None
    for by in (clerk, auditor):
        with pytest.raises(NotAllowed):
            start(by)


def test_a_manual_trigger_must_hold_and_gives_values(publish, paper_with, head):
    publish(
        "hr",
        WAITS,
        variables={"n": {"type": "integer"}},
        triggers=[{"on": "manual", "when": 'document.type == "hr"', "with": {"n": 7}, "reason": "By hand."}],
    )
    with pytest.raises(DoesNotApply):
        start(head, paper_with("x"), key="hr")
    instance = start(head, paper_with("x", document_type="hr"), key="hr")
    assert (instance.state["vars"], instance.reason["words"]) == ({"n": 7}, "By hand.")
    assert start(head, paper_with("x", document_type="hr"), key="hr", variables={"n": 8}).state["vars"] == {"n": 8}
    assert start(head, paper_with("x"), key="hr", door="api").reason["trigger"] == "api"


def test_which_may_be_started(publish, paper_with):
    publish("hr", WAITS, triggers=[{"on": "manual", "when": 'document.type == "hr"'}])
    off = publish("off", WAITS)
    off.active = False
    off.save()
    assert [one.key for one in by_hand.startable(paper_with("x"))] == ["way"]
    assert [one.key for one in by_hand.startable(paper_with("x", document_type="hr"))] == ["hr", "way"]


def test_a_second_run_and_wrong_variables_are_refused(paper_with, head, publish):
    paper = paper_with("x")
    start(head, paper)
    with pytest.raises(AlreadyRuns):
        start(head, paper)
    with pytest.raises(BadVariables):
        start(head, paper_with("x"), variables={"n": "seven"})
    definition = publish("off", WAITS)
    definition.active = False
    definition.save()
    with pytest.raises(IllegalMove):
        start(head, paper_with("x"), key="off")
