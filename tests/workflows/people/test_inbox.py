"""What waits for a person: order, counts, the next one, and what is said of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.rights import rights_of
from tests.workflows.people.conftest import away, fresh, run_of
from workflows import approvals, inbox, presentation
from workflows.models import HumanTask


@pytest.fixture
def four(ask, reviewer):
    """Due in two days, tomorrow, yesterday, and whenever."""
    tasks = [ask(key=f"k{n}") for n in range(4)]
    for task, days in zip(tasks, (2, 1, -1), strict=False):
        HumanTask.objects.filter(pk=task.pk).update(due_at=timezone.now() + timedelta(days=days))
    return tasks


def test_the_first_due_comes_first_and_what_is_never_due_last(four, reviewer, colleague, clerk, head):
    rights = rights_of(reviewer)
    later, soon, late, whenever = four
    assert list(inbox.waiting_for(rights)) == [late, soon, later, whenever]
    approvals.claim(task_id=soon.pk, by=colleague, rights=rights_of(colleague))
    approvals.claim(task_id=later.pk, by=reviewer, rights=rights)
    assert list(inbox.waiting_for(rights)) == [late, later, whenever]
    assert list(inbox.waiting_for(rights, taken_by_others=True)) == [late, soon, later, whenever]
    assert inbox.counts(rights) == inbox.Counts(waiting=3, overdue=1, taken=1, team=0)
    assert inbox.counts(rights_of(head)).team == 4
    assert list(inbox.waiting_for(rights_of(clerk))) == []


def test_the_team_is_the_head_s_and_all_are_the_administrator_s(four, reviewer, head, administrator, person, safety):
    other = person("other_head", role=Role.HEAD, of=safety)
    shown = [inbox.team(rights_of(one)).count() for one in (reviewer, head, administrator, other)]
    assert shown == [0, 4, 4, 0]


def test_the_next_one_goes_round(four, reviewer):
    rights = rights_of(reviewer)
    later, soon, late, whenever = [fresh(one) for one in four]
    assert [inbox.next_after(one, rights) for one in (late, soon, later, whenever)] == [soon, later, whenever, late]
    approvals.complete(task_id=late.pk, outcome="approved", by=reviewer, rights=rights)
    assert inbox.next_after(late, rights) == soon
    for one in (soon, later):
        approvals.complete(task_id=one.pk, outcome="approved", by=reviewer, rights=rights)
    assert inbox.next_after(whenever, rights) is None


def test_what_an_absent_colleague_took_waits_for_the_deputy(four, reviewer, colleague):
    approvals.claim(task_id=four[0].pk, by=colleague, rights=rights_of(colleague))
    assert four[0] not in inbox.waiting_for(rights_of(reviewer))
    away(colleague, reviewer)
    assert four[0] in inbox.waiting_for(rights_of(reviewer))


def test_a_list_costs_the_same_however_long_it_is(four, reviewer, django_assert_max_num_queries):
    rights = rights_of(reviewer)
    with django_assert_max_num_queries(14):
        said = presentation.tasks_as_json(inbox.waiting_for(rights)[:50], rights)
    assert [one["workflow"] for one in said] == ["k2", "k1", "k0", "k3"]
    assert all(one["mine"] and one["document"]["title"] == "Directive 7" for one in said)


def test_one_task_says_what_can_be_done_with_it(ask, reviewer, colleague, head, clerk):
    task = ask("exclude: [{user: colleague}]")
    approvals.comment(task_id=task.pk, text="Page 2.", by=clerk, rights=rights_of(clerk))
    said = presentation.task_as_json(fresh(task), rights_of(reviewer))
    assert [key for key, may in said["can"].items() if may] == ["decide", "claim", "delegate"]
    assert said["candidates"] == [
        {
            "user": None,
            "department": "operations",
            "roles": ["reviewer", "head"],
            "origin": "definition",
            "for_user": None,
        }
    ]
    assert said["comments"][0]["text"] == "Page 2." and said["why_not"] is None
    refused = presentation.task_as_json(fresh(task), rights_of(colleague))
    assert not any(refused["can"].values()) and "keeps this person out" in refused["why_not"]
    approvals.claim(task_id=task.pk, by=reviewer, rights=rights_of(reviewer))
    taken = presentation.task_as_json(fresh(task), rights_of(head))
    assert [key for key, may in taken["can"].items() if may] == ["take_over", "release", "reassign"]
    approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))
    done = presentation.task_as_json(fresh(task), rights_of(reviewer))
    assert not any(done["can"].values())
    assert (done["outcome"], done["decisions"][0]["by"]) == ("approved", "reviewer")


def test_a_run_says_where_it_stands(ask, reviewer, outsider):
    task = ask()
    said = presentation.instance_as_json(run_of(task), rights_of(reviewer))
    assert (said["definition"], said["status"], said["tasks"]) == ("k", "running", [str(task.pk)])
    assert [token["step"] for token in said["tokens"]] == ["review"]
    hidden = presentation.instance_as_json(run_of(task), rights_of(outsider))
    assert hidden["document"] is None and hidden["tasks"] == []
