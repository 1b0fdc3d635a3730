"""What rules of workflows saw, in words: the names that they read, and the values that these had."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Department
from kmrl.pages import flow_words, labels, wording

ASKED = re.compile(r"""document\.head\.(\w+)\((["'])(.*)\2\)""", re.DOTALL)
FIELDS = {"type": "document_type", "date": "document_date", "file_size": "size"}
"""Fields of a document that conditions call otherwise than the pages do."""
NAMES = {
    "confidence": gettext_lazy("Confidence"),
    "status": gettext_lazy("State"),
    "uploaded_at": gettext_lazy("Received"),
    "uploaded_by": gettext_lazy("Sent by"),
    "awaiting_ocr": gettext_lazy("Pages that wait for text recognition"),
    "flags": gettext_lazy("Flags"),
    "duplicate": gettext_lazy("The same as another document"),
}
"""Fields of a document that only conditions speak of."""


@dataclass(frozen=True)
class Saw:
    """What one rule saw: `rows` of (name, value), a `note` where there is none, and the rule itself as written."""

    rows: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""
    when: str = ""


def kept(rule: Mapping[str, Any]) -> Saw:
    """Of a rule as a Routing keeps it. What was not kept is not made up from what is there now."""
    values, when = rule.get("values"), str(rule.get("when") or "")
    if isinstance(values, Mapping):
        found = rows({name: values[name] for name in sorted(values, key=lambda name: _place(name, when))})
        return Saw(found, "" if when else _("Without a condition"), when)
    if not when:
        return Saw(note=_("Without a condition"))
    if "values" in rule and values is None:
        return Saw(note=_("What it saw was too much to be kept."), when=when)
    return Saw(note=_("What it saw is not kept: it was looked at before values were kept."), when=when)


def rows(values: Mapping[str, Any], steps: Mapping[str, Mapping[str, Any]] | None = None) -> list[tuple[str, str]]:
    """(name, value) for people, each once; `steps` are the steps by id, where values of steps are among them."""
    found = dict(_row(name, held, steps or {}) for name, held in values.items())
    return list(found.items())


def _place(name: str, when: str) -> tuple[int, str]:
    """Where the rule names it: the database keeps no order."""
    at = when.find(name)
    return (at if at >= 0 else len(when), name)


def _row(name: str, held: Any, steps: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    if asked := ASKED.fullmatch(name):
        return _asked(asked[1], asked[3]), flow_words.value(held)
    root, *rest = name.split(".")
    if root == "document" and rest:
        return _of_document(rest, held)
    if root == "steps" and rest:
        title = flow_words.step_title(steps.get(rest[0]), rest[0])
        return f"{title}: {wording.field(rest[-1])}", _outcome(rest, held, steps)
    return wording.field(".".join(rest) or root), _plain(rest[-1] if rest else root, held)


def _of_document(rest: list[str], held: Any) -> tuple[str, str]:
    key = FIELDS.get(rest[0], rest[0]) if len(rest) == 1 else rest[-1]
    if key == "department" and isinstance(held, str):
        found = Department.objects.filter(key=held).first()
        return wording.field(key), labels.department(found) or held or _("nothing")
    if len(rest) == 1 and key in NAMES:
        return str(NAMES[key]), wording.state(str(held)) if key == "status" else _plain(key, held)
    return wording.field(key), _plain(key, held)


def _outcome(rest: list[str], held: Any, steps: Mapping[str, Mapping[str, Any]]) -> str:
    if rest[-1] == "outcome" and held:
        return flow_words.outcome(str(held), (steps.get(rest[0]) or {}).get("outcomes") or ())
    return _plain(rest[-1], held)


def _plain(key: str, held: Any) -> str:
    return flow_words.value(held) if isinstance(held, bool) else wording.value(key, held)


def _asked(how: str, words: str) -> str:
    said = {
        "contains": _("Its first words contain “{words}”"),
        "startsWith": _("Its first words begin with “{words}”"),
        "endsWith": _("Its first words end with “{words}”"),
    }
    return said.get(how, _("Its first words match “{words}”")).format(words=words)
