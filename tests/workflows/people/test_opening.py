"""Opening: whom a step asks, who is excluded, what is told, and what happens when nobody can decide."""

import pytest
from django.db import transaction

from accounts import history
from accounts.models import Role, User
from accounts.rights import rights_of
from realtime.models import Event, Notice
from realtime.notices import reading
from tests.workflows.people.conftest import away, decides, fresh, new_version, run_of
from tests.workflows.running.conftest import folded
from workflows import approvals, clock, running, timers
from workflows.engine.talk import Stop, Superseded
from workflows.models import Candidate, HumanTask, Timer
from workflows.tasks import widening


def told(user: User) -> list[str]:
    return [one.text for one in reading.shown(reading.of(user.pk).order_by("-serial"), rights_of(user))]


def test_a_step_asks_those_in_its_role_or_a_higher_one(ask, clerk, reviewer, colleague, head, outsider):
    task = ask()
    assert (task.title, task.question, task.document_version, task.quorum) == ("Review", "Is it right?", 1, 1)
    assert [one["key"] for one in task.outcomes] == ["approved", "rejected"]
    assert task.department.key == "operations"
    assert [decides(task, one) for one in (clerk, reviewer, colleague, head, outsider)] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert told(reviewer) == told(head) == ["“Review” waits for you: “Directive 7”"]
    assert told(clerk) == told(outsider) == []
    event = Event.objects.get(type="task.assigned")
    assert event.data["candidates"] == 3
    assert f"department:{task.department_id}" in event.audience and f"task:{task.pk}" in event.audience


@pytest.mark.parametrize(
    ("entry", "who"),
    [
        ("{head_of: operations}", ["head"]),
        ("{head_of: {expr: document.department}}", ["head"]),
        ("{user: colleague}", ["colleague"]),
        ("{expr: '\"colleague\"'}", ["colleague"]),
        ('{expr: \'["colleague", "reviewer"]\'}', ["colleague", "reviewer"]),
        ("{uploader: true}", ["uploader"]),
        ("{department: operations, role: head}", ["head"]),
    ],
)
def test_entries_name_people(ask, person, operations, paper, reviewer, colleague, head, entry, who):
    uploader = person("uploader", role=Role.REVIEWER, of=operations)
    paper.uploaded_by = uploader
    paper.save()
    task = ask(steps=f"- {{id: review, kind: human, candidates: [{entry}]}}\n")
    everybody = [uploader, reviewer, colleague, head]
    assert sorted(one.username for one in everybody if decides(task, one)) == who


def test_fifty_tasks_at_once_are_one_notification_and_few_statements(ask, reviewer, django_assert_max_num_queries):
    steps = """
- id: each
  kind: foreach
  items: '["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]'
  as: name
  steps:
    - {id: review, kind: human, candidates: [{department: operations, role: reviewer}]}
"""
    with django_assert_max_num_queries(60 + 10 * 22):
        ask(steps=steps)
    assert HumanTask.objects.count() == 10
    assert told(reviewer) == ["10 tasks wait for you"]


def test_who_sent_it_and_who_decided_before_are_excluded(ask, person, operations, paper, reviewer, colleague, head):
    paper.uploaded_by = reviewer
    paper.save()
    steps = """
- {id: first, kind: human, candidates: [{department: operations, role: reviewer}], exclude: [{uploader: true}]}
- {id: second, kind: human, candidates: [{department: operations, role: reviewer}], exclude: [{decided: first}]}
"""

    first = ask(steps=steps)
    assert [decides(first, one) for one in (reviewer, colleague, head)] == [False, True, True]
    approvals.complete(task_id=first.pk, outcome="approved", by=colleague, rights=rights_of(colleague))
    second = HumanTask.objects.get(state="open")
    assert second.step == "second"
    assert [decides(second, one) for one in (reviewer, colleague, head)] == [True, False, True]


def test_nobody_in_the_role_falls_to_the_heads_and_is_said(ask, head, clerk, administrator):
    task = ask(steps="- {id: review, kind: human, title: Review, candidates: [{user: nobody_here}]}\n")
    assert decides(task, head) and not decides(task, administrator)
    assert list(task.candidates.values_list("origin", flat=True)) == ["fallback"]
    assert told(head) == ["“Review” waits for you: “Directive 7”"]
    assert told(administrator) == ["“Review” has too few people who can decide it"]
    entry = history.of("workflow", task.instance_id).get(action="task_without_people")
    assert "There is nobody named “nobody_here”." in entry.note and "heads" in entry.note


