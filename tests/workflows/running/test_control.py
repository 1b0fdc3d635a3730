"""Pausing, resuming, cancelling, trying again and skipping: who may, what it does, and what is written down."""

import pytest

from accounts import history
from accounts.refusals import IllegalMove, NotAllowed, NotFound
from accounts.rights import rights_of
from jobs.models import Job, JobState
from realtime.models import Notice
from tests.workflows.running.conftest import actions, folded
from workflows import control, running
from workflows.engine.talk import Done, Failed
from workflows.models import HumanTask, Incident, InstanceStatus, KeptNews, Timer

pytestmark = pytest.mark.django_db

SERVICES = """
- {id: first, kind: service, call: text.find, with: {words: [a]}}
- {id: second, kind: service, call: text.find, with: {words: [b]}}
"""


@pytest.fixture
def run(publish, paper, clerk):
    return running.start(definition=publish("two", SERVICES), document=paper, by=clerk, reason={"trigger": "manual"})


def token_of(run) -> int:
    run.refresh_from_db()
    return int(next(iter(run.state["tokens"])))


def test_a_paused_run_keeps_what_it_hears_and_goes_on_with_it_when_resumed(run, administrator):
    rights, token = rights_of(administrator), token_of(run)
    control.pause(instance_id=run.pk, by=administrator, rights=rights, why="The vendor called.")
    running.tell(instance_id=run.pk, news=Done(token, result={"pages": [1]}), by=None)
    run.refresh_from_db()
    assert (run.status, KeptNews.objects.count(), token_of(run)) == (InstanceStatus.PAUSED, 1, token)
    entry = history.of("workflow", run.pk).get(action="paused")
    assert (entry.actor, entry.note) == (administrator, "The vendor called.")
    control.resume(instance_id=run.pk, by=administrator, rights=rights)
    run.refresh_from_db()
    assert (run.status, KeptNews.objects.count()) == (InstanceStatus.RUNNING, 0)
    assert run.state["steps"]["first"]["result"] == {"pages": [1]}
    assert folded(run) == run.state
    assert actions(run)[-4:] == ["paused", "resumed", "left", "entered"]


def test_pausing_twice_and_resuming_what_runs_are_refused(run, administrator):
    rights = rights_of(administrator)
    with pytest.raises(IllegalMove):
        control.resume(instance_id=run.pk, by=administrator, rights=rights)
    control.pause(instance_id=run.pk, by=administrator, rights=rights)
    before = actions(run)
    with pytest.raises(IllegalMove):
        control.pause(instance_id=run.pk, by=administrator, rights=rights)
    with pytest.raises(IllegalMove):
        control.retry(instance_id=run.pk, by=administrator, rights=rights)
    assert actions(run) == before


def test_cancelling_takes_work_back_and_tells_the_starter(run, administrator, clerk):
    token_of(run)
    control.cancel(instance_id=run.pk, by=administrator, rights=rights_of(administrator), why="Sent twice.")
    run.refresh_from_db()
    assert (run.status, run.state["tokens"]) == (InstanceStatus.CANCELLED, {})
    assert Job.objects.get(kind="workflow.service").state == JobState.CANCELLED
    assert Notice.objects.get(user=clerk).kind == "workflow.finished"
    assert history.of("workflow", run.pk).get(action="cancel asked").note == "Sent twice."
    with pytest.raises(IllegalMove):
        control.cancel(instance_id=run.pk, by=administrator, rights=rights_of(administrator))


def test_a_paused_run_can_be_cancelled(run, administrator):
    control.pause(instance_id=run.pk, by=administrator, rights=rights_of(administrator))
    running.tell(instance_id=run.pk, news=Done(token_of(run)), by=None)
    control.cancel(instance_id=run.pk, by=administrator, rights=rights_of(administrator))
    run.refresh_from_db()
    assert run.status == InstanceStatus.CANCELLED
    assert not KeptNews.objects.exists()


def test_what_failed_is_tried_again(run, administrator):
    token = token_of(run)
    running.tell(instance_id=run.pk, news=Failed(token, code="timeout", detail="Slow."), by=None)
    Job.objects.update(state=JobState.DEAD)
    control.retry(instance_id=run.pk, by=administrator, rights=rights_of(administrator), why="It is back.")
    run.refresh_from_db()
    assert run.status == InstanceStatus.RUNNING
    incident = Incident.objects.get()
    assert (incident.resolution, incident.resolved_by) == ("retried", administrator)
    assert Job.objects.filter(state=JobState.QUEUED).count() == 1
    assert folded(run) == run.state


def test_what_failed_is_passed_over_with_an_outcome(run, head):
    token = token_of(run)
    running.tell(instance_id=run.pk, news=Failed(token, code="timeout", detail="Slow."), by=None)
    control.skip(instance_id=run.pk, by=head, rights=rights_of(head), outcome="by_hand")
    run.refresh_from_db()
    assert run.state["steps"]["first"]["outcome"] == "by_hand"
    assert Incident.objects.get().resolution == "skipped"
    assert run.status == InstanceStatus.RUNNING


def test_nothing_is_tried_again_where_nothing_failed(run, administrator):
    with pytest.raises(IllegalMove):
        control.retry(instance_id=run.pk, by=administrator, rights=rights_of(administrator))


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("clerk", NotAllowed), ("reviewer", NotAllowed), ("auditor", NotAllowed), ("outsider", NotFound), ("head", None)],
)
def test_administrators_and_the_head_of_the_department_control_runs(run, who, refusal, request):
    person = request.getfixturevalue(who)
    before = actions(run)
    if refusal is None:
        control.pause(instance_id=run.pk, by=person, rights=rights_of(person))
        return
    with pytest.raises(refusal):
        control.pause(instance_id=run.pk, by=person, rights=rights_of(person))
    run.refresh_from_db()
    assert (actions(run), run.status) == (before, InstanceStatus.RUNNING)


def test_an_incident_notifies_those_who_run_the_house_and_nobody_else(run, administrator, head, clerk):
    running.tell(instance_id=run.pk, news=Failed(token_of(run), code="timeout", detail="Slow."), by=None)
    assert [notice.user for notice in Notice.objects.filter(kind="workflow.incident")] == [administrator]


def test_tasks_of_a_cancelled_run_are_closed_and_its_timers_dropped(publish, paper, clerk, reviewer, administrator):
    steps = """
- id: look
  kind: human
  candidates: [{department: operations, role: reviewer}]
  due: 1 days
  on_timeout: {after: 2 days, steps: []}
"""
    run = running.start(definition=publish("look", steps), document=paper, by=clerk, reason={"trigger": "api"})
    assert HumanTask.objects.get().state == "open"
    assert Timer.objects.filter(state="pending", kind="step").count() == 1
    control.cancel(instance_id=run.pk, by=administrator, rights=rights_of(administrator))
    assert HumanTask.objects.get().state == "cancelled"
    assert not Timer.objects.filter(state="pending").exists()
