"""Asking everybody whom an `acknowledge` step names to confirm to have read. In the transaction of the run's move."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any

from accounts import writing
from accounts.models import User
from accounts.refusals import Refusal
from accounts.rights import Action
from documents import sharing
from documents.models import Access, Document, Status
from realtime.notices import telling as notifying
from workflows import bodies, calendars, clock, durations, timers
from workflows.confirmations import notices, shifts
from workflows.models import Acknowledgement, HumanTask, Instance, TaskKind
from workflows.notices import of_nobody
from workflows.tasks import people, showing, telling
from workflows.tasks.people import Named

CHASE = "chase"
"""The kind of timer that reminds who has not confirmed (`workflows.acknowledging`)."""
ACKNOWLEDGED = "acknowledged"


class NobodyToAsk(Refusal):
    """Whom the step names is nobody; the token has an incident."""

    code, title = "nobody_to_ask", "There is nobody to confirm this"


def open(
    *,
    instance: Instance,
    token: int,
    step: Mapping[str, Any],
    round: int,
    values: Mapping[str, Any],
    by: User | None,
) -> HumanTask:
    """A task with one row for everybody whom the step names now, and their notices; the first chase is set.

    By shift each is due when his next one begins. The task's `quorum` is how many have to confirm before the run goes
    on. The caller holds the run. Raises NobodyToAsk, NotFound and NeverOpen.
    """
    named = people.read(values.get("people") or [], instance=instance)
    asked = people.everybody(named)
    if not asked:
        why = " ".join(named.unknown) or "The departments that it names have nobody in these roles."
        raise NobodyToAsk(f"This step asks nobody to confirm. {why} Name others, or skip the step.")
    task = _task(instance, token, step, round, named, len(asked))
    showing.show(task, named, by=by)
    rows = _rows(task, asked, by_shift=bool(step.get("by_shift", True)))
    if task.due_at is None:
        task.due_at = max((row.due_at for row in rows if row.due_at is not None), default=None)
    task.save(force_insert=True)
    writing.insert(rows)
    _chase(task, step)
    _tell(task, step, asked, by)
    _warn_of_blind(task, asked, named.unknown)
    return task


def after(text: str | None, start: datetime, calendar: str) -> datetime | None:
    """When a duration text from `start` is over, in the calendar of that key where it says working."""
    if not text:
        return None
    duration = durations.read(text)
    return calendars.add(duration, start, calendars.named(calendar) if duration.working else None)


def needed(share: float, asked: int) -> int:
    """How many of the asked are that share, at least one."""
    return max(1, ceil(round(share * asked, 6)))


def blind(task: HumanTask, user_ids: Collection[int]) -> list[int]:
    """Those of these people who may not see the task's document, and so cannot read what they should confirm."""
    document = task.document
    if document is None:
        return []
    through = Document.people.through.objects.filter(document_id=document.pk, user_id__in=user_ids)
    named = set(through.values_list("user_id", flat=True)) if document.access == Access.RESTRICTED else set()
    reached = sharing.reached(document, user_ids)
    return [
        pk
        for pk, rights in people.rights_of_many(user_ids).items()
        if not rights.may(
            Action.SEE,
            department_id=document.department_id,
            uploaded_by_id=document.uploaded_by_id,
            restricted=document.access == Access.RESTRICTED,
            named=pk in named,
            shared=pk in reached,
            quarantined=document.status == Status.QUARANTINED,
        )
    ]


def _task(
    instance: Instance,
    token: int,
    step: Mapping[str, Any],
    round: int,
    named: Named,
    asked: int,
) -> HumanTask:
    document, now = instance.document, clock.now()
    return HumanTask(
        instance=instance,
        token=token,
        step=step["id"],
        round=round,
        kind=TaskKind.ACKNOWLEDGE,
        title=str(step.get("title") or str(step["id"]).replace("_", " ").capitalize())[:200],
        title_ml=str(step.get("title_ml") or "")[:200],
        question=step.get("question") or "",
        question_ml=step.get("question_ml") or "",
        document=document,
        document_version=document.newest.number if document and document.newest else None,
        department=named.roles[0][0] if named.roles else instance.department,
        priority=instance.priority,
        quorum=needed(float(step.get("share") or 1.0), asked),
        may_delegate=False,
        opened_at=now,
        due_at=after(step.get("due") or (step.get("sla") or {}).get("target"), now, _calendar(step, instance)),
    )


def _tell(task: HumanTask, step: Mapping[str, Any], asked: Sequence[User], by: User | None) -> None:
    """History, event and notices: these are asked."""
    telling.record(
        task,
        telling.OPENED,
        by=by,
        title=task.title,
        people=[user.get_username() for user in asked],
        share=step.get("share"),
        needed=task.quorum,
        due_at=task.due_at,
        document_version=task.document_version,
    )
    to = [user.pk for user in asked]
    telling.tell_assigned(task, reason="opened", to=to, candidates=len(to))
    notifying.notify_many(notices.of_asked(task, to=to))


def _rows(task: HumanTask, asked: Sequence[User], *, by_shift: bool) -> list[Acknowledgement]:
    """One each; by shift due when the next one begins, else when the task is."""
    coming = shifts.next_of([user.pk for user in asked], after=task.opened_at) if by_shift else {}
    return [
        Acknowledgement(
            task=task,
            user=user,
            shift=coming[user.pk].shift if user.pk in coming else "",
            due_at=coming[user.pk].begins if user.pk in coming else task.due_at,
        )
        for user in asked
    ]


def _chase(task: HumanTask, step: Mapping[str, Any]) -> None:
    """The timer has no run: who has not confirmed is chased also when the run has gone on."""
    chase = step.get("chase")
    if not chase:
        return
    data = {
        "every": chase["every"],
        "then_head_after": chase.get("then_head_after"),
        "calendar": _calendar(step, task.instance),
    }
    due_at = after(chase["every"], task.opened_at, data["calendar"])
    if due_at is not None:
        timers.set(instance=None, token=None, kind=CHASE, name=task.step, due_at=due_at, data=data, task=task)


def _calendar(step: Mapping[str, Any], instance: Instance) -> str:
    """The key of the calendar that its working time is counted in: its own deadline's, else the run's."""
    return str((step.get("sla") or {}).get("calendar") or bodies.of(instance.version_id).calendar)


def _warn_of_blind(task: HumanTask, asked: Sequence[User], unknown: Sequence[str]) -> None:
    """Those who run the house are told of people who are asked and may not look."""
    unable = set(blind(task, [user.pk for user in asked]))
    if not unable and not unknown:
        return
    said = list(unknown)
    if unable:
        names = sorted(user.get_username() for user in asked if user.pk in unable)
        shown = ", ".join(names[:10]) + (" and others" if len(names) > 10 else "")
        said.append(
            f"{len(names)} of those who are to confirm may not see the document: {shown}."
            " Give it to their department, or name them on it."
        )
    sentence = " ".join(said)
    telling.record(task, telling.WITHOUT_PEOPLE, by=None, note=sentence, blind=sorted(unable))
    notifying.notify_many(of_nobody(task, detail=sentence, to=notifying.administrators()))
