"""Runs that wait for others: subflows, events, and what has to end before the first step."""

import pytest
from django.utils import timezone

from accounts.refusals import NotFound
from accounts.rights import rights_of
from jobs import inline
from jobs.models import Job, JobState
from tests.workflows.running.conftest import actions, folded, paper_of
from workflows import control, dependencies, happenings, running, starting
from workflows.circles import WaitsForItself
from workflows.engine.talk import Done
from workflows.models import Dependency, Incident, Instance, InstanceStatus, Subscription

pytestmark = pytest.mark.django_db

CHILD = """
- {id: ask, kind: service, call: text.find, with: {words: [a]}}
- {id: over, kind: end, outcome: found}
"""
PARENT = """
- {id: sub, kind: subflow, definition: child, with: {word: x}, save: got}
- {id: after, kind: service, call: text.find, with: {words: [b]}}
"""


def start(definition, document=None, by=None, **more):
    return running.start(definition=definition, document=document, by=by, reason={"trigger": "api"}, **more)


def work_off(kind: str) -> int:
    ids = list(Job.objects.filter(kind=kind, state=JobState.QUEUED).values_list("pk", flat=True))
    inline.work(ids)
    return len(ids)


def answer(run: Instance, result=None) -> Instance:
    """The run's service job has succeeded."""
    run.refresh_from_db()
    return running.tell(instance_id=run.pk, news=Done(int(next(iter(run.state["tokens"]))), result=result), by=None)


@pytest.fixture
def parent(publish, paper, clerk):
    publish("child", CHILD, variables={"word": {"type": "string"}}, one_at_a_time=False)
    definition = publish("parent", PARENT, variables={"got": {"type": "map"}})
    return start(definition, paper, clerk)


def test_a_subflow_ends_and_its_parent_goes_on_in_the_same_transaction(parent):
    child = Instance.objects.get(parent=parent)
    assert child.document_id == parent.document_id
    answer(child)
    parent.refresh_from_db()
    assert parent.state["steps"]["sub"]["outcome"] == "found"
    assert parent.state["vars"]["got"] == {"word": "x"}
    assert [token["step"] for token in parent.state["tokens"].values()] == ["after"]
    assert folded(parent) == parent.state


def test_cancelling_a_parent_cancels_its_subflow(parent, administrator):
    control.cancel(instance_id=parent.pk, by=administrator, rights=rights_of(administrator))
    child = Instance.objects.get(parent=parent)
    assert child.status == InstanceStatus.CANCELLED
    assert not Job.objects.filter(state=JobState.QUEUED, kind="workflow.service").exists()


def test_a_subflow_that_is_cancelled_fails_its_step(parent, administrator):
    child = Instance.objects.get(parent=parent)
    control.cancel(instance_id=child.pk, by=administrator, rights=rights_of(administrator))
    incident = Incident.objects.get(instance=parent)
    assert (incident.code, incident.step) == ("cancelled", "sub")


def test_a_subflow_that_does_not_exist_is_an_incident(publish, paper):
    run = start(publish("lost", "[{id: sub, kind: subflow, definition: nowhere}]"), paper)
    assert Incident.objects.get(instance=run).code == "not_found"
    assert run.status == InstanceStatus.INCIDENT


def test_a_definition_that_starts_itself_comes_to_an_end(publish):
    run = start(publish("mirror", "[{id: again, kind: subflow, definition: mirror}]"))
    assert Instance.objects.count() == 9
    assert Incident.objects.get().code == "illegal_move"
    assert run.status == InstanceStatus.RUNNING


def test_who_listens_hears_what_happens_once(publish):
    definition = publish(
        "wait",
        "[{id: ear, kind: wait_event, event: parcel, key: {expr: '\"7\"'}, save: got}]",
        variables={"got": {"type": "map"}},
    )
    run = start(definition)
    assert Subscription.objects.count() == 1
    assert happenings.happen(event="parcel", key="8", data={}) == 0
    assert happenings.happen(event="other", key="7", data={}) == 0
    assert happenings.happen(event="parcel", key="7", data={"from": "Aluva"}) == 1
    run.refresh_from_db()
    assert run.status == InstanceStatus.RUNNING
    work_off("workflow.came")
    run.refresh_from_db()
    assert (run.status, run.state["vars"]["got"]) == (InstanceStatus.FINISHED, {"from": "Aluva"})
    assert not Subscription.objects.exists()
    assert happenings.happen(event="parcel", key="7", data={}) == 0


