"""Taking a task, so that two do not work on the same, and giving it back."""

from uuid import UUID

from django.db import transaction

from accounts.models import Role, User
from accounts.refusals import IllegalMove
from accounts.rights import Action, Rights
from workflows import clock
from workflows.approvals.holding import held, refuse_decided
from workflows.models import HumanTask, StepRun, TaskState
from workflows.tasks import asking, standing, telling
from workflows.tasks.refusals import AlreadyClaimed, NotClaimable, NotYours
from workflows.tasks.standing import Standing


@transaction.atomic
def claim(*, task_id: UUID, by: User, rights: Rights, door: str = "page", take_over: bool = False) -> HumanTask:
    """`by` has the task from now on; once more changes nothing.

    What somebody else has who is here raises AlreadyClaimed, unless the head of the task's department (who decides it
    too) says `take_over`. Raises NotFound, NotYours and its kinds, NotClaimable, AlreadyDecided and its like.
    """
    task = held(task_id, rights=rights)
    refuse_decided(task)
    mine = _decides(task, rights)
    if task.quorum != 1:
        raise NotClaimable("Several people decide this task. There is nothing to take: decide it.")
    if task.state == TaskState.CLAIMED and task.assignee_id == by.pk:
        return task
    before = task.assignee if task.state == TaskState.CLAIMED else None
    heads = is_head_of(task, rights)
    if (
        before is not None
        and task.assignee_id not in mine.voices
        and standing.holds(task)
        and not (take_over and heads)
    ):
        advice = "You may take it over." if heads else "Ask for its release."
        raise AlreadyClaimed(f"{standing.name_of(before)} has taken this task. {advice}")
    action = telling.TAKEN_OVER if before is not None else telling.CLAIMED
    assign(task, by)
    _begin(task)
    more = {"from": before.get_username()} if before is not None else {}
    telling.record(task, action, by=by, door=door, **more)
    telling.tell_assigned(task, reason=action.removeprefix("task_"), to=_reach(by, before), candidates=1)
    return task


@transaction.atomic
def release(*, task_id: UUID, by: User, rights: Rights, door: str = "page") -> HumanTask:
    """Whoever may decide it may take it again: said by who has it, the head of its department, or an administrator.

    Raises NotFound, NotYours, IllegalMove when nobody has it, AlreadyDecided and its like.
    """
    task = held(task_id, rights=rights)
    refuse_decided(task)
    if task.state != TaskState.CLAIMED or task.assignee is None:
        raise IllegalMove("Nobody has taken this task.")
    may = task.assignee_id == by.pk and rights.scope_allows(Action.CONTROL)
    if not may and not may_reassign(task, rights):
        raise NotYours(f"{standing.name_of(task.assignee)} has taken this task; only a head of department frees it.")
    before = task.assignee
    task.release()
    task.assignee = task.claimed_at = None
    task.save(update_fields=["state", "assignee", "claimed_at"])
    telling.record(task, telling.RELEASED, by=by, door=door, **{"from": before.get_username()})
    able = asking.deciders(task)
    telling.tell_assigned(task, reason="released", to={*able.deciders, before.pk}, candidates=len(able.deciders))
    return task


def assign(task: HumanTask, to: User) -> None:
    """Write down that this person has it."""
    task.claim()
    task.assignee, task.claimed_at = to, clock.now()
    task.save(update_fields=["state", "assignee", "claimed_at"])


def _begin(task: HumanTask) -> None:
    """Waiting ends and working begins, for the figures, when somebody takes it first."""
    passage = StepRun.objects.filter(instance=task.instance_id, token=task.token, begun_at=None)
    passage.update(begun_at=task.claimed_at)


def is_head_of(task: HumanTask, rights: Rights) -> bool:
    """Whether this person heads the department that the task is asked of."""
    return rights.departments.get(task.department_id or 0) == Role.HEAD and rights.scope_allows(Action.CONTROL)


def may_reassign(task: HumanTask, rights: Rights) -> bool:
    """The head of its department, and who runs the house."""
    if rights.auditor or not rights.scope_allows(Action.CONTROL):
        return False
    return rights.runs_house or is_head_of(task, rights)


def _decides(task: HumanTask, rights: Rights) -> Standing:
    mine = standing.of(task, rights)
    if mine.why_not is not None:
        raise mine.why_not
    return mine


def _reach(by: User, before: User | None) -> set[int]:
    return {by.pk} if before is None else {by.pk, before.pk}
