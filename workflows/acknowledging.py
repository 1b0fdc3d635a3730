"""Confirming to have read, and chasing who has not. The proof is in the run's history, chained like all of it.

Whom a step asks, and opening it, is `workflows.confirmations`; who has and who has not is `standing`, what waits for a
person `awaiting`.
"""

from datetime import timedelta
from uuid import UUID

from accounts.models import Membership, Role, User
from accounts.refusals import NotFound
from accounts.rights import Action, Rights
from documents.models import Version
from realtime.notices import telling as notifying
from workflows import again, clock, locks, running, timers
from workflows.confirmations import asking, notices
from workflows.confirmations.standing import Standing, awaiting, standing
from workflows.engine.talk import Decided
from workflows.models import Acknowledgement, HumanTask, TaskKind, TaskState, Timer
from workflows.tasks import opening, telling
from workflows.tasks.refusals import NotYours, Superseded

__all__ = ["Standing", "acknowledge", "awaiting", "chase", "register", "standing"]

CONFIRMED, CHASED, CHASE_ENDED = "task_acknowledged", "task_chased", "task_chase_ended"
LONGEST = timedelta(days=60)
"""So long somebody is chased; then the list of who has not confirmed stands as it is."""


def register() -> None:
    """Make the timer known."""
    timers.on(asking.CHASE, chase)


@again.whole
def acknowledge(*, task_id: UUID, by: User, rights: Rights, document_version: int | None = None) -> Acknowledgement:
    """`by` confirms to have read; `document_version` is the one that he looked at. Doing it again changes nothing.

    When enough have, the run goes on. Whoever comes later still confirms. Raises NotFound; NotYours for who is not
    asked; Superseded when there is a newer version.
    """
    task = _held(task_id, rights=rights)
    row = task.acknowledgements.filter(user=by).first() if rights.user_id == by.pk else None
    if row is None or not rights.scope_allows(Action.CONTROL):
        raise NotYours("You are not among those who are asked to confirm this.")
    row.task = task
    if row.acknowledged_at is not None:
        return row
    _refuse_old(task, document_version)
    row.acknowledged_at, row.document_version = clock.now(), task.document_version
    row.save(update_fields=["acknowledged_at", "document_version"])
    confirmed = task.acknowledgements.exclude(acknowledged_at=None).count()
    asked = task.acknowledgements.count()
    telling.record(
        task,
        CONFIRMED,
        by=by,
        document_version=task.document_version,
        sha256=_digest(task),
        shift=row.shift,
        due_at=row.due_at,
        confirmed=confirmed,
        asked=asked,
    )
    if task.is_undecided and confirmed >= task.quorum:
        _go_on(task, by=by, confirmed=confirmed, asked=asked)
    else:
        telling.tell_assigned(task, reason="acknowledged", to={by.pk}, candidates=asked - confirmed)
    return row


def chase(timer: Timer) -> None:
    """Remind everybody who has not confirmed, and after a while the heads of their departments; set the next chase.

    It ends when all have, when the task is replaced or not needed any more, and after sixty days.
    """
    task = _to_chase(timer)
    if task is None:
        return
    now = clock.now()
    rows = list(task.acknowledgements.filter(acknowledged_at=None, user__is_active=True).order_by("user_id"))
    if not rows:
        return
    if now - task.opened_at > LONGEST:
        telling.record(task, CHASE_ENDED, by=None, awaited=[row.user_id for row in rows])
        return
    for row in rows:
        row.chased, row.chased_at = row.chased + 1, now
    Acknowledgement.objects.bulk_update(rows, ["chased", "chased_at"])
    late = [row.user_id for row in rows]
    notifying.notify_many(notices.of_chased(task, to=late))
    heads = _tell_heads(timer, task, late)
    telling.record(task, CHASED, by=None, awaited=late, heads=heads)
    due_at = asking.after(timer.data["every"], now, timer.data["calendar"])
    if due_at is not None:
        data = {key: timer.data.get(key) for key in ("every", "then_head_after", "calendar")}
        timers.set(instance=None, token=None, kind=asking.CHASE, name=task.step, due_at=due_at, data=data, task=task)


