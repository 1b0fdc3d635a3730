"""The review screen of one task: the question, why it is here, the document, what is new in it, and the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Membership
from accounts.rights import Rights
from documents import looking
from documents.models import Document
from kmrl.pages import (
    confirming,
    differences,
    documents,
    explaining,
    flow_words,
    frame,
    labels,
    ways,
)
from kmrl.pages.due import Due
from kmrl.pages.rows import ready, row_of
from kmrl.pages.task_rows import TaskRow
from workflows import deciding, inbox, presentation
from workflows.deciding import TaskQuerySet
from workflows.models import HumanTask, TaskKind, TaskState
from workflows.tasks import forms
from workflows.tasks.standing import name_of

PEOPLE_SHOWN = 300
USUAL_KEYS = {"approved": "a", "rejected": "r", "returned": "e"}


@dataclass(frozen=True)
class Answer:
    """One outcome as a button; `key` is pressed for it."""

    value: str
    title: str
    key: str
    wants_comment: bool
    tone: str


@dataclass(frozen=True)
class Field:
    """One field of the form, with what was typed before it was refused, else with its default (`suggested`)."""

    name: str
    title: str
    type: str
    required: bool
    choices: list[tuple[str, str]]
    value: str = ""
    wrong: str = ""
    suggested: bool = False


@login_required
@require_safe
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One task, for everybody who sees it; who decides it has the answers."""
    task = found(pk, frame.rights(request))
    if task is None:
        raise Http404
    return page(request, task)


def found(pk: UUID, mine: Rights) -> HumanTask | None:
    """The task with what the screen speaks of, if these rights show it; also to who is asked to read it."""
    tasks = _related(HumanTask.objects.visible_to(mine))
    task = tasks.filter(pk=pk).first()
    if task is None:  # who is asked to confirm sees it where no document hides it
        asked = HumanTask.objects.filter(pk=pk, document=None, acknowledgements__user_id=mine.user_id)
        task = _related(asked).first()
    return task


