"""Service steps: jobs whose effects and news are written once, in the transaction that settles them."""

import pytest
from django.db import transaction

from accounts import history
from accounts.refusals import Refusal
from accounts.rights import rights_of
from jobs import claiming, leases, unasked
from jobs import running as hands
from jobs.models import Job, Priority
from tests.workflows.running.conftest import actions as said
from tests.workflows.running.conftest import folded
from workflows import actions, control, running
from workflows.actions import Action, NotPossible
from workflows.actions import registry as register
from workflows.engine.talk import Rang
from workflows.models import Instance, StepRun

deeds: list[str] = []


class Broken(RuntimeError):
    """Something that nobody expected."""


@pytest.fixture(autouse=True)
def doings(monkeypatch):
    """Actions of these tests: `test.note` has an effect, the others go wrong in their own way."""
    deeds.clear()
    monkeypatch.setattr(register, "_actions", dict(register._actions))

    def refuse(*given):
        raise NotPossible("It is not possible.")

    def break_down(given):
        raise Broken("boom")

    def note(instance, params, result):
        deeds.append(str(instance.pk))

    def late_refusal(instance, params, result):
        deeds.append("late")
        raise Refusal("Too late.")

    for name, perform, apply in (
        ("test.note", lambda given: {"seen": given.params, "now": given.now}, note),
        ("test.refuse", refuse, note),
        ("test.refuse_late", lambda given: 1, late_refusal),
        ("test.break", break_down, note),
        ("test.much", lambda given: "x" * 20_000, note),
    ):
        more = {"params": (actions.Param(name="what", title="what", default="this"),)}
        actions.register(Action(name=name, title=name, about="", perform=perform, apply=apply, **more))
    return deeds


@pytest.fixture
def start(publish):
    def make(call: str, paper=None, more: str = "") -> Instance:
        steps = f"""
- {{id: work, kind: service, call: {call}, save: found{more}}}
- {{id: rest, kind: timer, wait: 9 days}}
"""
        key = "calls-" + call.replace(".", "-").replace("_", "-")
        definition = publish(key, steps, variables={"found": {"type": "map"}})
        return running.start(definition=definition, document=paper, by=None, reason={"trigger": "manual"})

    return make


def work() -> int:
    """What a worker does until nothing is claimable."""
    done = 0
    while True:
        with transaction.atomic():
            jobs = claiming.claim("default", worker="test")
        if not jobs:
            return done
        done += len(jobs)
        hands.work_off(jobs)


def test_a_service_step_is_done_once_and_its_result_saved(start, paper_with):
    instance = start("test.note", paper_with("x"))
    job = Job.objects.get(kind="workflow.service")
    assert (job.priority, job.short, job.subject_id) == (Priority.NORMAL, True, str(instance.pk))
    assert deeds == []
    assert work() == 1
    instance.refresh_from_db()
    assert deeds == [str(instance.pk)]
    assert instance.state["vars"]["found"]["seen"] == {"what": "this"}
    step = StepRun.objects.get(instance=instance, step="work")
    assert step.begun_at is not None
    assert step.left_at is not None
    assert step.entered_at <= step.begun_at <= step.left_at
    assert [one["step"] for one in instance.state["tokens"].values()] == ["rest"]


def test_sixteen_runs_share_a_batch(start, paper_with, publish, monkeypatch):
    monkeypatch.setattr(claiming, "_limit", lambda kind: 16)  # however slow this machine is
    papers = [paper_with("x") for _ in range(20)]
    definition = publish("many", "- {id: work, kind: service, call: test.note}")
    for paper in papers:
        running.start(definition=definition, document=paper, by=None, reason={})
    with transaction.atomic():
        jobs = claiming.claim("default", worker="test")
    assert len(jobs) == 16
    hands.work_off(jobs)
    assert len(deeds) == 16
    assert Instance.objects.filter(definition=definition, status="finished").count() == 16


@pytest.mark.parametrize(
    ("call", "code", "effects"),
    [("test.refuse", "not_possible", []), ("test.much", "not_possible", []), ("test.refuse_late", "invalid", ["late"])],
)
def test_what_an_action_refuses_is_an_incident_at_once(start, paper_with, call, code, effects):
    instance = start(call, paper_with("x"))
    work()
    instance.refresh_from_db()
    incident = instance.incidents.get()
    assert (instance.status, incident.code, incident.step) == ("incident", code, "work")
    assert effects == deeds
    job = Job.objects.get(kind="workflow.service")
    assert (job.state, incident.job_id) == ("succeeded", job.pk)