def test_who_waits_for_the_end_of_a_run_that_has_ended_goes_on_at_once(publish):
    first = start(publish("first", "[{id: over, kind: end, outcome: good}]"))
    steps = f"[{{id: ear, kind: wait_event, event: workflow.finished, key: '{first.pk}', save: got}}]"
    run = start(publish("second", steps, variables={"got": {"type": "map"}}))
    assert run.status == InstanceStatus.FINISHED
    assert run.state["vars"]["got"]["outcome"] == "good"
    assert not Subscription.objects.exists()


def test_who_waits_for_the_end_of_a_run_hears_it(publish, paper, clerk):
    first = start(publish("first", "[{id: one, kind: service, call: text.find, with: {words: [a]}}]"), paper, clerk)
    steps = f"[{{id: ear, kind: wait_event, event: workflow.finished, key: '{first.pk}'}}]"
    run = start(publish("second", steps))
    answer(first)
    assert work_off("workflow.came") == 1
    run.refresh_from_db()
    assert run.status == InstanceStatus.FINISHED


def test_of_many_subflows_only_some_begin_in_the_transaction_that_makes_them(publish):
    publish("quick", "[{id: over, kind: end, outcome: good}]")
    steps = """
- id: each
  kind: foreach
  items: 'vars.many'
  as: n
  steps: [{id: sub, kind: subflow, definition: quick}]
"""
    definition = publish("many", steps, variables={"many": {"type": "list", "default": list(range(50))}})
    run = start(definition)
    assert Instance.objects.filter(status=InstanceStatus.FINISHED).count() == starting.AT_ONCE - 1
    while work_off("workflow.came"):
        pass
    run.refresh_from_db()
    assert (run.status, Instance.objects.exclude(status=InstanceStatus.FINISHED).count()) == ("finished", 0)
    assert folded(run) == run.state


def test_a_run_that_waits_for_another_begins_when_that_has_ended(publish, paper, clerk):
    first = start(publish("first", "[{id: one, kind: service, call: text.find, with: {words: [a]}}]"), paper, clerk)
    second = start(publish("second", "[{id: two, kind: timer, wait: 1 days}]"), after=[("workflow", first.pk)])
    assert (second.state, actions(second)) == ({}, ["started", "waits for others"])
    answer(first)
    work_off("workflow.came")
    second.refresh_from_db()
    assert [token["step"] for token in second.state["tokens"].values()] == ["two"]
    assert Dependency.objects.get().met_at is not None
    assert folded(second) == second.state


def test_it_waits_for_all_of_them(publish, operations, clerk, api_source):
    papers = [paper_of(operations, clerk, api_source, title) for title in ("A", "B")]
    for one in papers:
        type(one).objects.filter(pk=one.pk).update(status="processing")
    run = start(
        publish("both", "[{id: two, kind: timer, wait: 1 days}]"), after=[("document", one.pk) for one in papers]
    )
    for one, waits in zip(papers, (True, False), strict=True):
        happenings.happen(event="document.processed", key=str(one.pk), data={})
        work_off("workflow.came")
        run.refresh_from_db()
        assert (not run.state) == waits


def test_what_has_happened_already_is_not_waited_for(publish, paper):
    first = start(publish("first", "[{id: over, kind: end, outcome: done}]"))
    assert first.status == InstanceStatus.FINISHED
    run = start(
        publish("second", "[{id: two, kind: timer, wait: 1 days}]"),
        after=[("workflow", first.pk), ("document", paper.pk)],
    )
    assert run.state["tokens"]
    assert not Dependency.objects.exists()


def test_a_circle_is_refused_and_leaves_nothing(publish, parent):
    before = Instance.objects.count()
    definition = publish("other", "[{id: two, kind: timer, wait: 1 days}]")
    with pytest.raises(WaitsForItself):
        start(definition, after=[("workflow", parent.pk)], parent=parent, parent_token=99)
    assert Instance.objects.count() == before


def test_nobody_waits_for_what_does_not_exist(publish):
    definition = publish("other", "[{id: two, kind: timer, wait: 1 days}]")
    for pk in ("nonsense", "01a222c5-fae7-7395-a854-edee66ce12f0"):
        with pytest.raises(NotFound):
            start(definition, after=[("workflow", pk)])
    assert not Instance.objects.exists()


def test_a_run_that_waits_can_be_cancelled(publish, parent, administrator):
    run = start(publish("other", "[{id: two, kind: timer, wait: 1 days}]"), after=[("workflow", parent.pk)])
    control.cancel(instance_id=run.pk, by=administrator, rights=rights_of(administrator))
    run.refresh_from_db()
    assert run.status == InstanceStatus.CANCELLED
    assert dependencies.met(run) is False
    assert timezone.now() >= run.finished_at
