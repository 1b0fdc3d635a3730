"""The variables that a run begins with: defaults filled in, types checked, unknown ones refused."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts import history
from accounts.refusals import Refusal


class BadVariables(Refusal):
    """`errors` says for each variable what is wrong."""

    code, title = "bad_variables", "These are not the values that this workflow begins with"


def begin_with(declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every declared variable with its value: given, default, or null. Raises BadVariables."""
    wrong: dict[str, list[str]] = {}
    values: dict[str, Any] = {name: (spec or {}).get("default") for name, spec in declared.items()}
    for name, value in given.items():
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            wrong[name] = [f"This workflow has no variable “{name}”. It has: {known}."]
            continue
        kind = str((declared[name] or {}).get("type", "string"))
        if value is not None and (said := _wrong(kind, value)):
            wrong[name] = [said]
        values[name] = value.isoformat() if kind == "date" and isinstance(value, date) else value
    if wrong:
        raise BadVariables(" ".join(said for each in wrong.values() for said in each), errors=wrong)
    plain: dict[str, Any] = history.plain(values)
    return plain


def _wrong(kind: str, value: Any) -> str:
    says, right = {
        "string": ("a text", isinstance(value, str)),
        "number": ("a number", _is_number(value)),
        "integer": ("a whole number", isinstance(value, int) and _is_number(value)),
        "boolean": ("true or false", isinstance(value, bool)),
        "date": ("a date such as 2026-11-05", _is_date(value)),
        "list": ("a list", isinstance(value, list | tuple)),
        "map": ("a map", isinstance(value, Mapping)),
    }[kind]
    return "" if right else f"This has to be {says}."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < history.EXACT


def _is_date(value: Any) -> bool:
    if isinstance(value, date):
        return True
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False