def test_on_error_is_taken_instead_of_an_incident(start, paper_with):
    instance = start("test.refuse", paper_with("x"), ", on_error: {steps: []}")
    work()
    instance.refresh_from_db()
    assert (instance.status, instance.incidents.count()) == ("running", 0)
    assert [one["step"] for one in instance.state["tokens"].values()] == ["rest"]


def spend_attempts() -> None:
    for _ in range(10):
        work()
        Job.objects.filter(state="failed").update(run_after="2020-01-01T00:00:00Z")
        leases.promote_due()


def test_what_breaks_is_tried_again_and_then_told(start, paper_with):
    instance = start("test.break", paper_with("x"))
    work()
    instance.refresh_from_db()
    assert (instance.status, Job.objects.get(kind="workflow.service").state) == ("running", "failed")
    spend_attempts()
    instance.refresh_from_db()
    job = Job.objects.get(kind="workflow.service")
    assert (job.state, job.attempt, deeds) == ("dead", 4, [])
    assert (instance.status, instance.incidents.get().code) == ("incident", "internal")
    assert "boom" in instance.incidents.get().detail
    assert instance.incidents.get().job_id == job.pk
    assert history.of("workflow", instance.pk).get(action="incident").after["job"] == str(job.pk)
    assert folded(instance) == instance.state


def test_a_dead_job_that_is_done_again_goes_on_with_the_run(start, paper_with, monkeypatch):
    instance = start("test.break", paper_with("x"))
    spend_attempts()
    monkeypatch.setitem(register._actions, "test.break", register._actions["test.note"])
    unasked.retry(job_id=Job.objects.get(kind="workflow.service").pk, by=None)
    work()
    instance.refresh_from_db()
    assert (instance.status, len(deeds)) == ("running", 1)
    assert Job.objects.filter(kind="workflow.service").count() == 1
    assert instance.incidents.get().resolution == "retried"


def test_a_job_that_somebody_cancels_is_a_failed_step(start, paper_with, administrator):
    instance = start("test.note", paper_with("x"))
    unasked.cancel(job_id=Job.objects.get(kind="workflow.service").pk, by=administrator)
    instance.refresh_from_db()
    assert (instance.status, instance.incidents.get().code, deeds) == ("incident", "cancelled", [])


def test_a_run_that_is_cancelled_takes_its_jobs_back(start, paper_with, administrator):
    instance = start("test.note", paper_with("x"))
    control.cancel(instance_id=instance.pk, by=administrator, rights=rights_of(administrator))
    instance.refresh_from_db()
    assert (instance.status, Job.objects.get(kind="workflow.service").state) == ("cancelled", "cancelled")
    assert (work(), deeds, instance.incidents.count()) == (0, [], 0)


def test_what_comes_too_late_has_no_effect(start, paper_with):
    """The token has gone on by its timeout while the job ran."""
    more = ", on_timeout: {after: 1 hours, steps: []}"
    instance = start("test.note", paper_with("x"), more)
    with transaction.atomic():
        jobs = claiming.claim("default", worker="test")
    token = int(next(iter(instance.state["tokens"])))
    running.tell(instance_id=instance.pk, news=Rang(token, timer="timeout"), by=None)
    before = said(instance)
    hands.work_off(jobs)
    assert (deeds, said(instance)) == ([], before)


def test_a_paused_run_takes_the_result_when_it_is_resumed(start, paper_with, administrator):
    rights = rights_of(administrator)
    instance = start("test.note", paper_with("x"))
    control.pause(instance_id=instance.pk, by=administrator, rights=rights)
    work()
    instance.refresh_from_db()
    assert (instance.status, deeds) == ("paused", [str(instance.pk)])
    assert instance.state["vars"]["found"] is None
    control.resume(instance_id=instance.pk, by=administrator, rights=rights)
    instance.refresh_from_db()
    assert instance.state["vars"]["found"]["seen"] == {"what": "this"}


def test_an_emergency_is_worked_on_as_one(start, paper_with):
    start("test.note", paper_with("x", priority=Priority.EMERGENCY))
    assert Job.objects.get(kind="workflow.service").priority == Priority.EMERGENCY
