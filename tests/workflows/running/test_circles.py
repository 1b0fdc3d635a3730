"""Runs whose steps listen for each other's end: found when the last of the waits is made, and shown as an incident."""

import pytest

from accounts.models import HistoryEntry
from accounts.rights import rights_of
from realtime.models import Event, Notice
from tests.workflows.running.conftest import actions
from tests.workflows.running.test_lock_order import answered
from tests.workflows.running.test_races import together
from tests.workflows.running.test_together import answer, start, work_off
from tests.workflows.running.test_waiting import holds, steps_of, wait
from workflows import control, running
from workflows.engine.talk import Came, Done
from workflows.models import Incident, Instance, InstanceStatus, Subscription

pytestmark = pytest.mark.django_db

WORK = "- {id: one, kind: service, call: text.find, with: {words: [a]}, save: other}\n"
EAR = WORK + "- {id: ear, kind: wait_event, event: workflow.finished, key: {expr: vars.other.id}%s}\n"
VARIABLES = {"other": {"type": "map"}}


@pytest.fixture
def listeners(publish, clerk):
    """So many runs that listen, once their first step is answered, for the end of the run that it names."""

    def make(many: int = 2, more: str = "") -> list[Instance]:
        definition = publish("ears", EAR % more, variables=VARIABLES, one_at_a_time=False)
        return [start(definition, by=clerk) for _ in range(many)]

    return make


def listen(run: Instance, other: Instance) -> Instance:
    answer(run, {"id": str(other.pk)})
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("many", [1, 2, 3, 4])
def test_the_last_of_them_has_an_incident_and_those_who_run_the_house_are_told(listeners, administrator, many):
    runs = listeners(many)
    for run, other in zip(runs, [*runs[1:], runs[0]], strict=True):
        assert not Incident.objects.exists()
        listen(run, other)
    incident = Incident.objects.get()
    assert (incident.instance, incident.step, incident.code) == (runs[-1], "ear", "waits_for_itself")
    assert str(runs[0].pk) in incident.detail
    assert [run.status for run in runs] == [*["running"] * (many - 1), "incident"]
    assert Subscription.objects.count() == many - 1
    assert Event.objects.get(type="workflow.incident").data["code"] == "waits_for_itself"
    assert Notice.objects.filter(user=administrator).count() == 1
    for run in runs:
        holds(run)


def test_once_the_other_is_gone_it_is_tried_again_and_goes_on(listeners, administrator):
    first, second = listeners()
    listen(first, second)
    listen(second, first)
    control.retry(instance_id=second.pk, by=administrator, rights=rights_of(administrator))
    second.refresh_from_db()
    assert second.status == InstanceStatus.INCIDENT, "the other still waits"
    control.cancel(instance_id=first.pk, by=administrator, rights=rights_of(administrator))
    control.retry(instance_id=second.pk, by=administrator, rights=rights_of(administrator))
    second.refresh_from_db()
    assert second.status == InstanceStatus.FINISHED
    holds(second)


def test_who_passes_it_over_lets_both_end(listeners, administrator):
    first, second = listeners()
    listen(first, second)
    listen(second, first)
    control.skip(instance_id=second.pk, by=administrator, rights=rights_of(administrator))
    work_off("workflow.came")
    for run in (first, second):
        run.refresh_from_db()
        assert run.status == InstanceStatus.FINISHED


def test_its_on_error_is_what_happens_then(listeners):
    first, second = listeners(more=", on_error: {steps: [{id: over, kind: end, outcome: circle}]}")
    listen(first, second)
    listen(second, first)
    assert (second.status, second.outcome) == (InstanceStatus.FINISHED, "circle")
    assert not Incident.objects.exists()


def test_through_what_a_run_was_told_to_wait_for(listeners, administrator):
    first, second = listeners()
    wait(first, second, administrator)
    listen(second, first)
    assert (second.status, Incident.objects.get().code) == (InstanceStatus.INCIDENT, "waits_for_itself")


def test_a_subflow_that_listens_for_the_end_of_who_called_it(publish, clerk):
    publish("child", EAR % "", variables=VARIABLES)
    parent = start(publish("parent", "[{id: sub, kind: subflow, definition: child}]"), by=clerk)
    child = listen(Instance.objects.get(parent=parent), parent)
    assert (child.status, Incident.objects.get().instance) == (InstanceStatus.INCIDENT, child)


def test_two_that_begin_to_listen_in_one_transaction(listeners):
    first, second = listeners()
    tokens = {run.pk: int(next(iter(run.state["tokens"]))) for run in (first, second)}
    running.tell_many_locked(
        [
            (run.pk, Done(tokens[run.pk], result={"id": str(other.pk)}))
            for run, other in ((first, second), (second, first))
        ]
    )
    assert Incident.objects.get().instance == second
    assert Subscription.objects.get().instance == first


def test_what_ends_in_the_same_transaction_waits_for_nobody(publish, listeners, clerk):
    """The ear of the first is taken away by its end, which is not written down when the second listens."""
    first = listen(listeners()[0], second := listeners(1)[0])
    before = HistoryEntry.objects.filter(action="incident").count()
    ear = Subscription.objects.get()
    running.tell_many_locked(
        [
            (first.pk, Came(ear.token, event="workflow.finished", data={})),
            (second.pk, Done(int(next(iter(second.state["tokens"]))), result={"id": str(first.pk)})),
        ]
    )
    assert HistoryEntry.objects.filter(action="incident").count() == before
    work_off("workflow.came")
    second.refresh_from_db()
    assert second.status == InstanceStatus.FINISHED


@pytest.mark.parametrize(("cancel", "refused"), [("", False), (", cancel: false", True)])
def test_a_wait_that_a_timeout_ends_closes_no_circle(publish, listeners, clerk, cancel, refused):
    patient = f", on_timeout: {{after: 2 days, steps: []{cancel}}}"
    giving_up = start(publish("giving-up", EAR % patient, variables=VARIABLES), by=clerk)
    (run,) = listeners(1)
    listen(giving_up, run)
    listen(run, giving_up)
    assert Incident.objects.exists() == refused
    assert "incident" in actions(run) if refused else steps_of(run) == ["ear"]
    (other,) = listeners(1)
    later = start(publish("giving-up-too", EAR % patient, variables=VARIABLES), by=clerk)
    listen(other, later)
    listen(later, other)
    assert Incident.objects.filter(instance=later).exists() == refused


@pytest.mark.django_db(transaction=True)
def test_of_two_that_begin_at_once_one_is_refused(listeners):
    for _ in range(5):
        first, second = listeners()
        together(answered(first.pk, {"id": str(second.pk)}), answered(second.pk, {"id": str(first.pk)}))
        incident = Incident.objects.get(instance__in=[first.pk, second.pk])
        assert incident.code == "waits_for_itself"
        assert Subscription.objects.filter(instance__in=[first.pk, second.pk]).count() == 1
