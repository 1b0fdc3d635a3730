"""Whether what is called is there and takes what it is given, and what is kept has a place."""

from collections.abc import Iterator
from typing import Any

from accounts import history
from workflows import actions
from workflows.actions import registry
from workflows.definitions.meaning.look import Look
from workflows.definitions.problems import Path, Problem, close
from workflows.models import Definition

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,), "date": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,), "list": (list,),
    "map": (dict,),
}  # fmt: skip
_FITS = {
    "text": {"string"}, "long_text": {"string"}, "choice": {"string"}, "number": {"number"},
    "integer": {"integer", "number"}, "boolean": {"boolean"}, "date": {"date", "string"},
}  # fmt: skip


def problems(look: Look) -> Iterator[Problem]:
    """What is called and cannot be, and what is kept in no variable."""
    for name, declared in look.body["variables"].items():
        yield from _fits(look, declared["default"], declared["type"], ("variables", name, "default"), name)
    for number, trigger in enumerate(look.body["triggers"]):
        yield from _set(look, trigger["with"], ("triggers", number, "with"))
    for placed in look.placed:
        yield from _of_step(look, placed.step, placed.path)


def _of_step(look: Look, step: dict[str, Any], path: Path) -> Iterator[Problem]:
    if step["kind"] == "service":
        yield from _call(look, step, path)
        if step["undo"]:
            yield from _call(look, step["undo"], (*path, "undo"))
    if step["kind"] == "subflow":
        yield from _subflow(look, step, path)
    if step.get("save"):
        yield from _declared(look, step["save"], (*path, "save"))
    for number, rule in enumerate(step.get("rules") or ()):
        yield from _set(look, rule["set"], (*path, "rules", number, "set"))
    if step["kind"] == "rule" and step["otherwise"]:
        yield from _set(look, step["otherwise"].get("set") or {}, (*path, "otherwise", "set"))
    for number, field in enumerate(step.get("form") or ()):
        if field["save"]:
            here = (*path, "form", number, "save")
            yield from _declared(look, field["save"], here)
            declared = look.body["variables"].get(field["save"])
            if declared and declared["type"] not in _FITS[field["type"]]:
                fitting = " or ".join(sorted(_FITS[field["type"]]))
                yield look.wrong(
                    here, f"A field of type {field['type']} does not fit a variable of type {declared['type']}.",
                    f"Declare “{field['save']}” as {fitting}.",
                )  # fmt: skip


def _call(look: Look, call: dict[str, Any], path: Path) -> Iterator[Problem]:
    known = actions.names()
    if call["call"] not in known:
        yield look.wrong((*path, "call"), f"There is no action “{call['call']}”.", close(call["call"], known))
        return
    for sentence in actions.get(call["call"]).problems(call["with"]):
        message, _, advice = sentence.partition(". ")
        yield look.wrong((*path, "with"), f"{message.rstrip('.')}.", advice or "Correct what it is called with.")


def _subflow(look: Look, step: dict[str, Any], path: Path) -> Iterator[Problem]:
    key = step["definition"]
    if key == look.body["key"]:
        return
    found = Definition.objects.select_related("published").filter(key=key).first()
    if found is None or found.published is None:
        keys = Definition.objects.exclude(published=None).values_list("key", flat=True)
        yield look.odd(
            (*path, "definition"), f"No definition “{key}” is published now.",
            close(key, keys, otherwise="Publish it before this runs."),
        )  # fmt: skip
        return
    variables = found.published.body.get("variables") or {}
    for name, held in step["with"].items():
        if name not in variables:
            yield look.wrong(
                (*path, "with", name), f"“{key}” has no variable “{name}”.", close(name, variables), key=True
            )
        else:
            yield from _fits(look, held, variables[name]["type"], (*path, "with", name), name)


def _set(look: Look, values: dict[str, Any], path: Path) -> Iterator[Problem]:
    for name, held in values.items():
        here = (*path, name)
        yield from _declared(look, name, here, key=True)
        if name in look.body["variables"]:
            yield from _fits(look, held, look.body["variables"][name]["type"], here, name)


def _declared(look: Look, name: str, path: Path, *, key: bool = False) -> Iterator[Problem]:
    if name not in look.body["variables"]:
        advice = close(name, look.body["variables"], otherwise=f"Declare it: variables: {{{name}: {{type: string}}}}.")
        yield look.wrong(path, f"There is no variable “{name}”.", advice, key=key)


def _fits(look: Look, held: Any, kind: str, path: Path, name: str) -> Iterator[Problem]:
    if held is None or registry.is_computed(held):
        return
    if not isinstance(held, _KINDS[kind]) or (isinstance(held, bool) and kind != "boolean"):
        yield look.wrong(path, f"“{name}” is declared as {kind}; this is none.", f"Write a {kind}, or change the type.")
    elif isinstance(held, int | float) and abs(held) >= history.EXACT:
        yield look.wrong(path, f"“{name}” is too large a number.", f"The largest that is kept is {history.EXACT - 1}.")
