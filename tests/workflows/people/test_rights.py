"""The matrix: who sees, takes, decides, hands on, gives away, frees, and comments on a task."""

import random

import pytest

from accounts import api_keys
from accounts.models import Department, HouseRole, Membership, Role, User
from accounts.refusals import NotFound, Refusal
from accounts.rights import Rights, rights_of
from documents.models import Document, Source
from tests.workflows.people.conftest import away, decides, fresh
from tests.workflows.running.conftest import paper_of
from workflows import approvals, deciding
from workflows.models import Candidate, Decision, Exclusion, HumanTask
from workflows.tasks import people, standing

WHO = ["clerk", "reviewer", "head", "auditor", "administrator", "outsider", "other_head"]
NO, YES, HIDDEN = 403, 200, 404
MATRIX = {
    #            clerk reviewer head auditor admin  outsider other_head
    "see": (YES, YES, YES, YES, YES, HIDDEN, HIDDEN),
    "claim": (NO, YES, YES, NO, NO, HIDDEN, HIDDEN),
    "decide": (NO, YES, YES, NO, NO, HIDDEN, HIDDEN),
    "delegate": (NO, YES, YES, NO, NO, HIDDEN, HIDDEN),
    "reassign": (NO, NO, YES, NO, YES, HIDDEN, HIDDEN),
    "release": (NO, NO, YES, NO, YES, HIDDEN, HIDDEN),
    "comment": (YES, YES, YES, NO, YES, HIDDEN, HIDDEN),
}


@pytest.fixture
def everybody(clerk, reviewer, head, auditor, administrator, outsider, person, safety) -> dict[str, User]:
    other_head = person("other_head", role=Role.HEAD, of=safety)
    found = [clerk, reviewer, head, auditor, administrator, outsider, other_head]
    return dict(zip(WHO, found, strict=True))


def attempt(deed: str, task: HumanTask, by: User, rights: Rights, to: User) -> int:
    given = {"task_id": task.pk, "by": by, "rights": rights}
    deeds = {
        "see": lambda: HumanTask.objects.visible_to(rights).get(pk=task.pk),
        "claim": lambda: approvals.claim(**given),
        "decide": lambda: approvals.complete(outcome="approved", **given),
        "delegate": lambda: approvals.delegate(to=to, **given),
        "reassign": lambda: approvals.reassign(to=to, **given),
        "release": lambda: approvals.release(**given),
        "comment": lambda: approvals.comment(text="So.", **given),
    }
    try:
        deeds[deed]()
    except HumanTask.DoesNotExist:
        return HIDDEN
    except Refusal as refusal:
        return refusal.status
    return YES


@pytest.mark.parametrize("deed", list(MATRIX))
def test_who_may_do_what(ask, everybody, colleague, person, operations, deed):
    to = person("to", role=Role.REVIEWER, of=operations)
    found = []
    for name in WHO:
        task = ask(key=f"k-{name.replace('_', '-')}")
        if deed == "release":
            approvals.claim(task_id=task.pk, by=colleague, rights=rights_of(colleague))
        before = (task.instance.sequence, Decision.objects.count(), Candidate.objects.filter(task=task).count())
        status = attempt(deed, task, everybody[name], rights_of(everybody[name]), to)
        found.append(status)
        if status != YES:
            assert fresh(task).assignee_id in (None, colleague.pk)
            assert (Decision.objects.count(), Candidate.objects.filter(task=task).count()) == before[1:]
    assert tuple(found) == MATRIX[deed]


def test_a_key_that_only_reads_decides_nothing(ask, reviewer):
    task = ask()
    key, _ = api_keys.issue(name="k", user=reviewer, by=reviewer, scopes=["read"])
    rights = rights_of(reviewer, key)
    assert not decides(task, reviewer, rights)
    assert attempt("decide", task, reviewer, rights, reviewer) == NO
    assert attempt("claim", task, reviewer, rights, reviewer) == NO


def test_a_key_bound_elsewhere_does_not_see_it(ask, reviewer, safety):
    task = ask()
    key, _ = api_keys.issue(name="k", user=reviewer, by=reviewer, scopes=["read", "control"], departments=[safety])
    assert attempt("see", task, reviewer, rights_of(reviewer, key), reviewer) == HIDDEN
    assert attempt("decide", task, reviewer, rights_of(reviewer, key), reviewer) == HIDDEN


