"""A task that could be decided when it was opened, and whose people are gone: somebody is told, once."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import history
from accounts.models import Membership, Role, User
from accounts.rights import rights_of
from documents import sharing
from realtime.models import Notice
from tests.workflows.people.conftest import away, decides, fresh, join
from tests.workflows.people.test_opening import told
from workflows import approvals, timers
from workflows.models import Absence, Candidate, Decision, Exclusion, HumanTask, Timer
from workflows.tasks import people, unattended, watching

ONE = "- {id: review, kind: human, title: Review, candidates: [{user: reviewer}]}\n"


@pytest.fixture
def watch():
    """`watch(hours=1)`: the round has gone by so much later, and everything that it rang."""
    start, spent = timezone.now(), timedelta()

    def go(**later: float) -> None:
        nonlocal spent
        watching.ensure()
        spent += timedelta(**(later or {"minutes": 2}))
        for seconds in range(12):
            timers.sweep(now=start + spent + timedelta(seconds=seconds), seconds=30)

    return go


def warnings(task: HumanTask) -> int:
    return history.of("workflow", task.instance_id).filter(action="task_without_people").count()


def leave(user: User) -> None:
    Membership.objects.filter(user=user).delete()


def test_who_can_be_asked_is_left_alone(ask, watch, reviewer, head, administrator):
    task = ask()
    watch(), watch(hours=2)
    assert not fresh(task).unattended
    assert not Timer.objects.filter(kind="unattended").exists()
    assert warnings(task) == 0 and told(administrator) == []


@pytest.mark.parametrize("lost", ["leaves", "inactive", "away", "blind"])
def test_when_the_last_one_is_gone_the_head_is_asked_and_the_house_is_told(
    ask, watch, paper, reviewer, head, administrator, lost
):
    task = ask(steps=ONE)
    watch()
    assert warnings(task) == 0 and not decides(task, head)
    if lost == "leaves":
        leave(reviewer)
    elif lost == "inactive":
        User.objects.filter(pk=reviewer.pk).update(is_active=False)
    elif lost == "away":
        away(reviewer, days=1)  # the round comes minutes later, which may be tomorrow
    else:
        paper.access = "restricted"
        paper.save()
        paper.people.set([head])
    watch(**({"hours": 2} if lost == "blind" else {"minutes": 2}))
    assert decides(task, head)
    assert told(head) == ["“Review” waits for you: “Directive 7”"]
    assert told(administrator) == ["“Review” has too few people who can decide it"]
    entry = history.of("workflow", task.instance_id).get(action="task_without_people")
    assert watching.SINCE in entry.note and "The heads of the department are asked instead." in entry.note
    assert list(task.candidates.order_by("pk").values_list("origin", flat=True)) == ["definition", "fallback"]
    assert not fresh(task).unattended
    watch(hours=3), watch(hours=2)
    assert warnings(task) == 1


def test_with_no_head_either_it_is_said_once_until_somebody_can_decide_it_again(ask, watch, reviewer, administrator):
    task = ask(steps=ONE)
    watch()
    leave(reviewer)
    watch(), watch(hours=3), watch(hours=3)
    assert fresh(task).unattended and warnings(task) == 1
    assert Notice.objects.filter(user=administrator, kind="task.nobody").count() == 1
    assert "Nobody decides it until it is given" in history.of("workflow", task.instance_id).last().note
    join(reviewer, task.department or task.instance.department, Role.REVIEWER)
    watch()
    assert not fresh(task).unattended and decides(task, reviewer)
    leave(reviewer)
    watch()
    assert fresh(task).unattended and warnings(task) == 2


def test_what_nobody_could_decide_when_it_was_opened_is_not_said_again(ask, watch, administrator):
    task = ask(steps="- {id: review, kind: human, candidates: [{user: nobody_here}]}\n")
    assert fresh(task).unattended
    watch(), watch(hours=2)
    assert warnings(task) == 1


def test_a_deputy_is_somebody(ask, watch, reviewer, colleague, administrator):
    task = ask(steps=ONE)
    watch()
    away(reviewer, colleague)
    watch()
    assert decides(task, colleague)
    assert warnings(task) == 0


def test_a_quorum_that_can_no_longer_be_reached_is_found(ask, watch, person, operations, reviewer, colleague, head):
    task = ask("quorum: 2", steps="- id: review\n  kind: human\n  candidates: [{user: reviewer}, {user: colleague}]\n")
    approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))
    watch()
    assert warnings(task) == 0
    leave(colleague)
    watch()
    assert warnings(task) == 1 and decides(task, head)
    approvals.complete(task_id=task.pk, outcome="approved", by=head, rights=rights_of(head))
    assert fresh(task).state == "completed"


def test_given_to_somebody_it_is_watched_anew(ask, watch, reviewer, colleague, administrator):
    task = ask(steps=ONE)
    leave(reviewer)
    watch()
    assert fresh(task).unattended
    approvals.reassign(task_id=task.pk, to=colleague, by=administrator, rights=rights_of(administrator))
    assert not fresh(task).unattended
    leave(colleague)
    watch()
    assert warnings(task) == 2


def test_the_round_goes_on_slice_by_slice_and_costs_alike_for_many(
    ask, watch, reviewer, head, administrator, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(watching, "AT_ONCE", 3)
    tasks = [ask() for _ in range(8)] + [ask(steps=ONE)]
    leave(reviewer)
    with django_assert_max_num_queries(160):
        watch()
    assert [warnings(task) for task in tasks] == [0] * 8 + [1]
    timer = Timer.objects.get(kind="watch_tasks")
    assert timer.state == "pending" and "after" not in timer.data


def test_one_round_is_set_however_many_ask(db):
    assert watching.ensure() and not watching.ensure()
    assert Timer.objects.filter(kind="watch_tasks").count() == 1


def test_changes_of_people_are_noticed(db, reviewer, colleague, operations):
    seen = {unattended.people_now()}
    assert unattended.people_now() in seen
    away(reviewer)
    seen.add(unattended.people_now())
    Absence.objects.update(deputy=colleague)
    seen.add(unattended.people_now())
    Membership.objects.filter(user=colleague).update(role=Role.HEAD)
    seen.add(unattended.people_now())
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    seen.add(unattended.people_now())
    operations.active = False
    operations.save()
    seen.add(unattended.people_now())
    assert len(seen) == 6


def test_the_sql_lets_through_only_what_people_can_decide(ask, person, paper, operations, safety, clerk):
    """Random houses: what the SQL calls attended can be decided; where nobody is away it says the same as the rule."""
    dice = random.Random(7)
    staff = [person(f"p{n}") for n in range(6)]
    found = {True: 0, False: 0}
    task = ask(steps=ONE)
    for _ in range(120):
        task = _any_house(dice, task, paper, staff, (operations, safety))
        said = next(one for one in unattended.look(most=1000) if one.task == task.pk).attended
        rows, excluded = list(task.candidates.all()), set(task.exclusions.values_list("user_id", flat=True))
        votes = list(task.decisions.all())
        given = {one.by_id for one in votes} | {one.for_user_id for one in votes if one.for_user_id}
        able = people.able(
            [row for row in rows if row.for_user_id not in given], excluded=excluded | given, document=task.document
        )
        truly = watching._suffices(task, able, len(votes))
        assert truly or not said
        if not Absence.objects.exists():
            assert said == truly
            found[said] += 1
    assert min(found.values()) > 10, found


def _any_house(dice, task, paper, staff, places) -> HumanTask:
    """The task among people whose roles, absences and sight are thrown."""
    Membership.objects.filter(user__in=staff).delete()
    Absence.objects.all().delete()
    paper.shares.all().delete()
    paper.access, paper.shared, paper.department = "department", False, dice.choice(places)
    paper.save()
    for rows in (task.candidates, task.exclusions, task.decisions):
        rows.all().delete()
    for one in staff:
        kept = dice.random()
        User.objects.filter(pk=one.pk).update(
            is_active=kept > 0.15, house_role=dice.choice(["", "", "", "auditor", "administrator"])
        )
        if dice.random() < 0.6:
            join(one, dice.choice(places), dice.choice(["clerk", "reviewer", "head"]))
    if dice.random() < 0.4:
        sharing.show(paper, departments=dice.sample(places, 1), people=dice.sample(staff, 2), by=None, because="x")
    if dice.random() < 0.3:
        paper.access = "restricted"
        paper.save()
        paper.people.set(dice.sample(staff, 2))
    if dice.random() < 0.3:
        away(staff[0], dice.choice([None, staff[1]]))
    for _ in range(dice.randint(1, 2)):
        if dice.random() < 0.5:
            Candidate.objects.create(task=task, department=dice.choice(places), roles=["reviewer", "head"])
        else:
            Candidate.objects.create(task=task, user=dice.choice(staff))
    if dice.random() < 0.4:
        Exclusion.objects.create(task=task, user=dice.choice(staff), reason="x")
    task.quorum = dice.choice([1, 1, 1, 2, 0])
    task.save(update_fields=["quorum"])
    if task.quorum == 2 and dice.random() < 0.5:
        Decision.objects.create(task=task, by=dice.choice(staff), outcome="approved", at=timezone.now())
    return HumanTask.objects.select_related("document").get(pk=task.pk)
