"""The history of a run in words: what its steps did, and what people did to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import history
from accounts.models import HistoryEntry
from kmrl.pages import flow_words, reasons
from workflows import bodies, deeds
from workflows.definitions import steps
from workflows.models import Instance

AT_MOST = 100
SAID = {
    deeds.STARTED: gettext_lazy("Started"),
    deeds.AWAITED: gettext_lazy("Waits for others"),
    deeds.DEPENDS: gettext_lazy("Waits for something more"),
    deeds.UNDEPENDS: gettext_lazy("Does not wait for that any more"),
    deeds.MET: gettext_lazy("What it waited for has come"),
    deeds.PAUSED: gettext_lazy("Paused"),
    deeds.RESUMED: gettext_lazy("Resumed"),
    deeds.CANCELLED: gettext_lazy("To be cancelled"),
    deeds.RETRIED: gettext_lazy("To be tried again"),
    deeds.SKIPPED: gettext_lazy("To be skipped"),
    "began": gettext_lazy("Began"),
    "entered": gettext_lazy("Came to a step"),
    "passed over": gettext_lazy("Passed over"),
    "left": gettext_lazy("Left a step"),
    "ruled": gettext_lazy("Rules were looked at"),
    "chose": gettext_lazy("Chose a way"),
    "opened": gettext_lazy("Branches began"),
    "branch ended": gettext_lazy("A branch ended"),
    "next item": gettext_lazy("The next one"),
    "repeated": gettext_lazy("Once more"),
    "erred": gettext_lazy("Failed, and goes another way"),
    "timed out": gettext_lazy("Not in time"),
    "beside": gettext_lazy("Goes another way besides"),
    "incident": gettext_lazy("Stands still"),
    "retried": gettext_lazy("Tried again"),
    "skipped": gettext_lazy("Skipped"),
    "superseded": gettext_lazy("Asked anew about the new version"),
    "compensating": gettext_lazy("Undoes what was done"),
    "undone": gettext_lazy("Undone"),
    "withdrawn": gettext_lazy("Not needed any more"),
    "migrated": gettext_lazy("Goes on by a newer version of the workflow"),
    "finished": gettext_lazy("Finished"),
    "cancelled": gettext_lazy("Cancelled"),
    "task_opened": gettext_lazy("People were asked"),
    "task_claimed": gettext_lazy("Taken"),
    "task_released": gettext_lazy("Released"),
    "task_taken_over": gettext_lazy("Taken over"),
    "task_delegated": gettext_lazy("Handed on"),
    "task_reassigned": gettext_lazy("Given to somebody else"),
    "task_widened": gettext_lazy("More people were asked"),
    "task_commented": gettext_lazy("Comment"),
    "task_decided": gettext_lazy("A voice was given"),
    "task_completed": gettext_lazy("Decided"),
    "task_cancelled": gettext_lazy("Not needed any more"),
    "task_superseded": gettext_lazy("Replaced by a new version"),
    "task_followed_up": gettext_lazy("Reminded"),
    "task_without_people": gettext_lazy("Too few people can decide"),
    "task_acknowledged": gettext_lazy("Read and confirmed"),
    "task_chased": gettext_lazy("Reminded to confirm"),
    "task_chase_ended": gettext_lazy("Nobody is reminded any more"),
    "sla_warning": gettext_lazy("The deadline comes near"),
    "sla_breached": gettext_lazy("The deadline has passed"),
    "sla_rung": gettext_lazy("Not decided in time: the next rung"),
    "sla_rung_failed": gettext_lazy("A rung could not be carried out"),
    "sla_paused": gettext_lazy("The clock stands still"),
    "sla_resumed": gettext_lazy("The clock goes on"),
    "sla_moved": gettext_lazy("The deadline moved"),
}
TONES = {
    "incident": "failed",
    "sla_breached": "failed",
    "sla_rung_failed": "failed",
    "task_without_people": "attention",
    "sla_warning": "attention",
    "erred": "attention",
    "timed out": "attention",
    "finished": "processed",
    "task_completed": "processed",
    "task_acknowledged": "processed",
}
QUIET = {"branch ended", "opened", "began", "next item"}
"""How the engine keeps its books: nothing that helps people."""


@dataclass(frozen=True)
class Entry:
    said: str
    step: str
    who: str
    at: datetime
    tone: str
    more: str
    note: str


def of(instance: Instance) -> list[Entry]:
    """The newest hundred entries, newest first."""
    found = history.of("workflow", instance.pk).exclude(action__in=QUIET).select_related("actor")
    body = steps.by_id(bodies.of(instance.version_id).data)
    return [_entry(entry, body) for entry in found.order_by("-sequence")[:AT_MOST]]


def said(action: str) -> str:
    """What an entry says happened."""
    return str(SAID.get(action, action.replace("_", " ").capitalize()))


def _entry(entry: HistoryEntry, body: dict[str, Any]) -> Entry:
    who = (entry.actor.get_full_name() if entry.actor else "") or entry.actor_name
    key = str(entry.after.get("step") or "")
    title = flow_words.step_title(body.get(key), key) if key else ""
    more = _more(entry, body.get(key) or {})
    tone, note = TONES.get(entry.action, ""), reasons.in_words(entry.note)
    return Entry(said(entry.action), title, who, entry.at, tone, more, note)


def _more(entry: HistoryEntry, step: dict[str, Any]) -> str:
    """What came of it: the outcome, who has it now, what went wrong."""
    after = entry.after
    parts = []
    if outcome := after.get("outcome"):
        parts.append(flow_words.outcome(str(outcome), step.get("outcomes") or ()))
    if entry.action == "chose" and after.get("option") is not None:
        parts.append(_option(step, after["option"]))
    if to := after.get("to"):
        parts.append(_("to {}").format(to) if isinstance(to, str) else "")
    if detail := after.get("detail"):
        parts.append(reasons.in_words(str(detail)))
    return " · ".join(part for part in parts if part)


def _option(step: dict[str, Any], option: Any) -> str:
    options = step.get("options") or []
    if isinstance(option, int) and 0 <= option < len(options):
        return flow_words.titled(options[option])
    return str(option) if isinstance(option, str) else _("otherwise")
