"""What was read badly: clerks are asked to correct it, reviewers decide that it is right."""

from accounts.rights import rights_of
from documents import corrections
from realtime.notices import reading
from tests.workflows.running.conftest import _no_bodies_from_before, paper  # noqa: F401 (fixtures)
from tests.workflows.work.test_service_steps import work
from workflows import approvals, running
from workflows.models import Definition, HumanTask
from workflows.seeding import calendars, definitions


def begin(paper, by) -> None:  # noqa: F811
    calendars.seed()
    definitions.seed()
    definition = Definition.objects.get(key="quality-assurance")
    running.start(definition=definition, document=paper, by=by, reason={"trigger": "manual"})
    work()


def told(user) -> list[str]:
    return [one.text for one in reading.shown(reading.of(user.pk), rights_of(user))]


def test_clerks_are_asked_at_the_bell_and_reviewers_decide(paper, clerk, reviewer, head, outsider, administrator):  # noqa: F811
    begin(paper, administrator)
    said = "“Directive 7” was read with low confidence. Compare its facts with the page and correct them."
    assert told(clerk) == [said] and told(outsider) == []
    task = HumanTask.objects.get(state="open")
    assert task.step == "correct"
    assert not HumanTask.objects.decidable_by(rights_of(clerk)).exists()
    corrections.correct(document_id=paper.pk, changes={"title": "Directive 8"}, by=clerk, rights=rights_of(clerk))
    approvals.complete(task_id=task.pk, outcome="corrected", by=reviewer, rights=rights_of(reviewer))
    second = HumanTask.objects.get(state="open")
    assert second.step == "confirm"
    assert HumanTask.objects.decidable_by(rights_of(head)).get() == second
    assert not HumanTask.objects.decidable_by(rights_of(reviewer)).exists()


def test_a_department_without_clerks_is_not_kept_waiting(paper, clerk, reviewer, administrator):  # noqa: F811
    clerk.memberships.all().delete()
    reviewer.memberships.all().delete()
    begin(paper, administrator)
    assert HumanTask.objects.get(state="open").step == "correct"
    assert HumanTask.objects.get().instance.status == "running"
