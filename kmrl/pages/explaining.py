"""Why a task is here and asks whom it asks, in sentences; and why somebody has no answer to give."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Rights
from documents.models import Document
from kmrl.pages import flow_words, reasons, routes, task_rows, ways
from workflows import bodies
from workflows.definitions import steps
from workflows.models import HumanTask, TaskKind, TaskState
from workflows.tasks import standing
from workflows.tasks.standing import Rows, name_of


@dataclass(frozen=True)
class Why:
    """Why the task is here and asks this person, in sentences; `rules` are (what for, condition)."""

    reason: str
    rules: list[tuple[str, str]] = field(default_factory=list)
    values: list[tuple[str, str]] = field(default_factory=list)
    asked: str = ""
    excluded: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def of(task: HumanTask, document: Document | None, mine: Rights) -> Why:
    """The rules that brought it here, the values that they look at, whom it asks, and what makes it this person's."""
    rule = str((task.instance.reason or {}).get("when") or "")
    step = steps.by_id(bodies.of(task.instance.version_id).data).get(task.step) or {}
    rules = [(_("The workflow starts when"), rule)] if rule else []
    rules += [(_("This step is taken when"), str(step["when"]))] if step.get("when") else []
    values: list[tuple[str, str]] = []
    if document is not None and rules:
        values = flow_words.values_in(" ".join(text for _for, text in rules), routes.seen_of(document))
    return Why(
        reason=flow_words.reason(task.instance),
        rules=rules,
        values=values,
        asked=ways.asked(task) if task.kind == TaskKind.HUMAN else "",
        excluded=[
            (name_of(one.user), reasons.in_words(one.reason))
            for one in task.exclusions.select_related("user").order_by("pk")
        ],
        said=_how_it_came(task, mine),
    )


def _how_it_came(task: HumanTask, mine: Rights) -> list[str]:
    """What makes it this person's, beside the definition: handed on, escalated, standing in for somebody."""
    said = []
    if task.round > 1:
        said.append(_("It is asked for the {n}th time in this workflow.").format(n=task.round))
    rows = Rows.of(task)
    said += [words for one in rows.candidates if one.user_id == mine.user_id and (words := task_rows.how_handed(one))]
    mine_is = standing.of(task, mine, rows=rows)
    if mine_is.decides and task.is_undecided and mine_is.for_user_id:
        absent = User.objects.filter(pk=mine_is.for_user_id).first()
        if absent is not None:
            said.append(_("You decide for {name}.").format(name=name_of(absent)))
    if task.quorum != 1 and task.kind == TaskKind.HUMAN:
        wanted = _("all who are named") if task.quorum == 0 else str(task.quorum)
        said.append(_("Equal decisions that are needed: {n}.").format(n=wanted))
    return said


def why_not(task: HumanTask, shown: dict[str, Any], mine: Rights) -> str:
    """Why the person has no answers to give, in a sentence."""
    if task.kind != TaskKind.HUMAN or shown["can"]["decide"]:
        return ""
    if task.state == TaskState.COMPLETED:
        who = flow_words.person(task.completed_by) or _("Somebody")
        return _("{who} decided it: {outcome}.").format(
            who=who, outcome=flow_words.outcome(task.outcome, task.outcomes)
        )
    if not task.is_undecided:
        return f"{flow_words.TASKS[TaskState(task.state)]}."
    if standing.holds(task) and task.assignee_id != mine.user_id and not shown["why_not"]:
        return _("{name} has taken this task.").format(name=flow_words.person(task.assignee))
    return reasons.in_words(shown["why_not"] or "")
