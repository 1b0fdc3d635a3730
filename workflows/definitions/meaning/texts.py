"""Every expression of a definition: where it stands, what it may name, and what it has to give."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workflows.definitions.meaning.look import Look
from workflows.definitions.problems import Path

FIELDS: dict[str, tuple[str, ...]] = {
    "text": ("text",), "long_text": ("text",), "choice": ("text",), "date": ("text", "time"), "number": ("number",),
    "integer": ("number",), "boolean": ("truth",),
}  # fmt: skip
"""The kinds that a field of a form takes; the first is the one that it gives."""


@dataclass(frozen=True)
class Text:
    """One expression. `step` is the step that it belongs to (None: of the whole run, or of a trigger)."""

    path: Path
    cel: str
    step: str | None = None
    wants: str | tuple[str, ...] | None = None  # truth or list, or what a field takes; None: anything
    event: bool = False  # it sees `event`
    before: bool = False  # there is no run yet: a trigger's
    today: bool = False  # it sees `today`: a default's
    advice: str = ""  # what to do when it gives something else than it should


def texts(look: Look) -> Iterator[Text]:
    """All of them, in the order in which they are written."""
    for number, trigger in enumerate(look.body["triggers"]):
        path: Path = ("triggers", number)
        if trigger["when"]:
            yield Text((*path, "when"), trigger["when"], wants="truth", event=True, before=True)
        yield from _values(trigger["with"], (*path, "with"), None, event=True, before=True)
    yield from _rungs(look.body["sla"], ("sla",), None)
    for placed in look.placed:
        yield from _of_step(placed.step, placed.path)


def _of_step(step: dict[str, Any], path: Path) -> Iterator[Text]:
    step_id = step["id"]
    if step["when"]:
        yield Text((*path, "when"), step["when"], step_id, "truth")
    for group in ("options", "rules"):
        for number, one in enumerate(step.get(group) or ()):
            yield Text((*path, group, number, "when"), one["when"], step_id, "truth")
            yield from _values(one.get("set"), (*path, group, number, "set"), step_id)
    for name in ("with", "candidates", "exclude", "people", "key"):
        yield from _values(step.get(name), (*path, name), step_id)
    for name in ("undo", "otherwise"):
        for inner in ("with", "set"):
            yield from _values((step.get(name) or {}).get(inner), (*path, name, inner), step_id)
    for number, field in enumerate(step.get("form") or ()):
        yield from _default(field, (*path, "form", number, "default"), step_id)
    if step["kind"] == "timer":
        yield from _values(step["until"], (*path, "until"), step_id)
    if step["kind"] == "repeat":
        yield Text((*path, "until"), step["until"], step_id, "truth")
    if step["kind"] == "foreach":
        yield Text((*path, "items"), step["items"], step_id, "list")
    if step["kind"] == "wait_event" and step["match"]:
        yield Text((*path, "match"), step["match"], step_id, "truth", event=True)
    yield from _rungs(step["sla"], (*path, "sla"), step_id)


def _default(field: dict[str, Any], path: Path, step_id: str) -> Iterator[Text]:
    if isinstance(field["default"], dict):
        wants = FIELDS[field["type"]]
        advice = f"A field of type {field['type']} needs another value: change it, or leave the default out."
        yield Text((*path, "expr"), field["default"]["expr"], step_id, wants, today=True, advice=advice)


def _rungs(sla: dict[str, Any] | None, path: Path, step_id: str | None) -> Iterator[Text]:
    for number, rung in enumerate(sla["ladder"] if sla else ()):
        yield from _values(rung["to"], (*path, "ladder", number, "to"), step_id)


def _values(held: Any, path: Path, step_id: str | None, *, event: bool = False, before: bool = False) -> Iterator[Text]:
    if isinstance(held, dict):
        if held.keys() == {"expr"} and isinstance(held["expr"], str):
            yield Text((*path, "expr"), held["expr"], step_id, event=event, before=before)
            return
        for name, inner in held.items():
            yield from _values(inner, (*path, name), step_id, event=event, before=before)
    elif isinstance(held, list):
        for number, inner in enumerate(held):
            yield from _values(inner, (*path, number), step_id, event=event, before=before)
