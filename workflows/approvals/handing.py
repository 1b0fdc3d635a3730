"""Handing a task on: who decides it asks another instead, or the head of its department gives it to somebody."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.rights import Rights
from workflows.approvals.claiming import assign, may_reassign
from workflows.approvals.holding import held, refuse_decided, refuse_unable
from workflows.models import Candidate, HumanTask
from workflows.tasks import asking, showing, standing, telling
from workflows.tasks.refusals import NotYours, Unable
from workflows.tasks.standing import Rows, name_of

DELEGATED, REASSIGNED = "delegated", "reassigned"


@transaction.atomic
def delegate(*, task_id: UUID, to: User, by: User, rights: Rights, comment: str = "", door: str = "page") -> HumanTask:
    """`to` decides in `by`'s stead (`for_user`), and has the task when one decides it.

    Raises NotFound, NotYours and its kinds (also when the step forbids it), ClaimedByOther, Unable, AlreadyDecided and
    its like.
    """
    task = held(task_id, rights=rights)
    refuse_decided(task)
    rows = Rows.of(task)
    mine = standing.of(task, rights, rows=rows)
    if mine.why_not is not None:
        raise mine.why_not
    if not task.may_delegate:
        raise NotYours("This task is not to be handed on. Decide it, or ask the head of the department.")
    standing.refuse_taken(task, mine)
    if to.pk == by.pk:
        raise Unable("That is yourself.")
    refuse_unable(task, to, rows)
    _refuse_second_voice(task, to, rows)
    voice = mine.for_user_id or by.pk
    Candidate.objects.filter(task=task, for_user_id=voice, origin=DELEGATED).delete()  # one at a time has the voice
    Candidate.objects.create(task=task, user=to, origin=DELEGATED, for_user_id=voice)
    _hand_over(task, to)
    telling.record(task, telling.DELEGATED, by=by, note=comment.strip(), to=to.get_username(), door=door)
    asking.tell(task, to={to.pk}, reason=DELEGATED, candidates=1)
    return task


@transaction.atomic
def reassign(
    *,
    task_id: UUID,
    to: User,
    by: User,
    rights: Rights,
    instead_of: User | None = None,
    comment: str = "",
    door: str = "page",
) -> HumanTask:
    """The head of the task's department, or an administrator, gives it to `to`, who has it when one decides it.

    `instead_of` is asked no more (where several decide: a voice that would not come). A document that `to` does not
    see yet is shown to him: by an administrator, or by the head of a department that he is in. Raises NotFound,
    NotYours, Unable, AlreadyDecided and its like.
    """
    task = held(task_id, rights=rights)
    refuse_decided(task)
    if not may_reassign(task, rights):
        raise NotYours("Only the head of the task's department, or an administrator, gives it to somebody else.")
    rows = Rows.of(task)
    shown = showing.show_to(task, to, by=by, rights=rights)
    refuse_unable(task, to, rows)
    if instead_of is None:
        _refuse_second_voice(task, to, rows)
    else:
        Candidate.objects.filter(task=task, user=instead_of).delete()
        Candidate.objects.filter(task=task, for_user=instead_of).delete()
    if not any(row.user_id == to.pk and row.for_user_id is None for row in rows.candidates):
        Candidate.objects.create(task=task, user=to, origin=REASSIGNED)
    _hand_over(task, to)
    asking.look_again(task)
    more: dict[str, object] = {"instead_of": instead_of.get_username()} if instead_of else {}
    if shown:
        more["shown"] = True
    telling.record(task, telling.REASSIGNED, by=by, note=comment.strip(), to=to.get_username(), door=door, **more)
    asking.tell(task, to={to.pk}, reason=REASSIGNED, candidates=1)
    return task


def _hand_over(task: HumanTask, to: User) -> None:
    """Where one decides, he has it; where several do, he is one more who is asked."""
    if task.quorum == 1:
        assign(task, to)


def _refuse_second_voice(task: HumanTask, to: User, rows: Rows) -> None:
    """Raises Unable where several decide and this person is one of them: nobody has two voices."""
    if task.quorum != 1 and any(row.user_id == to.pk for row in rows.candidates):
        raise Unable(f"{name_of(to)} is asked already. Choose somebody else.")
