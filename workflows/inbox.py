"""What waits for a person, in the order in which it is due."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Role
from accounts.rights import Action, Rights
from workflows import clock, deciding
from workflows.deciding import ORDER, TaskQuerySet
from workflows.models import HumanTask

COUNTED_TO = 1_000


@dataclass(frozen=True)
class Counts:
    """Each exact up to 1,000. `taken` are those that this person has taken, `team` those of departments he heads."""

    waiting: int
    overdue: int
    taken: int
    team: int


def with_relations(tasks: TaskQuerySet) -> TaskQuerySet:
    """The rows that lists show and `presentation` reads: documents joined, the few others of a page fetched together.

    More joins, and PostgreSQL would no longer look for the best order of them (`join_collapse_limit`).
    """
    shown = tasks.select_related("document__newest")
    return shown.prefetch_related(
        "document__department", "instance__definition", "department", "assignee", "completed_by"
    )


def waiting_for(rights: Rights, *, taken_by_others: bool = False) -> TaskQuerySet:
    """The decisions that wait for this person, due first; those that a colleague has taken only when asked for."""
    return with_relations(_waiting(rights, taken_by_others)).order_by(*ORDER)


def team(rights: Rights) -> TaskQuerySet:
    """What is undecided in the departments that this person heads, whoever is asked; administrators: in all."""
    tasks = HumanTask.objects.visible_to(rights).undecided()
    if not rights.runs_house:
        headed = [pk for pk, role in rights.departments.items() if role == Role.HEAD]
        tasks = tasks.filter(department_id__in=headed) if headed else tasks.none()
    return with_relations(tasks).order_by(*ORDER)


def counts(rights: Rights) -> Counts:
    """For the head of the page."""
    waiting = _waiting(rights, False)
    return Counts(
        waiting=_count(waiting),
        overdue=_count(waiting.filter(due_at__lt=clock.now())),
        taken=_count(waiting.filter(assignee_id=rights.user_id)),
        team=_count(team(rights)),
    )


def next_after(task: HumanTask, rights: Rights) -> HumanTask | None:
    """The one that waits after this one in the list; from its end the first; None when nothing else waits."""
    others = waiting_for(rights).exclude(pk=task.pk)
    if task.due_at is None:
        later = others.filter(due_at=None, id__gt=task.pk)
    else:
        same = Q(due_at=task.due_at, id__gt=task.pk)
        later = others.filter(Q(due_at__gt=task.due_at) | same | Q(due_at=None))
    return later.first() or others.first()


def _waiting(rights: Rights, taken_by_others: bool) -> TaskQuerySet:
    if not rights.scope_allows(Action.CONTROL):
        return HumanTask.objects.none()
    tasks = HumanTask.objects.decidable_by(rights)
    if taken_by_others:
        return tasks
    lent = [voice.user_id for voice in deciding.lent_voices(rights)]
    return tasks.filter(Q(assignee=None) | Q(assignee_id__in=[rights.user_id, *lent]))


def _count(tasks: TaskQuerySet) -> int:
    return tasks.order_by().values("pk")[:COUNTED_TO].count()