def test_without_any_head_it_is_open_all_the_same_and_administrators_know(ask, administrator, clerk):
    task = ask(steps="- {id: review, kind: human, title: Review, candidates: [{department: safety}]}\n")
    assert task.state == "open"
    notice = Notice.objects.get(user=administrator, kind="task.nobody")
    assert notice.importance == "urgent"
    assert "until it is given" in notice.items[0]["detail"]


def test_those_who_may_not_see_the_document_do_not_count_and_are_named(ask, paper, safety, person, head, administrator):
    """Which is so with papers for named people only; others are shown to whom the step asks."""
    blind = person("blind", role=Role.REVIEWER, of=safety)
    paper.access = "restricted"
    paper.save()
    paper.people.set([head])
    task = ask(steps="- {id: review, kind: human, candidates: [{department: safety, role: reviewer}]}\n")
    assert not decides(task, blind)
    assert decides(task, head)
    entry = history.of("workflow", task.instance_id).get(action="task_without_people")
    assert "may not see the document" in entry.note and "blind" in entry.note
    assert told(blind) == []


def test_the_absent_are_stood_in_for_by_their_deputies(ask, reviewer, colleague, head, person, operations):
    away(reviewer, colleague)
    task = ask(steps="- {id: review, kind: human, title: Review, candidates: [{user: reviewer}]}\n")
    assert decides(task, colleague) and not decides(task, head)
    assert told(colleague) and not told(reviewer)


def test_an_absent_head_s_deputy_decides_what_asks_heads(ask, head, reviewer, colleague):
    away(head, reviewer)
    task = ask(steps="- {id: review, kind: human, candidates: [{head_of: operations}]}\n")
    assert decides(task, reviewer) and not decides(task, colleague)


def test_absent_without_deputy_is_nobody_for_now(ask, reviewer, head, administrator):
    away(reviewer)
    task = ask(steps="- {id: review, kind: human, candidates: [{user: reviewer}]}\n")
    assert decides(task, head)
    assert told(administrator)


def test_a_quorum_that_cannot_be_reached_is_said_at_once(ask, reviewer, head, administrator):
    task = ask("quorum: 3")
    assert decides(task, reviewer) and decides(task, head)
    assert told(administrator) == ["“Review” has too few people who can decide it"]


def test_restricted_papers_tell_the_named_alone(ask, paper, reviewer, colleague, head, administrator):
    paper.access = "restricted"
    paper.save()
    paper.people.set([reviewer])
    task = ask()
    assert [decides(task, one) for one in (reviewer, colleague, head)] == [True, False, False]
    assert told(colleague) == []
    audience = set(Event.objects.get(type="task.assigned").audience)
    assert f"user:{reviewer.pk}" in audience
    assert not any(key.startswith("department:") for key in audience)


def test_a_notice_tells_nothing_of_what_may_no_longer_be_seen(ask, paper, reviewer):
    ask()
    paper.access = "restricted"
    paper.save()
    assert told(reviewer) == ["A task waited for you; you may no longer see it"]


def test_a_reminder_comes_once_and_only_while_it_waits(ask, reviewer, colleague):

    task, other = ask("follow_up: 2 hours"), ask("follow_up: 2 hours", key="other")
    approvals.claim(task_id=task.pk, by=reviewer, rights=rights_of(reviewer))
    approvals.complete(task_id=other.pk, outcome="approved", by=colleague, rights=rights_of(colleague))
    later = clock.now().replace(microsecond=0) + (task.follow_up_at - task.opened_at) * 2
    timers.sweep(now=later)
    timers.sweep(now=later)
    assert "“Review” still waits for you" in told(reviewer)
    assert "“Review” still waits for you" not in told(colleague)
    assert history.of("workflow", task.instance_id).filter(action="task_followed_up").count() == 1
    assert not history.of("workflow", other.instance_id).filter(action="task_followed_up").exists()
    assert not Timer.objects.filter(state="pending", kind="follow_up").exists()