def page(
    request: HttpRequest,
    task: HumanTask,
    *,
    said: Mapping[str, str] | None = None,
    refused: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The screen; `said` is what was typed and `refused` what it was refused with, for who comes without scripts."""
    mine, said = frame.rights(request), said or {}
    shown, document = presentation.task_as_json(task, mine), _document(task, mine)
    context: dict[str, Any] = {
        "task": task,
        "row": None,
        "shown": shown,
        "can": shown["can"],
        "listed": TaskRow(task, mine),
        "title": flow_words.titled(task),
        "question": flow_words.question(task),
        "workflow": flow_words.titled(task.instance.definition),
        "answers": answers(task),
        "fields": fields(task, said, (refused or {}).get("errors") or {}),
        "comment": said.get("comment", ""),
        "refused": refused,
        "why": explaining.of(task, document, mine),
        "why_not": explaining.why_not(task, shown, mine),
        "newer": _newer(task, mine),
        "voices": ways.voices_of(task),
        "way": next(iter(ways.of_runs([task.instance], mine)), None),
        "around": (inbox.next_after(task, mine), before(task, mine)),
        "people": _people(task, mine) if _is_handed(task, shown["can"]) else [],
        "comments": not mine.auditor and bool(mine.departments or mine.administrator),
        "decided": task.kind == TaskKind.HUMAN and not task.is_undecided,
        "reading": confirming.of(task, mine) if task.kind == TaskKind.ACKNOWLEDGE else None,
        "due": _due(task, mine),
    }
    if document is not None:
        looking.note(document, by=frame.person(request), rights=mine)
        row = row_of(document, mine)
        context |= documents.shown(document, row, mine)
        context["differences"] = differences.of_newest(document)
    return frame.show(request, "tasks/one.html", context, status=status)


def before(task: HumanTask, mine: Rights) -> HumanTask | None:
    """The one that waits before this one in the list; from its begin the last; None when nothing else waits."""
    waiting = list(inbox.waiting_for(mine).exclude(pk=task.pk).order_by().values_list("due_at", "pk")[:200])
    if not waiting:
        return None
    ordered = sorted(waiting, key=_place)
    earlier = [pk for due_at, pk in ordered if _place((due_at, pk)) < _place((task.due_at, task.pk))]
    return HumanTask.objects.filter(pk=(earlier or [ordered[-1][1]])[-1]).first()


def offer(task: HumanTask, code: str, mine: Rights) -> dict[str, str] | None:
    """Where to go instead, when a decision came too late: the task about the newest version, or what was decided."""
    if code == "superseded":
        newer = _newer(task, mine)
        if newer is not None:
            return {"label": _("Open the task about the newest version"), "to": f"/tasks/{newer.pk}/"}
        if task.document_id:
            return {"label": _("Look at the newest version"), "to": f"/documents/{task.document_id}/"}
    if code in ("already_decided", "not_needed", "decided_before"):
        return {"label": _("See what was decided"), "to": f"/tasks/{task.pk}/"}
    return None


def _is_handed(task: HumanTask, can: dict[str, bool]) -> bool:
    """Whether the person may have somebody else decide it; what is to be read everybody reads himself."""
    return task.kind == TaskKind.HUMAN and (can["delegate"] or can["reassign"])


def _place(row: tuple[Any, UUID]) -> tuple[bool, Any, UUID]:
    due_at, pk = row
    return (due_at is None, due_at.timestamp() if due_at else 0, pk)


def _related(tasks: TaskQuerySet) -> TaskQuerySet:
    related = ("document__newest", "instance__definition", "instance__version", "instance__started_by")
    return tasks.select_related(*related, "instance__document", "department", "assignee", "completed_by")


def _document(task: HumanTask, mine: Rights) -> Document | None:
    if task.document_id is None:
        return None
    return ready(Document.objects.visible_to(mine)).filter(pk=task.document_id).first()


def _due(task: HumanTask, mine: Rights) -> Due | None:
    if task.kind == TaskKind.ACKNOWLEDGE:
        own = task.acknowledgements.filter(user_id=mine.user_id, acknowledged_at=None).first()
        return TaskRow(task, mine, reading=own).due if own else None
    return TaskRow(task, mine).due


def _newer(task: HumanTask, mine: Rights) -> HumanTask | None:
    """The task that asks the same about the newest version."""
    if task.state != TaskState.SUPERSEDED:
        return None
    same = HumanTask.objects.visible_to(mine).filter(instance_id=task.instance_id, step=task.step, round__gt=task.round)
    return same.order_by("-round", "-opened_at").first()


def answers(task: HumanTask) -> list[Answer]:
    """The outcomes as buttons, each with its key."""
    taken = {one.get("shortcut") for one in task.outcomes}
    found = []
    for number, one in enumerate(task.outcomes):
        usual = USUAL_KEYS.get(one["key"], "")
        key = one.get("shortcut") or (usual if usual not in taken else "")
        tone = "refuses" if one.get("veto") else "primary" if number == 0 else ""
        found.append(Answer(one["key"], flow_words.titled(one), str(key or ""), one.get("comment") == "required", tone))
    return found


def fields(task: HumanTask, said: Mapping[str, str], wrong: Mapping[str, list[str]]) -> list[Field]:
    """The form, with what was typed and what is wrong with it; before anything was typed, with its defaults."""
    return [
        Field(
            name=f"form.{one['name']}",
            title=flow_words.titled(one),
            type=str(one.get("type") or "text"),
            required=bool(one.get("required")),
            choices=[_choice(choice) for choice in one.get("choices") or []],
            value=said.get(f"form.{one['name']}", "") if said else forms.prefilled(one),
            wrong=" ".join(wrong.get(one["name"], [])),
            suggested=not said and one.get("default") is not None,
        )
        for one in task.form
    ]


def _choice(one: Any) -> tuple[str, str]:
    return (str(one["key"]), flow_words.titled(one)) if isinstance(one, Mapping) else (str(one), str(one))


def _people(task: HumanTask, mine: Rights) -> list[tuple[str, list[tuple[str, str]]]]:
    """Who could be given it (by department: user name, name), its own department first; the core has the last word."""
    barred = set(task.exclusions.values_list("user_id", flat=True)) | {mine.user_id}
    rows = Membership.objects.filter(
        role__in=deciding.DECIDING_ROLES, user__is_active=True, department__active=True
    ).exclude(user_id__in=barred)
    rows = rows.select_related("user", "department").order_by("department__name", "user__first_name", "user__username")
    own = {task.department_id, task.instance.department_id}
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in sorted(rows[:PEOPLE_SHOWN], key=lambda one: one.department_id not in own):
        groups.setdefault(labels.department(row.department), []).append((row.user.get_username(), name_of(row.user)))
    return list(groups.items())
