"""The history gives the state, and `verify_history` says where it does not; runs that move to another version."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.refusals import NotAllowed
from accounts.rights import rights_of
from tests.workflows.running.conftest import actions, folded
from workflows import migrating, proving, running
from workflows.engine.talk import Done
from workflows.migrating import DoNotFit
from workflows.models import Instance, StepRun

pytestmark = pytest.mark.django_db

ONE = """
- {id: first, kind: service, call: text.find, with: {words: [a]}}
- {id: second, kind: service, call: text.find, with: {words: [b]}}
"""
TWO = """
- {id: begin, kind: service, call: text.find, with: {words: [a]}}
- {id: more, kind: service, call: text.find, with: {words: [c]}}
"""


@pytest.fixture
def run(publish, paper, clerk):
    return running.start(definition=publish("two", ONE), document=paper, by=clerk, reason={"trigger": "api"})


def verify() -> str:
    said = StringIO()
    call_command("verify_history", stdout=said, stderr=said)
    return said.getvalue()


def test_what_runs_wrote_down_gives_their_state(run):
    assert proving.first_break(run) is None
    assert "The history holds." in verify()


def test_a_state_that_was_changed_behind_its_back_is_found(run):
    state = {**run.state, "vars": {"amount": 1}}
    Instance.objects.filter(pk=run.pk).update(state=state)
    run.refresh_from_db()
    found = proving.first_break(run)
    assert (found.sequence, found.why) == (3, "Its history gives another state: vars.")
    with pytest.raises(CommandError):
        verify()


def test_a_status_that_its_history_does_not_know_is_found(run):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_instance SET status = 'finished', outcome = 'done'")
    run = Instance.objects.get()
    assert "Its row says finished done" in proving.first_break(run).why


def test_a_plan_says_which_runs_fit_and_why_not(run, publish):
    publish("two", TWO)
    plan = migrating.plan(definition=run.definition, to=2)
    assert not plan.fits
    (place,) = plan.places
    assert (place.instance, place.version) == (run.pk, 1)
    assert "first" in place.why[0]
    assert migrating.plan(definition=run.definition, to=2, mapping={"first": "begin", "second": "more"}).fits
    run.refresh_from_db()
    assert run.version.number == 1


def test_runs_move_all_or_none(run, publish, administrator, clerk):
    publish("two", TWO)
    before = actions(run)
    asked = {"definition": run.definition, "to": 2, "by": administrator, "rights": rights_of(administrator)}
    with pytest.raises(DoNotFit) as refused:
        migrating.migrate(**asked)
    assert list(refused.value.errors) == [str(run.pk)]
    with pytest.raises(NotAllowed):
        migrating.migrate(**{**asked, "by": clerk, "rights": rights_of(clerk)})
    assert actions(run) == before
    migrating.migrate(**asked, mapping={"first": "begin", "second": "more"}, why="New term.")
    run.refresh_from_db()
    assert run.version.number == 2
    assert actions(run) == [*before, "migrated"]
    assert folded(run) == run.state
    assert StepRun.objects.get().step == "begin"
    token = int(next(iter(run.state["tokens"])))
    run = running.tell(instance_id=run.pk, news=Done(token, result={}), by=None)
    assert [held["step"] for held in run.state["tokens"].values()] == ["more"]
    assert proving.first_break(Instance.objects.get()) is None
