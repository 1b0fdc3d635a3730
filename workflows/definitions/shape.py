"""The first check: whether a definition has the shape that the schema says, told in sentences."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from workflows.definitions import schema
from workflows.definitions.problems import Problem, close
from workflows.definitions.reading import Source

MOST = 100  # problems told at once
_TYPES = {
    "object": "a map", "array": "a list", "string": "a text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false",
}  # fmt: skip
_PATTERNS = {
    schema.KEY_PATTERN: "Use a-z, 0-9 and -, at most 40, not at the ends.",
    schema.NAME: "Begin with a letter; use a-z, 0-9 and _, at most 40.",
    "^[a-z0-9]$": "Use one letter a-z or digit.",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "Write hours and minutes in quotation marks: \"08:00\".",
}  # fmt: skip


def problems(source: Source) -> list[Problem]:
    """What does not have the shape of a definition."""
    found: list[Problem] = []
    for error in _validator().iter_errors(source.data):
        found += _told(error, source)
        if len(found) > MOST:
            break
    return found


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema.of_definitions())


def _told(error: Any, source: Source) -> Iterator[Problem]:
    path, wanted, value = tuple(error.absolute_path), error.validator_value, error.instance
    name = f"“{path[-1]}”" if path else "The definition"
    match error.validator:
        case "required":
            yield from _missing(error, source)
        case "additionalProperties":
            for extra in sorted(set(value) - set(error.schema.get("properties", {}))):
                known = set(error.schema["properties"]) - set(value)
                yield source.problem((*path, extra), f"“{extra}” is not known here.", close(extra, known), key=True)
        case "type":
            kinds = wanted if isinstance(wanted, list) else [wanted]
            spoken = " or ".join(_TYPES[kind] for kind in kinds)
            yield source.problem(path, f"{name} has to be {spoken}; this is {_shown(value)}.", _how(kinds, value))
        case "enum" | "const":
            allowed = wanted if isinstance(wanted, list) else [wanted]
            listed = [str(one).lower() if isinstance(one, bool) else str(one) for one in allowed]
            yield source.problem(path, f"{name} cannot be {_shown(value)}.", close(value, listed))
        case "pattern":
            if error.parent is None and path and error.schema_path and "propertyNames" in error.absolute_schema_path:
                path = (*path, value)
            yield source.problem(
                path, f"“{value}” cannot stand here.", _PATTERNS.get(wanted, "Use a-z, 0-9, _, . and -.")
            )
        case "minItems" | "minProperties" | "minLength":
            yield source.problem(
                path, f"{name} needs at least {wanted}; there {_are(len(value))}.", "Add what is missing."
            )
        case "maxItems" | "maxProperties" | "maxLength":
            yield source.problem(
                path, f"{name} has {len(value):,}; {wanted:,} are the most.", "Shorten it, or split it up."
            )
        case _:
            yield source.problem(path, f"{name} cannot be {_shown(value)}.", _bounds(error))


def _missing(error: Any, source: Source) -> Iterator[Problem]:
    path = tuple(error.absolute_path)
    absent = [name for name in error.validator_value if name not in error.instance]
    named = next((name for name in absent if f"'{name}'" in error.message), absent[0])
    what = f"this {error.instance['kind']} step" if isinstance(error.instance.get("kind"), str) else "it"
    if named == "otherwise":
        advice = "Say what happens when no option is true: otherwise: {steps: []}."
    else:
        advice = f"Add {named}: to {what if path else 'the definition'}."
    yield source.problem(path, f"“{named}” is missing.", advice)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    for kind, spoken in ((dict, "a map"), (list, "a list")):
        if isinstance(value, kind):
            return spoken
    text = str(value)
    return f"“{text[:40]}{'…' if len(text) > 40 else ''}”" if isinstance(value, str) else text


def _how(kinds: list[str], value: Any) -> str:
    if kinds == ["string"] and isinstance(value, int | float | bool):
        return f'Put it into quotation marks: "{_shown(value)}".'
    if kinds == ["array"]:
        return "Write one element a line, each after “- ”, or within […]."
    if kinds == ["object"]:
        return "Write `name: value` on lines of their own, or within {…}."
    if kinds == ["boolean"]:
        return "Write true or false."
    return "Leave it out, or correct it."


def _bounds(error: Any) -> str:
    limits = {
        "minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than", "exclusiveMaximum": "less than",
    }  # fmt: skip
    said = [f"{words} {error.schema[name]}" for name, words in limits.items() if name in error.schema]
    return f"It has to be {' and '.join(said)}." if said else "Correct it."


def _are(count: int) -> str:
    return "is 1" if count == 1 else f"are {count or 'none'}"
