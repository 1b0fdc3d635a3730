"""What is told and written down about tasks: events to those who see them, entries in their run's history.

The actions of history that begin with `task_` say what people did; they change nothing in a run's state.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from accounts import history
from accounts.history import Deed
from accounts.models import User
from documents.audience import audience_of
from realtime import audiences, events
from realtime.catalogue import Told
from realtime.workflow_events import TaskAssigned, TaskCompleted
from workflows import deeds
from workflows.models import HumanTask, Instance
from workflows.turn import Turn

OPENED = "task_opened"
CLAIMED = "task_claimed"
RELEASED = "task_released"
TAKEN_OVER = "task_taken_over"
DELEGATED = "task_delegated"
REASSIGNED = "task_reassigned"
WIDENED = "task_widened"
COMMENTED = "task_commented"
DECIDED = "task_decided"
COMPLETED = "task_completed"
CANCELLED = "task_cancelled"
SUPERSEDED = "task_superseded"
FOLLOWED_UP = "task_followed_up"
WITHOUT_PEOPLE = "task_without_people"


def record(task: HumanTask, action: str, *, by: User | None, note: str = "", **after: Any) -> None:
    """An entry in the history of the task's run, whose row the caller holds."""
    record_with(None, task, action, by=by, note=note, **after)


def record_with(
    turn: Turn | None, task: HumanTask, action: str, *, by: User | None, note: str = "", **after: Any
) -> None:
    """As `record`, written with the turn in which the run is moved, if it is in one."""
    said = {"task": str(task.pk), "step": task.step, "token": task.token, "round": task.round, **after}
    deed = Deed(deeds.SUBJECT, str(task.instance_id), action, by, {}, said, note)
    if turn is None:
        history.record_many([deed])
    else:
        turn.deeds.append(deed)


def audience(task: HumanTask, instance: Instance, *, to: Collection[int] = ()) -> set[str]:
    """Those who see the task. `to` are people who are asked; of a task with a document they see that anyway."""
    keys = {audiences.workflow(instance.pk), audiences.task(task.pk)}
    if task.document is not None:
        return keys | audience_of(task.document)
    keys |= {audiences.ADMIN, audiences.AUDITORS, *(audiences.user(pk) for pk in to)}
    if instance.department_id is not None:
        keys.add(audiences.department(instance.department_id))
    if instance.started_by_id is not None:
        keys.add(audiences.user(instance.started_by_id))
    return keys


def tell_assigned(
    task: HumanTask, *, reason: str, to: Collection[int], candidates: int, turn: Turn | None = None
) -> None:
    """The event `task.assigned`: somebody is asked, or the task has changed hands."""
    told = TaskAssigned(
        id=str(task.pk),
        workflow=task.instance.definition.key,
        title=task.title,
        assignee=task.assignee.get_username() if task.assignee else None,
        due_at=_iso(task.due_at),
        document=str(task.document_id) if task.document_id else None,
        instance=str(task.instance_id),
        step=task.step,
        candidates=candidates,
        reason=reason,
    )
    _tell(told, audience(task, task.instance, to=to), turn)


def tell_completed(
    task: HumanTask, *, by: str, commented: bool, to: Collection[int] = (), turn: Turn | None = None
) -> None:
    """The event `task.completed`: decided, or closed without (then its outcome says how)."""
    told = TaskCompleted(
        id=str(task.pk),
        workflow=task.instance.definition.key,
        outcome=task.outcome or str(task.state),
        completed_by=by,
        document=str(task.document_id) if task.document_id else None,
        instance=str(task.instance_id),
        step=task.step,
        title=task.title,
        commented=commented,
    )
    _tell(told, audience(task, task.instance, to=to), turn)


def _tell(told: Told, to: Collection[str], turn: Turn | None) -> None:
    """At once, or with the turn where there is one."""
    if turn is None:
        events.tell(told, to=to)
    else:
        turn.told_besides.append((told, to))


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
