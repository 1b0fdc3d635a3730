"""A task with its run and document locked, as somebody who sees it wants to change it."""

from uuid import UUID

from accounts import prepared
from accounts.models import User
from accounts.refusals import NotFound
from accounts.rights import Rights, rights_of
from workflows import deciding, locks
from workflows.models import HumanTask, TaskKind, TaskState
from workflows.tasks.refusals import AlreadyDecided, NotNeeded, NotYours, Superseded, Unable
from workflows.tasks.standing import Rows, name_of


def held(task_id: UUID, *, rights: Rights) -> HumanTask:
    """The task, with its run and its document, until the end of the transaction. Raises NotFound for who sees none."""
    found = prepared.rows("SELECT instance_id FROM workflows_humantask WHERE id = %s", [task_id])
    if not found:
        raise NotFound
    instance_id: UUID = found[0][0]
    instance = locks.hold([instance_id]).get(instance_id)
    rows = HumanTask.objects.select_related("document__newest", "department", "assignee", "completed_by")
    task = rows.select_for_update(of=("self",), no_key=True).filter(pk=task_id).first()
    if instance is None or task is None or not HumanTask.objects.visible_to(rights).filter(pk=task_id).exists():
        raise NotFound
    task.instance = instance
    return task


def refuse_decided(task: HumanTask) -> None:
    """Raises AlreadyDecided, Superseded or NotNeeded for a task that asks nobody any more; NotYours for one that is
    confirmed instead of decided."""
    if task.kind != TaskKind.HUMAN:
        raise NotYours("This is confirmed, not decided.")
    if task.is_undecided:
        return
    if task.state == TaskState.SUPERSEDED:
        raise Superseded("A new version of the document has replaced this task. Look at the one that it opened anew.")
    if task.state == TaskState.CANCELLED:
        raise NotNeeded("This task is not needed any more: the workflow has gone on without it, or was stopped.")
    who = name_of(task.completed_by) if task.completed_by else "Somebody"
    raise AlreadyDecided(f"{who} has decided this task already: {title_of(task, task.outcome)}.")


def title_of(task: HumanTask, outcome: str) -> str:
    """The outcome's name for people."""
    for one in task.outcomes:
        if one.get("key") == outcome:
            return str(one.get("title") or outcome)
    return "no majority" if outcome == "no_majority" else outcome


def refuse_unable(task: HumanTask, to: User, rows: Rows) -> None:
    """Raises Unable, with the reason, when this person cannot be given the task."""
    name, rights = name_of(to), rights_of(to)
    if not to.is_active:
        raise Unable(f"{name} is no longer active. Choose somebody else.")
    if to.pk in rows.excluded:
        raise Unable(f"{name} is excluded from this task. Choose somebody else.")
    if not deciding.may_decide_at_all(rights):
        raise Unable(f"{name} decides no tasks: only reviewers and heads of departments do. Choose one of them.")
    document = task.document
    if document is not None and not type(document).objects.visible_to(rights).filter(pk=document.pk).exists():
        raise Unable(f"{name} may not see the document, and so cannot decide about it. Choose somebody who may.")
    if to.pk in rows.given:
        raise Unable(f"{name} has decided this task already. Choose somebody else.")
