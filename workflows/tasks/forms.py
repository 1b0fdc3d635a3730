"""What people fill in beside a decision: typed, checked, and kept as JSON says it (dates as ISO text)."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from workflows.tasks.refusals import BadDecision

LONGEST, LONGEST_TEXT = 500, 20_000
TRUE, FALSE = ("true", "on", "yes", "1"), ("false", "off", "no", "0")


def checked(
    fields: Sequence[Mapping[str, Any]], given: Mapping[str, Any] | None, *, lenient: bool = False
) -> dict[str, Any]:
    """Every field of the form with its value, null where nothing was filled in.

    `lenient` asks for no required field (who sends something back fills in what he knows). Raises BadDecision with the
    sentences by field.
    """
    given = dict(given or {})
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for one in fields:
        name = str(one["name"])
        try:
            values[name] = _value(one, given.pop(name, None))
        except ValueError as wrong:
            errors[name] = [str(wrong)]
            continue
        if values[name] is None and one.get("required") and not lenient:
            errors[name] = ["This has to be filled in."]
    for name in given:
        errors[str(name)[:40]] = ["The task has no such field."]
    if errors:
        raise BadDecision("Some of what was filled in is missing or wrong. Correct it and decide again.", errors=errors)
    return values


def fitting(one: Mapping[str, Any], held: Any) -> Any:
    """A default as its field keeps it: null where there is nothing. Raises ValueError with a sentence."""
    kind = str(one.get("type") or "text")
    if kind == "date" and isinstance(held, str) and len(held) > len("2026-11-28"):
        held = _day_of(held)
    if kind in ("text", "long_text") and isinstance(held, int | float) and not isinstance(held, bool):
        held = str(held)
    return _value(one, held)


def defaults(fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the fields of a task hold before anybody writes, as far as they hold anything."""
    return {str(one["name"]): one["default"] for one in fields if one.get("default") is not None}


def unanswered(fields: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The fields that are needed and hold nothing before anybody writes."""
    return [one for one in fields if one.get("required") and one.get("default") is None]


def prefilled(one: Mapping[str, Any]) -> str:
    """The default as it stands in the field of a page."""
    held = one.get("default")
    return "" if held is None else str(held).lower() if isinstance(held, bool) else str(held)


def _value(one: Mapping[str, Any], said: Any) -> Any:
    if isinstance(said, str):
        said = said.strip()
    if said is None or said == "":
        return None
    kind = str(one.get("type") or "text")
    if kind == "choice":
        return _choice(said, one.get("choices") or [])
    return _READ[kind](said)


def _text(said: Any, most: int = LONGEST) -> str:
    if not isinstance(said, str):
        raise ValueError("Write text here.")
    if len(said) > most:
        raise ValueError(f"This is longer than {most} characters.")
    return said


def _long_text(said: Any) -> str:
    return _text(said, LONGEST_TEXT)


def _number(said: Any) -> float | int:
    """Lakhs may be set apart by commas: 12,34,567.89."""
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        raise ValueError("Write a number here.")
    try:
        number = float(said.replace(",", "")) if isinstance(said, str) else said
    except ValueError:
        raise ValueError("Write a number here.") from None
    if not math.isfinite(number) or abs(number) >= 2**53:
        raise ValueError("This number is too large.")
    return int(number) if float(number).is_integer() else number


def _integer(said: Any) -> int:
    number = _number(said)
    if not isinstance(number, int):
        raise ValueError("Write a whole number here.")
    return number


def _boolean(said: Any) -> bool:
    if isinstance(said, bool):
        return said
    word = str(said).lower()
    if word not in TRUE + FALSE:
        raise ValueError("Answer yes or no here.")
    return word in TRUE


def _day_of(moment: str) -> str:
    """The day of a moment, where the gateway is; what is none stays as it is."""
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return (timezone.localtime(at) if at.tzinfo else at).date().isoformat()


def _date(said: Any) -> str:
    try:
        return date.fromisoformat(said).isoformat()
    except (TypeError, ValueError):
        raise ValueError("Write a date here, such as 2026-11-28.") from None


def _choice(said: Any, choices: Sequence[Any]) -> Any:
    """A choice is a value, or a mapping with `key` (and a title for people)."""
    keys = [one["key"] if isinstance(one, Mapping) else one for one in choices]
    for key in keys:
        if key == said or str(key) == str(said):
            return key
    raise ValueError("Choose one of: " + ", ".join(map(str, keys)) + ".")


_READ: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "long_text": _long_text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
}