def test_without_a_document_candidates_see_it_and_others_do_not(ask, reviewer, clerk, outsider, administrator):
    task = ask(on=None)
    assert attempt("see", task, reviewer, rights_of(reviewer), reviewer) == YES
    assert attempt("see", task, outsider, rights_of(outsider), reviewer) == HIDDEN
    assert attempt("see", task, administrator, rights_of(administrator), reviewer) == YES
    assert attempt("decide", task, reviewer, rights_of(reviewer), reviewer) == YES


class World:
    """A random small house with tasks in all states of voices."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.departments = [
            Department.objects.create(key=f"d{n}", name=f"D{n}", active=self.dice.random() > 0.1) for n in range(3)
        ]
        self.people = [self._person(n) for n in range(9)]
        for one in self.people:
            if self.dice.random() < 0.3:
                deputy = self.dice.choice([*self.people, None])
                away(one, deputy if deputy != one else None)
        self.source = Source.objects.get_or_create(key="api", defaults={"name": "API"})[0]

    def _person(self, n: int) -> User:
        house_role = self.dice.choice([HouseRole.NONE] * 5 + [HouseRole.AUDITOR, HouseRole.ADMINISTRATOR])
        user = User.objects.create(username=f"p{n}", house_role=house_role, is_active=self.dice.random() > 0.1)
        for department in self.departments:
            if self.dice.random() < 0.5:
                Membership.objects.create(user=user, department=department, role=self.dice.choice(Role.values))
        return user

    def document(self) -> Document | None:
        if self.dice.random() < 0.15:
            return None
        found = paper_of(self.dice.choice(self.departments), self.dice.choice(self.people), self.source)
        if self.dice.random() < 0.3:
            Document.objects.filter(pk=found.pk).update(access="restricted")
            found.people.set(self.some(self.people))
        return found

    def some(self, things: list, share: float = 0.4) -> list:
        return [thing for thing in things if self.dice.random() < share]

    def rearrange(self, task: HumanTask) -> None:
        """Other candidates, exclusions and votes than the definition gave."""
        task.candidates.all().delete()
        for user in self.some(self.people, 0.25):
            principal = self.dice.choice([None, None, self.dice.choice(self.people)])
            Candidate.objects.create(task=task, user=user, for_user=principal if principal != user else None)
        for department in self.some(self.departments):
            roles = self.dice.choice([["head"], ["reviewer", "head"], ["clerk", "reviewer", "head"]])
            Candidate.objects.create(task=task, department=department, roles=roles)
        for user in self.some(self.people, 0.2):
            Exclusion.objects.create(task=task, user=user, reason="x")
        for user in self.some(self.people, 0.15):
            other = self.dice.choice([None, self.dice.choice(self.people)])
            Decision.objects.create(
                task=task, by=user, for_user=other if other != user else None, outcome="approved", at=task.opened_at
            )


@pytest.mark.parametrize("seed", range(5))
def test_the_rule_in_python_and_in_sql_agree(publish, ask, paper, seed):
    world = World(seed)
    deciding_at_all = 0
    for n in range(6):
        task = ask(key=f"w{n}", on=world.document())
        world.rearrange(task)
        for user in world.people:
            rights = rights_of(user)
            deciding_at_all += decides(task, user, rights)
            assert rights == people.rights_of_many([user.pk])[user.pk]
    assert deciding_at_all > 0


@pytest.mark.parametrize("seed", range(5))
def test_who_is_told_is_who_can_decide(publish, ask, paper, seed):
    """`people.able` works from the task to the people, `decidable_by` from a person to the tasks."""
    world = World(seed + 100)
    for n in range(6):
        task = ask(key=f"w{n}", on=world.document())
        world.rearrange(task)
        Decision.objects.filter(task=task).delete()
        excluded = set(task.exclusions.values_list("user_id", flat=True))
        able = people.able(list(task.candidates.all()), excluded=excluded, document=fresh(task).document)
        for user in world.people:
            rights = rights_of(user)
            if deciding.may_decide(task, rights):
                stands_in = standing.of(task, rights).for_user_id
                day = deciding.today()
                is_away = user.absences.filter(first_day__lte=day, last_day__gte=day).exists()
                assert user.pk in able.deciders or is_away or stands_in, (user, able)
            else:
                assert user.pk not in able.deciders, (user, able)


def test_hidden_is_not_found(ask, outsider):
    task = ask()
    with pytest.raises(NotFound):
        approvals.claim(task_id=task.pk, by=outsider, rights=rights_of(outsider))
