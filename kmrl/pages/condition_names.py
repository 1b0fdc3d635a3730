"""What conditions name, in words: fields of the document, answers to steps, variables; and the values they have."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Department
from documents.models import Source
from kmrl.pages import flow_words, labels, wording
from workflows.conditions import STEP_FIELDS, STEP_KINDS
from workflows.context import NOTHING
from workflows.definitions import steps
from workflows.expressions.grammar import Node
from workflows.expressions.kinds import of_value, path_of

LONGEST = 200
DOCUMENT = {
    "id": gettext_lazy("the id of the document"),
    "title": gettext_lazy("the title"),
    "type": gettext_lazy("the type"),
    "department": gettext_lazy("the department"),
    "source": gettext_lazy("the source"),
    "language": gettext_lazy("the language"),
    "priority": gettext_lazy("the priority"),
    "access": gettext_lazy("the access"),
    "status": gettext_lazy("the state"),
    "version": gettext_lazy("the number of the version"),
    "page_count": gettext_lazy("the number of pages"),
    "confidence": gettext_lazy("the confidence"),
    "flags": gettext_lazy("the list of flags"),
    "file_size": gettext_lazy("the size in bytes"),
    "uploaded_by": gettext_lazy("the person who sent it"),
    "uploaded_at": gettext_lazy("the time when it was received"),
    "date": gettext_lazy("the date"),
    "metadata": gettext_lazy("the metadata"),
    "facts": gettext_lazy("what was read"),
    "awaiting_ocr": gettext_lazy("the number of pages that wait for text recognition"),
    "duplicate": gettext_lazy("“The same as another document”"),
    "head": gettext_lazy("the beginning of the text"),
}
RUN = {
    "id": gettext_lazy("the id of the run"),
    "key": gettext_lazy("the workflow"),
    "started_by": gettext_lazy("the person who started the run"),
    "priority": gettext_lazy("the priority of the run"),
    "started_at": gettext_lazy("the time when the run began"),
}
OF_STEP = {
    "outcome": gettext_lazy("the outcome of {step}"),
    "by": gettext_lazy("the person who decided {step}"),
    "comment": gettext_lazy("the comment on {step}"),
    "at": gettext_lazy("the time when {step} ended"),
    "round": gettext_lazy("the round of {step}"),
    "result": gettext_lazy("the result of {step}"),
    "form": gettext_lazy("the answers to {step}"),
}
KINDS = {"string": "text", "number": "number", "integer": "number", "boolean": "truth", "date": "text"}
"""The kinds of variables, as `workflows.expressions.kinds` calls them; lists and maps are called what they are."""


class Unsaid(Exception):
    """There are no words for it that would certainly be right."""


@dataclass(frozen=True)
class Names:
    """The names of one definition: its steps, its variables, and what each foreach calls its element."""

    steps: Mapping[str, Mapping[str, Any]]
    variables: Mapping[str, Mapping[str, Any]]
    elements: frozenset[str]

    @classmethod
    def of(cls, body: dict[str, Any]) -> "Names":
        known = steps.by_id(body)
        elements = frozenset(step["as"] for step in known.values() if step["kind"] == "foreach")
        return cls(known, body.get("variables") or {}, elements)

    def of_node(self, node: Node) -> str:
        """What a path names. Raises Unsaid for anything else."""
        match path_of(node):
            case ("document", key) if key in DOCUMENT:
                return str(DOCUMENT[key])
            case ("document", "facts", key):
                return _("{name} as it was read").format(name=_named(key))
            case ("document", "metadata", key):
                return _("{name} of the metadata").format(name=_named(key))
            case ("instance", key) if key in RUN:
                return str(RUN[key])
            case ("steps", step, *rest):
                return self._of_step(step, rest)
            case ("vars", name, *rest) if name in self.variables:
                return _within(_("the variable {name}").format(name=self._variable(name)), rest)
            case ("event", *rest) if rest:
                return _within(_("the event"), rest)
            case (name, *rest) if name in self.elements:
                return _within(_named(name), rest)
        raise Unsaid

    def department(self, key: str) -> str:
        return labels.department(self._departments.get(key)) or key

    @cached_property
    def _departments(self) -> dict[str, Department]:
        return {found.key: found for found in Department.objects.all()}

    def variable(self, name: str) -> str:
        """A variable's title, or its name as a title."""
        own = self.variables.get(name) or {}
        titled = (own.get("title_ml") if flow_words.malayalam() else "") or own.get("title")
        return titled or wording.field(name)

    def kind(self, node: Node) -> str | None:
        """Of what kind its value certainly is; None: nobody knows."""
        if node.op in ("call", "method"):
            return "number" if node.name == "size" else None
        match path_of(node):
            case ("document", key) if key in NOTHING:
                return of_value(NOTHING[key])
            case ("steps", _step, key):
                return STEP_KINDS.get(key)
            case ("vars", name) if name in self.variables:
                kind = str(self.variables[name]["type"])
                return KINDS.get(kind, kind)
        return None

    def value(self, node: Node, held: Any) -> str:
        """A value that this path is compared with, as pages call it. Raises Unsaid."""
        if isinstance(held, bool):
            return quoted(flow_words.value(held))
        if isinstance(held, int | float):
            return _number(held)
        if not isinstance(held, str) or not held:
            raise Unsaid
        return quoted(self._text(path_of(node), held))

    def _text(self, path: tuple[str, ...] | None, held: str) -> str:
        match path:
            case ("document", "type"):
                return labels.document_type(held)
            case ("document", "department"):
                return self.department(held)
            case ("document", "source"):
                found = Source.objects.filter(key=held).first()
                return labels.source(found) if found else held
            case ("document", "language"):
                return labels.language(held)
            case ("document" | "instance", "priority"):
                return labels.priority(held)
            case ("document", "access"):
                return str(wording.ACCESS.get(held, held))
            case ("document", "status"):
                return wording.state(held)
            case ("document", "flags"):
                return wording.flag(held)[0]
            case ("steps", step, "outcome"):
                return self._outcome(self.steps.get(step) or {}, held)
        return held

    def _outcome(self, step: Mapping[str, Any], held: str) -> str:
        """Its title, as long as no other outcome of the step has the same."""
        known = step.get("outcomes") or ()
        said = flow_words.outcome(held, known)
        others = {flow_words.outcome(str(one["key"]), known) for one in known if one["key"] != held}
        return said if said not in others else held

    def _of_step(self, key: str, rest: list[str]) -> str:
        if key not in self.steps or not rest or rest[0] not in STEP_FIELDS:
            raise Unsaid
        step, (what, *deeper) = self._step(key), rest
        if what == "form" and len(deeper) == 1:
            field = next((one for one in self.steps[key].get("form") or () if one["name"] == deeper[0]), None)
            name = quoted(flow_words.titled(field)) if field else _named(deeper[0])
            return _("{name} of {step}").format(name=name, step=step)
        return _within(str(OF_STEP[what]).format(step=step), deeper)

    def _step(self, key: str) -> str:
        """Its title, with its id where another step has the same title."""
        title = flow_words.step_title(self.steps[key], key)
        alike = [other for other, step in self.steps.items() if flow_words.step_title(step, other) == title]
        return quoted(title) if len(alike) == 1 else f"{quoted(title)} [{key}]"

    def _variable(self, name: str) -> str:
        return quoted(self.variable(name)) if self.variables[name].get("title") else _named(name)


def quoted(said: str) -> str:
    """In quotation marks. Raises Unsaid for what has such marks itself, breaks the line, or is very long."""
    plain = said.replace("\u200c", "").replace("\u200d", "")  # Malayalam is written with these
    if len(said) > LONGEST or not plain.isprintable() or any(sign in said for sign in "“”"):
        raise Unsaid
    return f"“{said}”"


def _within(whole: str, rest: list[str]) -> str:
    """A part of something, one step deep."""
    if len(rest) > 1:
        raise Unsaid
    return _("{name} of {whole}").format(name=_named(rest[0]), whole=whole) if rest else whole


def _named(key: str) -> str:
    """A name that nobody has given a title to; only such as two of them cannot be read alike."""
    if not (key.isascii() and key.isidentifier() and key == key.lower()):
        raise Unsaid
    return quoted(wording.field(key))


def _number(held: float) -> str:
    said = f"{held:,}"
    if "e" in said or "n" in said:
        raise Unsaid
    return said
