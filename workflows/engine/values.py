"""Values of a definition and of a run: expressions evaluated, made plain, checked against what was declared."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson

from workflows import conditions

EXACT = 2**53  # beyond it floats skip whole numbers, and parsers of JSON differ
LARGEST = 64 * 1024  # bytes of JSON, of one value
SHOWN = 200  # characters of one input that a fact shows


class Trouble(Exception):
    """A step cannot go on: its code and detail become the incident, or lead to its on_error."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class BadVariables(ValueError):
    """A run cannot begin with these variables; the message says why."""


def holds(text: str, names: Mapping[str, Any], where: str) -> bool:
    """Whether the condition is true. Raises Trouble that names it."""
    try:
        return conditions.holds(text, names)
    except conditions.ConditionFailed as failed:
        raise Trouble(failed.code, f"{where}: {failed.sentence}") from failed


def value(text: str, names: Mapping[str, Any], where: str) -> Any:
    """What the expression gives, plain. Raises Trouble that names it."""
    try:
        return plain(conditions.value(text, names))
    except conditions.ConditionFailed as failed:
        raise Trouble(failed.code, f"{where}: {failed.sentence}") from failed


def filled(held: Any, names: Mapping[str, Any], where: str) -> Any:
    """The literal with every `{expr: …}` in it replaced by what it gives."""
    if isinstance(held, dict):
        if held.keys() == {"expr"}:
            return value(held["expr"], names, where)
        return {key: filled(inner, names, f"{where}.{key}") for key, inner in held.items()}
    if isinstance(held, list):
        return [filled(inner, names, where) for inner in held]
    return held


def entries(held: Any, names: Mapping[str, Any], where: str) -> Any:
    """The same for lists of people: `{expr: …}` becomes `{value: …}`, so that a name stays told from a map."""
    if isinstance(held, dict):
        if held.keys() == {"expr"}:
            return {"value": value(held["expr"], names, where)}
        return {key: entries(inner, names, where) for key, inner in held.items()}
    if isinstance(held, list):
        return [entries(inner, names, where) for inner in held]
    return held


def plain(held: Any) -> Any:
    """The value as history and database keep it (`accounts.history.plain` changes nothing in it any more)."""
    if held is None or isinstance(held, bool):
        return held
    if isinstance(held, str):
        return held if held.isprintable() else held.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(held, int | float):
        return (held + 0 if held else 0) if -EXACT < held < EXACT else str(held)
    if isinstance(held, Mapping):
        return {plain(key if isinstance(key, str) else str(key)): plain(inner) for key, inner in held.items()}
    if isinstance(held, list | tuple):
        return [plain(inner) for inner in held]
    return held.isoformat() if isinstance(held, date) else plain(str(held))


def size(held: Any) -> int:
    """Bytes of JSON."""
    return len(orjson.dumps(held))


def bounded(held: Any, what: str) -> Any:
    """The value, plain; raises Trouble `too_large` when it is more than a run may carry."""
    held = plain(held)
    if size(held) > LARGEST:
        raise Trouble("too_large", f"{what} is larger than {LARGEST // 1024} KB: keep less of it.")
    return held


# --- variables
def _is_date(held: Any) -> bool:
    try:
        datetime.fromisoformat(held)
    except (TypeError, ValueError):
        return False
    return True


_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda held: isinstance(held, str),
    "number": lambda held: isinstance(held, int | float) and not isinstance(held, bool),
    "integer": lambda held: isinstance(held, int) and not isinstance(held, bool),
    "boolean": lambda held: isinstance(held, bool),
    "date": _is_date,
    "list": lambda held: isinstance(held, list),
    "map": lambda held: isinstance(held, dict),
}


def typed(variables: Mapping[str, Mapping[str, Any]], name: str, held: Any) -> Any:
    """The value for this variable, plain; null always fits. Raises Trouble: `wrong_type`, `undeclared`, `too_large`."""
    declared = variables.get(name)
    if declared is None:
        raise Trouble("undeclared", f"The variable {name} is not declared.")
    held = bounded(held, f"The value of the variable {name}")
    kind = declared["type"]
    if kind == "integer" and isinstance(held, float) and held.is_integer():
        held = int(held)
    if held is not None and not _TYPES[kind](held):
        shown = orjson.dumps(held).decode()[:80]
        raise Trouble("wrong_type", f"The variable {name} is declared as {kind}; {shown} is none.")
    return held


def initial(variables: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a run begins with: what is given, else the default, else null. Raises BadVariables."""
    held = {name: declared.get("default") for name, declared in variables.items()}
    try:
        return {name: typed(variables, name, inner) for name, inner in {**held, **given}.items()}
    except Trouble as trouble:
        raise BadVariables(trouble.detail) from trouble


# --- inputs
_STRING = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
_KEY = re.compile(r"""\[\s*["'](\w+)["']\s*\]""")
_PATH = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


@lru_cache(maxsize=4_096)
def paths(text: str) -> tuple[str, ...]:
    """The dotted names that an expression mentions, in order."""
    bare = _STRING.sub('""', _KEY.sub(r".\1", text))
    return tuple(dict.fromkeys(_PATH.findall(bare)))


def inputs(texts: list[str], names: Mapping[str, Any]) -> dict[str, Any]:
    """What these conditions looked at: name → value, as far as there is one; what is long is cut to its beginning."""
    seen: dict[str, Any] = {}
    for path in dict.fromkeys(path for text in texts for path in paths(text)):
        held: Any = names
        parts = path.split(".")
        for count, part in enumerate(parts):
            if not isinstance(held, Mapping) or part not in held:
                break
            held = held[part]
            if count == len(parts) - 1 or not isinstance(held, Mapping):
                seen[".".join(parts[: count + 1])] = _shown(held)
                break
    return seen


def _shown(held: Any) -> Any:
    held = plain(held)
    text = orjson.dumps(held).decode()
    return held if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