def test_what_the_run_needs_no_more_is_closed(ask, reviewer):
    task = ask()
    running.tell(instance_id=task.instance_id, news=Stop(), by=None)
    task = fresh(task)
    assert (task.state, run_of(task).status) == ("cancelled", "cancelled")
    assert not decides(task, reviewer)
    assert not Candidate.objects.filter(task=task, open=True).exists()


def test_a_new_version_supersedes_it_and_opens_it_anew(ask, paper, reviewer):
    task = ask()
    new_version(paper, reviewer)
    running.tell(instance_id=task.instance_id, news=Superseded(task.token), by=None)
    assert fresh(task).state == "superseded"
    again = HumanTask.objects.get(state="open")
    assert (again.document_version, again.step) == (2, "review")
    assert decides(again, reviewer)


def test_history_holds_and_the_fold_gives_the_state(ask, reviewer):

    task = ask()
    approvals.claim(task_id=task.pk, by=reviewer, rights=rights_of(reviewer))
    approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))
    run = run_of(task)
    assert history.first_break("workflow", run.pk) is None
    assert folded(run) == run.state
    said = list(history.of("workflow", run.pk).values_list("action", flat=True))
    assert [one for one in said if one.startswith("task_")] == [
        "task_opened", "task_claimed", "task_decided", "task_completed",
    ]  # fmt: skip


def test_another_department_that_is_asked_sees_the_paper_and_decides(ask, paper, safety, person, reviewer):
    expert, bystander = person("expert", role=Role.REVIEWER, of=safety), person("bystander")
    task = ask(steps="- {id: review, kind: human, title: Review, candidates: [{department: safety}]}\n")
    assert [decides(task, one) for one in (expert, reviewer, bystander)] == [True, False, False]
    assert task.department == safety
    assert told(expert) == ["“Review” waits for you: “Directive 7”"]
    approvals.complete(task_id=task.pk, outcome="approved", by=expert, rights=rights_of(expert))
    assert run_of(task).state["steps"]["review"]["by"] == ["expert"]


@pytest.mark.parametrize("excluded", [False, True])
def test_escalated_it_is_free_for_others_but_never_for_the_excluded(ask, reviewer, colleague, head, excluded):
    lines = ["exclude: [{user: head}]"] if excluded else []
    task = ask(*lines, steps="- id: review\n  kind: human\n  title: Review\n  candidates: [{user: reviewer}]\n")
    approvals.claim(task_id=task.pk, by=reviewer, rights=rights_of(reviewer))
    with transaction.atomic():
        held = HumanTask.objects.select_related("instance__definition", "document__newest").get(pk=task.pk)
        asked = widening.widen(task=held, entries=[{"head_of": "operations"}], note="Rung 2.")
    assert asked == ([] if excluded else [head.pk])
    task = fresh(task)
    assert (task.state, task.assignee) == ("open", None)
    assert [decides(task, one) for one in (reviewer, head, colleague)] == [True, not excluded, False]
    assert history.of("workflow", task.instance_id).get(action="task_widened").note == "Rung 2."


@pytest.mark.parametrize("due", ["due: 2 hours", "sla: {target: 2 hours}"])
def test_a_task_that_its_own_turn_makes_needless_is_closed_and_nothing_of_it_rings(publish, paper, reviewer, due):
    """What is looked for is written first: the end of the run finds the task, its clock and its timers."""
    steps = f"""
- id: both
  kind: parallel
  branches:
    - steps:
        - id: review
          kind: human
          candidates: [{{department: operations, role: reviewer}}]
          follow_up: 1 hours
          {due}
    - steps: [{{id: over, kind: end, outcome: done}}]
"""
    run = running.start(definition=publish("both", steps), document=paper, by=None, reason={"trigger": "manual"})
    task = HumanTask.objects.get(instance=run)
    run.refresh_from_db()
    assert (run.status, run.outcome, task.state) == ("finished", "done", "cancelled")
    assert task.due_at is not None
    assert [one.state for one in Timer.objects.filter(instance=run)] == ["dropped", "dropped"]
    assert not Candidate.objects.filter(task=task, open=True).exists()
    assert folded(run) == run.state
    assert history.first_break("workflow", run.pk) is None
