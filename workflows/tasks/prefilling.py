"""What the fields of a form hold before anybody writes: settled when people are asked, the same for everybody.

Decision 39 says why then and not when it is shown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.tasks import forms

Field = dict[str, Any]
LONGEST = 200  # characters of a sentence that says why a field is left empty


def of(fields: Sequence[Mapping[str, Any]], computed: Mapping[str, Mapping[str, Any]]) -> tuple[list[Field], Field]:
    """The fields as a task keeps them, `default` a value of their type or null; and why some are left empty, by name.

    `computed` is what their expressions gave, as `workflows.engine.talk.OpenTask` has it.
    """
    kept: list[Field] = []
    empty: dict[str, str] = {}
    for one in fields:
        try:
            held = _settled(one, computed)
        except ValueError as wrong:
            held, empty[str(one["name"])] = None, str(wrong)[:LONGEST]
        kept.append({**one, "default": held})
    return kept, empty


def _settled(one: Mapping[str, Any], computed: Mapping[str, Mapping[str, Any]]) -> Any:
    """Raises ValueError with the sentence that says why there is none."""
    said = one.get("default")
    if not isinstance(said, Mapping):
        return forms.fitting(one, said)
    found = computed.get(str(one["name"])) or {}
    if found.get("trouble"):
        raise ValueError(found["trouble"])
    return forms.fitting(one, found.get("value"))
