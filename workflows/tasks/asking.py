"""Having people asked: notices, events and mail for whoever can decide; and what happens when too few can."""

from collections.abc import Collection, Sequence

from django.db.models import Q

from accounts.models import Department, Role, User
from realtime.notices import telling as notifying
from workflows import notices
from workflows.models import Candidate, HumanTask
from workflows.tasks import letters, people, quorum, telling
from workflows.tasks.people import Able
from workflows.turn import Turn

FALLBACK = "fallback"


def tell(task: HumanTask, *, to: Collection[int], reason: str, candidates: int, turn: Turn | None = None) -> None:
    """Notify these people, tell the event, and have them mailed where the task says so; with the turn, if there is."""
    if turn is None:
        notifying.notify_many(notices.of_assigned(task, to=to))
    else:
        turn.notices += notices.of_assigned(task, to=to)
    telling.tell_assigned(task, reason=reason, to=to, candidates=candidates, turn=turn)
    if task.mail:
        letters.order(task, to=to)


def is_enough(task: HumanTask, able: Able) -> bool:
    """Whether those who can decide can bring about an outcome."""
    needed = 1 if task.quorum == quorum.ALL else task.quorum
    return bool(able.deciders) and len(able.voices) >= needed


def fall_back(
    task: HumanTask, rows: Sequence[Candidate], *, excluded: Collection[int], turn: Turn | None = None
) -> list[Candidate]:
    """Candidate rows for the heads of the task's and its run's department, beside those that are there."""
    wanted = {pk for pk in (task.department_id, task.instance.department_id) if pk is not None}
    there = {row.department_id for row in rows if row.user_id is None and str(Role.HEAD) in row.roles}
    missing = sorted(wanted - there)
    departments = (turn or Turn()).once(
        ("departments", *missing),
        lambda: list(Department.objects.filter(pk__in=missing, active=True).order_by("pk")),
    )
    return [
        Candidate(task=task, department=department, roles=[str(Role.HEAD)], origin=FALLBACK)
        for department in departments
    ]


def warn(task: HumanTask, *, able: Able, unknown: Sequence[str], now: Able, turn: Turn | None = None) -> None:
    """Too few could decide: history and those who run the house are told why, and who is asked instead."""
    why = [*unknown]
    if able.blind:
        names = User.objects.filter(Q(pk__in=able.blind)).order_by("username").values_list("username", flat=True)
        why.append(f"Those who may not see the document do not decide: {', '.join(names[:10])}.")
    if not why:
        why.append("Everybody who is named is excluded, absent without a deputy, or in no role that decides.")
    if not now.deciders:
        why.append("Nobody decides it until it is given to somebody.")
    elif set(now.deciders) != set(able.deciders):
        why.append("The heads of the department are asked instead.")
    said = " ".join(why)
    telling.record_with(
        turn,
        task,
        telling.WITHOUT_PEOPLE,
        by=None,
        note=said,
        able=len(able.deciders),
        quorum=task.quorum,
        asked=sorted(now.deciders),
    )
    if turn is None:
        notifying.notify_many(notices.of_nobody(task, detail=said, to=notifying.administrators()))
    else:
        to = turn.once("administrators", notifying.administrators)
        turn.notices += notices.of_nobody(task, detail=said, to=to)


def look_again(task: HumanTask) -> None:
    """Others are asked now: should they be lost too, those who run the house are told anew."""
    if task.unattended:
        task.unattended = False
        task.save(update_fields=["unattended"])


def deciders(task: HumanTask) -> Able:
    """Who can decide an undecided task now."""
    excluded = set(task.exclusions.values_list("user_id", flat=True))
    return people.able(list(task.candidates.all()), excluded=excluded, document=task.document)
