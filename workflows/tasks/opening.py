"""Opening a human task at a token, and closing one that is not needed. In the transaction of the run's move."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import Department, User
from workflows import bodies, calendars, clock, durations, timers
from workflows.models import UNDECIDED, Candidate, Exclusion, HumanTask, Instance
from workflows.tasks import asking, people, prefilling, quorum, showing, telling
from workflows.tasks.people import Named
from workflows.turn import Turn

FOLLOW_UP = "follow_up"
"""The kind of timer that reminds whoever has a task (`workflows.tasks.following`)."""
SUPERSEDED = "superseded"


def open(
    *,
    instance: Instance,
    token: int,
    step: Mapping[str, Any],
    round: int,
    values: Mapping[str, Any],
    by: User | None,
    turn: Turn,
) -> HumanTask:
    """Ask the people whom the step names. The caller holds the run; the task, what is told and what is recorded are
    written with the turn in which he moves it.

    When too few of them can decide, the heads of the department are asked too, and those who run the house are told.
    Raises NotFound and NeverOpen of the calendar that its due date is counted in.
    """
    named = people.read(values.get("candidates") or [], instance=instance)
    task = _task(instance, token, step, round, named)
    task.form, left_empty = prefilling.of(task.form, values.get("defaults") or {})
    showing.show(task, named, by=by)
    excluded = _exclusions(task, values.get("exclude") or [])
    rows = [
        *(Candidate(task=task, user=user) for pk, user in named.users.items() if pk not in excluded),
        *(Candidate(task=task, department=place, roles=roles) for place, roles in named.roles),
    ]
    able = now = people.able(rows, excluded=excluded, document=task.document, turn=turn)
    enough = asking.is_enough(task, able)
    if not enough and (more := asking.fall_back(task, rows, excluded=set(excluded), turn=turn)):
        rows += more
        now = people.able(rows, excluded=excluded, document=task.document, turn=turn)
    task.unattended = not asking.is_enough(task, now)
    _write(turn, task, rows, list(excluded.values()))
    said: dict[str, Any] = {"left_empty": left_empty} if left_empty else {}
    telling.record_with(
        turn,
        task,
        telling.OPENED,
        by=by,
        title=task.title,
        candidates=[_words(row) for row in rows],
        excluded=[row.reason for row in excluded.values()],
        quorum="all" if task.quorum == quorum.ALL else task.quorum,
        due_at=task.due_at,
        document_version=task.document_version,
        **said,
    )
    if not enough:
        asking.warn(task, able=able, unknown=named.unknown, now=now, turn=turn)
    asking.tell(task, to=set(now.deciders), reason="opened", candidates=len(now.deciders), turn=turn)
    return task


def close(*, instance: Instance, token: int, reason: str = "") -> HumanTask | None:
    """The token's undecided task is not needed any more; None when there is none. The caller holds the run.

    It is superseded when its document has a newer version (or `reason` is "superseded"), else cancelled.
    """
    found = HumanTask.objects.select_for_update(of=("self",)).select_related("document__newest", "assignee")
    task = found.filter(instance=instance, token=token, state__in=UNDECIDED).first()
    if task is None:
        return None
    task.instance = instance
    superseded = reason == SUPERSEDED or is_superseded(task)
    task.supersede() if superseded else task.close()
    task.completed_at = clock.now()
    task.save(update_fields=["state", "completed_at"])
    settle(task)
    note = "The document has a newer version." if superseded else reason
    telling.record(task, telling.SUPERSEDED if superseded else telling.CANCELLED, by=None, note=note)
    telling.tell_completed(task, by="", commented=False)
    return task


def settle(task: HumanTask) -> None:
    """Nobody is asked any more: its candidates leave the lists of what waits, nobody is reminded."""
    task.candidates.update(open=False)
    if task.follow_up_at is not None:
        timers.drop(instance=task.instance, token=task.token, kind=FOLLOW_UP)


def is_superseded(task: HumanTask) -> bool:
    """Whether its document has a newer version than the one that it asks about."""
    newest = task.document.newest if task.document else None
    return bool(task.bound_to_version and newest and newest.number != task.document_version)


def _task(
    instance: Instance,
    token: int,
    step: Mapping[str, Any],
    round: int,
    named: Named,
) -> HumanTask:
    now = clock.now()
    document = instance.document
    calendar = str((step.get("sla") or {}).get("calendar") or bodies.of(instance.version_id).calendar)
    times = [_after(text, now, calendar) for text in (step.get("due"), (step.get("sla") or {}).get("target"))]
    due_at = min((one for one in times if one is not None), default=None)
    wanted = step.get("quorum") or 1
    return HumanTask(
        instance=instance,
        token=token,
        step=step["id"],
        round=round,
        title=str(step.get("title") or str(step["id"]).replace("_", " ").capitalize())[:200],
        title_ml=str(step.get("title_ml") or "")[:200],
        question=step.get("question") or "",
        question_ml=step.get("question_ml") or "",
        document=document,
        document_version=document.newest.number if document and document.newest else None,
        bound_to_version=bool(step.get("bound_to_version", True)),
        department=_department(instance, named),
        priority=instance.priority,
        outcomes=step.get("outcomes") or [],
        form=step.get("form") or [],
        quorum=quorum.ALL if wanted == "all" else int(wanted),
        may_delegate=bool(step.get("delegate", True)),
        mail=bool(step.get("mail", False)),
        opened_at=now,
        due_at=due_at,
        follow_up_at=_after(step.get("follow_up"), now, calendar),
    )


def _department(instance: Instance, named: Named) -> Department | None:
    """Whose head looks after it: the first department that is asked; else the run's."""
    return named.roles[0][0] if named.roles else instance.department


def _after(text: str | None, start: datetime, calendar: str) -> datetime | None:
    if not text:
        return None
    duration = durations.read(text)
    return calendars.add(duration, start, calendars.named(calendar) if duration.working else None)


def _exclusions(task: HumanTask, entries: Iterable[Mapping[str, Any]]) -> dict[int, Exclusion]:
    """Who never decides it, with the reason; the first that applies."""
    found: dict[int, Exclusion] = {}
    for entry in entries:
        for user in _excluded(task.instance, entry):
            found.setdefault(user.pk, Exclusion(task=task, user=user, reason=_why(task.instance, entry)[:120]))
    return found


def _excluded(instance: Instance, entry: Mapping[str, Any]) -> list[User]:
    named = people.read([entry], instance=instance, inactive=True)
    return [*named.users.values(), *(people.everybody(named) if named.roles else [])]


def _why(instance: Instance, entry: Mapping[str, Any]) -> str:
    if entry.get("uploader"):
        return "Who sent the document does not decide about it."
    if "decided" in entry:
        return "Who decided an earlier step does not decide this one: four eyes are wanted."
    return "The workflow keeps this person out of this step."


def _write(turn: Turn, task: HumanTask, rows: list[Candidate], exclusions: list[Exclusion]) -> None:
    """With the turn: each table once for all of its tasks."""
    turn.tasks.append(task)
    turn.candidates += rows
    turn.exclusions += exclusions
    if task.follow_up_at is not None:
        turn.timers.append(
            timers.draft(
                instance=task.instance,
                token=task.token,
                kind=FOLLOW_UP,
                name=task.step,
                due_at=task.follow_up_at,
                task=task,
            )
        )


def _words(row: Candidate) -> str:
    if row.user is not None:
        return row.user.get_username()
    place = row.department.key if row.department else ""
    return f"{' or '.join(row.roles)} of {place}"