def _held(task_id: UUID, *, rights: Rights) -> HumanTask:
    """The task with its run and document, for somebody who sees it. Raises NotFound."""
    task = _locked(task_id)
    if task is None or task.kind != TaskKind.ACKNOWLEDGE:
        raise NotFound
    if not HumanTask.objects.visible_to(rights).filter(pk=task.pk).exists():
        raise NotFound
    return task


def _locked(task_id: UUID) -> HumanTask | None:
    """Locked in the house's order: document, run, task."""
    instance_id = HumanTask.objects.filter(pk=task_id).values_list("instance_id", flat=True).first()
    if instance_id is None:
        return None
    instance = locks.hold([instance_id])[instance_id]
    rows = HumanTask.objects.select_for_update(of=("self",), no_key=True)
    task = rows.select_related("document__newest", "department").get(pk=task_id)
    task.instance = instance
    return task


def _refuse_old(task: HumanTask, looked_at: int | None) -> None:
    newest = task.document.newest.number if task.document and task.document.newest else None
    if task.state == TaskState.SUPERSEDED or (task.is_undecided and opening.is_superseded(task)):
        raise Superseded(
            f"The document has a newer version ({newest})."
            " Read that one; once it is taken in, you are asked to confirm it."
        )
    if looked_at is not None and task.document_version is not None and looked_at != task.document_version:
        raise Superseded(
            f"You looked at version {looked_at}; asked is version {task.document_version}. Read that one, then confirm."
        )


def _digest(task: HumanTask) -> str:
    """The bytes that were confirmed, by their SHA-256; empty without a document."""
    if task.document_id is None or task.document_version is None:
        return ""
    rows = Version.objects.filter(document_id=task.document_id, number=task.document_version)
    return rows.values_list("blob__sha256", flat=True).first() or ""


def _go_on(task: HumanTask, *, by: User, confirmed: int, asked: int) -> None:
    """Enough have confirmed: the task is done and the run hears of it."""
    task.complete()
    task.outcome, task.completed_by, task.completed_at = asking.ACKNOWLEDGED, by, clock.now()
    task.save(update_fields=["state", "outcome", "completed_by", "completed_at"])
    telling.record(task, telling.COMPLETED, by=by, outcome=task.outcome, confirmed=confirmed, asked=asked)
    telling.tell_completed(task, by=by.get_username(), commented=False)
    news = Decided(
        token=task.token,
        outcome=asking.ACKNOWLEDGED,
        by=(by.get_username(),),
        form={"acknowledged": confirmed, "asked": asked},
    )
    running.tell_locked(task.instance, news, by=by)


def _to_chase(timer: Timer) -> HumanTask | None:
    """The task of the timer, locked with its run, while anybody is to be chased."""
    task = None if timer.task_id is None else _locked(timer.task_id)
    if task is None or task.state not in (TaskState.OPEN, TaskState.CLAIMED, TaskState.COMPLETED):
        return None
    if task.document is not None and task.document.binned_at is not None:
        return None
    return None if opening.is_superseded(task) else task


def _tell_heads(timer: Timer, task: HumanTask, late: list[int]) -> list[int]:
    """Once it is time for it: the heads of the departments of those who are late, each with his own people's number."""
    since = asking.after(timer.data.get("then_head_after"), task.opened_at, timer.data["calendar"])
    if since is None or clock.now() < since:
        return []
    behind: dict[int, set[int]] = {}
    places = Membership.objects.filter(user_id__in=late, department__active=True)
    for user_id, department_id in places.values_list("user_id", "department_id"):
        behind.setdefault(department_id, set()).add(user_id)
    heads = Membership.objects.filter(department_id__in=behind, role=Role.HEAD, user__is_active=True)
    own: dict[int, set[int]] = {}
    for user_id, department_id in heads.values_list("user_id", "department_id"):
        own.setdefault(user_id, set()).update(behind[department_id])
    notifying.notify_many(
        [news for pk, of in sorted(own.items()) for news in notices.of_behind(task, to=[pk], still_open=len(of))]
    )
    return sorted(own)
