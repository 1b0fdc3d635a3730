"""The words of the staff pages for workflows: steps, states, outcomes, and why something went where it went."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import User
from kmrl.pages import beginnings
from workflows.definitions.steps import KINDS
from workflows.drawing import words as drawn
from workflows.models import Definition, HumanTask, Instance, InstanceStatus, TaskState
from workflows.tasks.standing import name_of

STATUSES = {
    InstanceStatus.RUNNING: gettext_lazy("Running"),
    InstanceStatus.PAUSED: gettext_lazy("Paused"),
    InstanceStatus.INCIDENT: gettext_lazy("Stopped at an incident"),
    InstanceStatus.FINISHED: gettext_lazy("Finished"),
    InstanceStatus.CANCELLED: gettext_lazy("Cancelled"),
}
TONES = {
    InstanceStatus.RUNNING: "processing",
    InstanceStatus.PAUSED: "attention",
    InstanceStatus.INCIDENT: "failed",
    InstanceStatus.FINISHED: "processed",
    InstanceStatus.CANCELLED: "cancelled",
}
ICONS = {
    InstanceStatus.RUNNING: "flow",
    InstanceStatus.PAUSED: "paused",
    InstanceStatus.INCIDENT: "failed",
    InstanceStatus.FINISHED: "done",
    InstanceStatus.CANCELLED: "cancelled",
}
TASKS = {
    TaskState.OPEN: capfirst(gettext_lazy("open")),  # “Open” is what buttons say
    TaskState.CLAIMED: gettext_lazy("Taken"),
    TaskState.COMPLETED: gettext_lazy("Decided"),
    TaskState.CANCELLED: gettext_lazy("Not needed any more"),
    TaskState.SUPERSEDED: gettext_lazy("Replaced by a new version"),
}
OUTCOMES = {
    "done": gettext_lazy("done"),
    "approved": gettext_lazy("approved"),
    "rejected": gettext_lazy("rejected"),
    "returned": gettext_lazy("returned"),
    "acknowledged": gettext_lazy("read and confirmed"),
    "timeout": gettext_lazy("not in time"),
    "error": gettext_lazy("failed, and went another way"),
    "skipped": gettext_lazy("skipped"),
    "exhausted": gettext_lazy("as often as it may be repeated"),
    "no_majority": gettext_lazy("no majority"),
    "cancelled": gettext_lazy("cancelled"),
    "superseded": gettext_lazy("replaced by a new version"),
}
TRIGGERS = {
    "document.processed": gettext_lazy("The document was read"),
    "document.failed": gettext_lazy("The document could not be read"),
    "document.version": gettext_lazy("The document got a new version"),
    "document.corrected": gettext_lazy("The document was corrected"),
    "schedule": gettext_lazy("It was time for it"),
    "api": gettext_lazy("Another system started it"),
    "manual": gettext_lazy("Started by hand"),
    "subflow": gettext_lazy("Another workflow called it"),
}
RESULTS = {
    "won": gettext_lazy("chosen"),
    "also": gettext_lazy("started besides"),
    "outranked": gettext_lazy("matched too, but comes after"),
    "running": gettext_lazy("runs on it already"),
    "no": gettext_lazy("does not match"),
    "matches": gettext_lazy("matches"),
    "error": gettext_lazy("could not be looked at"),
    "refused": gettext_lazy("could not be started"),
}
FOUND = ("shown", "date", "reference", "words")
"""Of what service steps give (`workflows.actions`), what people read."""


def malayalam() -> bool:
    return (get_language() or "").startswith("ml")


def titled(thing: Definition | HumanTask | Mapping[str, Any]) -> str:
    """The title of a definition, task, outcome, field or step, in the language of the page where it has one."""
    if isinstance(thing, Mapping):
        own = (thing.get("title_ml") if malayalam() else "") or thing.get("title")
        return str(own or _spoken(str(thing.get("key") or thing.get("name") or thing.get("id") or "")))
    return (thing.title_ml if malayalam() else "") or thing.title


def question(task: HumanTask) -> str:
    return (task.question_ml if malayalam() else "") or task.question


def step_title(step: Mapping[str, Any] | None, key: str) -> str:
    """A step's title; that of its key where the definition has no such step any more."""
    return titled(step) if step else _spoken(key)


def kind(name: str) -> str:
    """What a kind of step is called; as the drawing says it."""
    return drawn.kind(name) if name in KINDS else _spoken(name)


def outcome(key: str, outcomes: Sequence[Mapping[str, Any]] = ()) -> str:
    """An outcome's name: the task's own where it has one, else one of those that everybody knows."""
    for one in outcomes:
        if one.get("key") == key:
            return titled(one)
    return str(OUTCOMES.get(key, _spoken(key)))


def found(result: Any) -> str:
    """What a service step found, for people: the amount, day or reference with the words that say it; or nothing."""
    if not isinstance(result, Mapping):
        return ""
    said = dict.fromkeys(_value(result[name]) for name in FOUND if result.get(name))
    return " · ".join(said)


def value(held: Any) -> str:
    """A variable's value, for people."""
    if held is None:
        return "–"
    if isinstance(held, bool):
        return _("yes") if held else _("no")
    if isinstance(held, Mapping):
        return found(held) or (orjson.dumps(held).decode() if held else _("nothing"))
    if isinstance(held, list):
        return ", ".join(value(one) for one in held) or _("nothing")
    return f"{held:,}" if isinstance(held, int | float) else _value(held)


def _value(held: Any) -> str:
    try:
        return date_format(date.fromisoformat(held), "DATE_FORMAT") if isinstance(held, str) else str(held)
    except ValueError:
        return str(held)


def status(instance: Instance) -> str:
    return str(STATUSES[InstanceStatus(instance.status)])


def person(user: User | None) -> str:
    return name_of(user) if user else ""


def reason(instance: Instance) -> str:
    """Why a run was started, in a sentence or two."""
    said = instance.reason or {}
    words = beginnings.in_words(str(said.get("words") or "").strip())
    trigger = str(said.get("trigger") or "")
    if trigger == "manual" and instance.started_by is not None:
        begun = _("Started by {name}").format(name=person(instance.started_by))
    else:
        begun = str(TRIGGERS.get(trigger, _spoken(trigger))) if trigger else ""
    return ". ".join(part.rstrip(".") for part in (begun, words) if part) + "." if begun or words else ""


def _spoken(key: str) -> str:
    return key.replace("_", " ").replace("-", " ").replace(".", " ").strip().capitalize()
