"""Why a task is here and asks whom it asks, in sentences; and why somebody has no answer to give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Rights
from documents.models import Document
from kmrl.pages import flow_words, reasons, routes, rule_words, task_rows, ways
from kmrl.pages.rule_words import Saw
from workflows import bodies, context, routed, seen
from workflows.definitions import steps
from workflows.models import HumanTask, TaskKind, TaskState
from workflows.tasks import standing
from workflows.tasks.standing import Rows, name_of


@dataclass(frozen=True)
class Rule:
    """A rule that brought the task here: what it is for, and what it saw; `at`: then, None: as it is now."""

    words: str
    saw: Saw
    at: datetime | None = None


@dataclass(frozen=True)
class Why:
    """Why the task is here and asks this person, in sentences, with the rules that brought it here."""

    reason: str
    rules: list[Rule] = field(default_factory=list)
    asked: str = ""
    excluded: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def of(task: HumanTask, document: Document | None, mine: Rights) -> Why:
    """The rules that brought it here with what they saw, whom it asks, and what makes it this person's."""
    return Why(
        reason=flow_words.reason(task.instance),
        rules=[rule for rule in (_start(task, document), _step(task, document)) if rule is not None],
        asked=ways.asked(task) if task.kind == TaskKind.HUMAN else "",
        excluded=[
            (name_of(one.user), reasons.in_words(one.reason))
            for one in task.exclusions.select_related("user").order_by("pk")
        ],
        said=_how_it_came(task, mine),
    )


def _start(task: HumanTask, document: Document | None) -> Rule | None:
    """The rule by which its workflow began, with what it saw then; values only for who sees the document."""
    reason = task.instance.reason or {}
    when, words = str(reason.get("when") or ""), str(reason.get("words") or "")
    words = "" if words else routes.words_of("", task.instance.definition)
    found = routed.of(task.instance) if document is not None else None
    chosen = next((one for one in found.considered if _is_of(one, task)), None) if found else None
    if found is None or chosen is None:
        return Rule(words, Saw(when=when)) if words or when else None
    return Rule(words, rule_words.kept(chosen), found.at)


def _is_of(rule: Mapping[str, Any], task: HumanTask) -> bool:
    """Whether this is the rule by which the task's workflow began."""
    reason = task.instance.reason or {}
    return (
        rule.get("result") in ("won", "also")
        and rule.get("definition") == task.instance.definition.key
        and rule.get("trigger") == reason.get("index", rule.get("trigger"))
    )


def _step(task: HumanTask, document: Document | None) -> Rule | None:
    """The condition of its own step, with what it would see now: what it saw is not kept."""
    by_id = steps.by_id(bodies.of(task.instance.version_id).data)
    when = str((by_id.get(task.step) or {}).get("when") or "")
    if not when:
        return None
    words = _("“{step}” is asked only where its condition holds.").format(step=flow_words.titled(task))
    if document is None:
        return Rule(words, Saw(when=when))
    state = task.instance.state or {}
    names = {
        "document": context.of_document(document, head=False),
        "instance": context.of_instance(task.instance),
        "vars": state.get("vars", {}),
        "steps": state.get("steps", {}),
    }
    values = {name: held for name, held in seen.by(when, names).items() if not name.startswith("document.head")}
    return Rule(words, Saw(rule_words.rows(values, by_id), when=when))


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
