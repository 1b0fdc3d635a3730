"""Starting and telling runs: what is written down, and that nothing else is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import history
from jobs.models import Job
from realtime.models import Event
from tests.workflows.running.conftest import actions, folded
from workflows import running
from workflows.engine.talk import Done, Failed
from workflows.models import Incident, InstanceStatus, StepRun
from workflows.starting import AlreadyRuns
from workflows.variables import BadVariables

pytestmark = pytest.mark.django_db

TWO_SERVICES = """
- {id: first, kind: service, call: text.find, with: {words: [a]}, save: found}
- {id: second, kind: service, call: text.find, with: {words: {expr: vars.found}}}
"""


@pytest.fixture
def two_services(publish):
    return publish("two", TWO_SERVICES, variables={"found": {"type": "list"}})


def start(definition, **more):
    return running.start(
        definition=definition,
        document=more.pop("document", None),
        by=more.pop("by", None),
        reason={"trigger": "api"},
        **more,
    )


def test_a_run_orders_its_first_work_and_waits(two_services, paper, clerk):
    run = start(two_services, document=paper, by=clerk)
    run.refresh_from_db()
    assert run.status == InstanceStatus.RUNNING
    job = Job.objects.get(kind="workflow.service")
    assert job.payload["params"] == {"words": ["a"]}
    assert (job.subject_kind, job.subject_id) == ("workflow", str(run.pk))
    assert actions(run) == ["started", "began", "entered"]
    assert folded(run) == run.state
    step = StepRun.objects.get()
    assert (step.step, step.kind, step.left_at) == ("first", "service", None)
    told = list(Event.objects.order_by("id").values_list("type", flat=True))
    assert told == ["workflow.started", "workflow.step"]
    assert (run.department_id, run.document_version) == (paper.department_id, 1)


def test_the_run_goes_on_with_what_the_job_gave_and_ends(two_services, paper, clerk):
    run = start(two_services, document=paper, by=clerk)
    token = Job.objects.get().payload["token"]
    run = running.tell(instance_id=run.pk, news=Done(token, result=["x"]), by=None)
    second = Job.objects.exclude(payload__token=token).get()
    assert second.payload["params"] == {"words": ["x"]}
    run = running.tell(instance_id=run.pk, news=Done(second.payload["token"], result=[]), by=None)
    run.refresh_from_db()
    assert (run.status, run.outcome) == (InstanceStatus.FINISHED, "done")
    assert run.finished_at is not None
    assert folded(run) == run.state
    assert run.state["tokens"] == {}
    assert not StepRun.objects.filter(left_at=None).exists()
    assert Event.objects.filter(type="workflow.finished").count() == 1
    assert history.first_break("workflow", run.pk) is None


def test_moving_from_one_service_step_to_the_next_costs_few_statements(two_services, paper, clerk, commits):
    run = start(two_services, document=paper, by=clerk)
    token = Job.objects.get().payload["token"]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        running.tell(instance_id=run.pk, news=Done(token, result=["x"]), by=None)
    said = [query["sql"] for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(said) <= 8, "\n\n".join(said)


def test_news_for_a_token_that_is_gone_moves_nothing(two_services, paper, clerk):
    run = start(two_services, document=paper, by=clerk)
    token = Job.objects.get().payload["token"]
    running.tell(instance_id=run.pk, news=Done(token, result=["x"]), by=None)
    before, jobs = actions(run), Job.objects.count()
    running.tell(instance_id=run.pk, news=Done(token, result=["y"]), by=None)
    running.tell(instance_id=run.pk, news=Failed(token, code="timeout", detail="late"), by=None)
    assert (actions(run), Job.objects.count()) == (before, jobs)


def test_what_fails_is_an_incident_and_those_who_run_the_house_hear_of_it(two_services, paper, clerk, administrator):
    run = start(two_services, document=paper, by=clerk)
    token = Job.objects.get().payload["token"]
    run = running.tell(instance_id=run.pk, news=Failed(token, code="timeout", detail="Too slow."), by=None)
    run.refresh_from_db()
    assert run.status == InstanceStatus.INCIDENT
    incident = Incident.objects.get()
    assert (incident.step, incident.code, incident.detail, incident.resolved_at) == (
        "first",
        "timeout",
        "Too slow.",
        None,
    )
    assert StepRun.objects.get().failed
    told = Event.objects.get(type="workflow.incident")
    assert told.data["code"] == "timeout"
    notice = administrator.notices.get() if hasattr(administrator, "notices") else None
    assert notice is None or notice.kind == "workflow.incident"


def test_a_definition_runs_once_at_a_time_on_a_document(two_services, paper, clerk):
    start(two_services, document=paper, by=clerk)
    with pytest.raises(AlreadyRuns):
        start(two_services, document=paper, by=clerk)


def test_variables_are_checked_by_name_and_type(publish):
    definition = publish(
        "typed",
        "[{id: wait, kind: timer, wait: 1 hours}]",
        variables={"amount": {"type": "number", "default": 5}, "day": {"type": "date"}},
    )
    with pytest.raises(BadVariables) as refused:
        start(definition, variables={"amount": "much", "other": 1, "day": "2026-02-30"})
    assert set(refused.value.errors) == {"amount", "other", "day"}
    run = start(definition, variables={"day": "2026-02-28"})
    assert run.state["vars"] == {"amount": 5, "day": "2026-02-28"}
