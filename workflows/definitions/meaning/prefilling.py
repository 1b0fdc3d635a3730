"""Whether what fields of forms hold before anybody writes is of their type. Expressions are looked at as all others."""

from collections.abc import Iterator
from typing import Any

from workflows.definitions.meaning.look import Look
from workflows.definitions.problems import Path, Problem
from workflows.tasks import forms

_KINDS: dict[str, tuple[type, ...]] = {"number": (int, float), "integer": (int, float), "boolean": (bool,)}


def problems(look: Look) -> Iterator[Problem]:
    """Defaults that are written out, and are none."""
    for placed in look.placed:
        for number, field in enumerate(placed.step.get("form") or ()):
            if field["default"] is not None and not isinstance(field["default"], dict):
                yield from _literal(look, field, (*placed.path, "form", number, "default"))


def _literal(look: Look, field: dict[str, Any], path: Path) -> Iterator[Problem]:
    held, kinds = field["default"], _KINDS.get(field["type"], (str,))
    what = f"The default of “{field['name']}” does not fit a field of type {field['type']}."
    if not isinstance(held, kinds) or (isinstance(held, bool) and bool not in kinds):
        written = "in quotation marks" if kinds == (str,) else "without quotation marks"
        yield look.wrong(path, what, f"Write such a value, {written}, or {{expr: CEL}}.")
        return
    try:
        forms.fitting(field, held)
    except ValueError as wrong:
        yield look.wrong(path, what, str(wrong))
