"""Tasks as the lists show them: what is asked about which document, why it is mine, when it is due, who has it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.rights import Rights
from jobs.models import Priority
from kmrl.pages import due, flow_words, labels, rows
from kmrl.pages.due import Due
from workflows import acknowledging
from workflows.deciding import TaskQuerySet
from workflows.models import Acknowledgement, Candidate, Decision, HumanTask, TaskKind, TaskState
from workflows.tasks.standing import name_of

HANDED = {"delegated", "reassigned", "escalated", "fallback"}


@dataclass(frozen=True)
class TaskRow:
    """`mine`: it waits for the person who looks. `decision` and `reading` are there in the lists of what was decided,
    and of what is to be read."""

    task: HumanTask
    rights: Rights
    mine: bool = False
    handed: str = ""
    decision: Decision | None = None
    reading: Acknowledgement | None = None

    @property
    def title(self) -> str:
        return flow_words.titled(self.task)

    @property
    def paper(self) -> rows.Row | None:
        """Its document as a row of the documents list: picture, kind, reference."""
        return rows.Row(self.task.document, None, self.rights) if self.task.document else None

    @property
    def workflow(self) -> str:
        return flow_words.titled(self.task.instance.definition)

    @property
    def why(self) -> str:
        """From whom it comes: who handed it on, else what started the workflow."""
        return self.handed or flow_words.reason(self.task.instance)

    @property
    def due(self) -> Due | None:
        if self.reading is not None:
            at = self.reading.due_at
            return due.between(self.task.opened_at, at) if at else None
        return due.of_task(self.task) if self.task.is_undecided else None

    @property
    def urgent(self) -> str:
        """The priority's name where it is not the usual one."""
        if self.task.priority == Priority.NORMAL:
            return ""
        return labels.priority(Priority(self.task.priority).label)

    @property
    def presses(self) -> bool:
        return self.task.priority in (Priority.EMERGENCY, Priority.HIGH)

    @property
    def state(self) -> str:
        task = self.task
        if self.decision is not None:
            return flow_words.outcome(self.decision.outcome, task.outcomes)
        if task.kind == TaskKind.ACKNOWLEDGE:
            return _("to read and confirm")
        if task.state != TaskState.CLAIMED or task.assignee is None:
            return ""
        if task.assignee_id == self.rights.user_id:
            return _("taken by you")
        return _("taken by {name}").format(name=name_of(task.assignee))

    @property
    def bulk(self) -> list[dict[str, Any]]:
        """The outcomes by which it can be decided together with others: those for which no form has to be filled in."""
        if not self.mine or self.task.kind != TaskKind.HUMAN:
            return []
        asks = any(field.get("required") for field in self.task.form)
        return [
            {"key": one["key"], "title": flow_words.titled(one), "comment": one.get("comment") == "required"}
            for one in self.task.outcomes
            if one.get("veto") or not asks
        ]

    @property
    def bulk_json(self) -> str:
        return json.dumps(self.bulk)

    @property
    def order(self) -> str:
        """Sorts rows as the list does: due first, then as they were opened."""
        at = self.reading.due_at if self.reading else self.task.due_at
        return f"{at.isoformat() if at else '~'} {self.task.pk}"


def ready(tasks: TaskQuerySet) -> TaskQuerySet:
    """`tasks` of `inbox` with what a row shows beside."""
    return tasks.select_related("document__newest", "document__readable").prefetch_related("instance__started_by")


def rows_of(tasks: Iterable[HumanTask], rights: Rights) -> list[TaskRow]:
    """Two queries for all of them: which are mine, and who handed me some."""
    tasks = list(tasks)
    ids = [task.pk for task in tasks]
    decidable = HumanTask.objects.decidable_by(rights).filter(pk__in=ids) if ids else HumanTask.objects.none()
    mine, handed = set(decidable.values_list("pk", flat=True)), _handed(ids, rights)
    return [TaskRow(task, rights, task.pk in mine, handed.get(task.pk, "")) for task in tasks]


def of_decisions(decisions: Iterable[Decision], rights: Rights) -> list[TaskRow]:
    return [TaskRow(one.task, rights, decision=one) for one in decisions]


def readings(rights: Rights) -> QuerySet[Acknowledgement]:
    """What is to be read and confirmed, with what a row shows."""
    return acknowledging.awaiting(rights).select_related(
        "task__document__newest", "task__document__readable", "task__instance__definition", "task__instance__started_by"
    )


def of_readings(readings: Iterable[Acknowledgement], rights: Rights) -> list[TaskRow]:
    return [TaskRow(one.task, rights, True, reading=one) for one in readings]


def _handed(ids: Sequence[UUID], rights: Rights) -> dict[UUID, str]:
    if not ids:
        return {}
    found = Candidate.objects.filter(task__in=ids, user_id=rights.user_id, origin__in=HANDED)
    return {one.task_id: how_handed(one) for one in found.select_related("for_user").order_by("pk")}


def how_handed(one: Candidate) -> str:
    """Why somebody is asked beside those whom the definition names."""
    if one.origin == "delegated" and one.for_user is not None:
        return _("{name} handed it on to you.").format(name=name_of(one.for_user))
    if one.origin == "reassigned":
        return _("It was given to you.")
    if one.origin == "escalated":
        return _("It was not decided in time, so you are asked too.")
    if one.origin == "fallback":
        return _("Too few of those who should decide can, so you are asked too.")
    return ""
