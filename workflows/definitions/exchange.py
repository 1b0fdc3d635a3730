"""Definitions as texts to take away and bring back: YAML, JSON, and BPMN to look at."""

from typing import Any

import orjson
import yaml

from workflows.definitions import bpmn, reading
from workflows.definitions.defaults import lean
from workflows.models import DefinitionVersion

FORMATS = ("yaml", "json", "bpmn")


_FIRST = [
    "key", "name", "id", "kind", "title", "title_ml", "on", "type", "when", "category", "description", "one_at_a_time",
    "variables", "triggers", "question", "question_ml", "after", "do",
]  # fmt: skip
_LAST = [
    "form", "due", "follow_up", "on_error", "on_timeout", "ladder", "sla", "options", "branches", "otherwise", "steps",
]  # fmt: skip


class _Dumper(yaml.SafeDumper):
    """Keeps the order of keys, repeats instead of aliases, and breaks no line of its own accord."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Quoted wherever our reader or another would take the plain text for something else."""
    lines = text.split("\n")
    block = len(lines) > 1 and all(line == line.strip() and line.isprintable() for line in lines)
    style = "|" if block else '"' if reading.is_special(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def export(version: DefinitionVersion, format: str) -> str:
    """The version as a text in one of FORMATS; YAML that was written as YAML comes as it was written."""
    if format == "bpmn":
        return bpmn.export(version.body)
    if format == "json":
        return to_json(version.body)
    return version.source if not version.source.lstrip().startswith("{") else to_yaml(version.body)


def to_yaml(body: dict[str, Any]) -> str:
    """The body as YAML, without what goes without saying; reading it gives the same body again."""
    return str(yaml.dump(_ordered(lean(body)), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def to_json(body: dict[str, Any]) -> str:
    """The same as JSON."""
    return orjson.dumps(_ordered(lean(body)), option=orjson.OPT_INDENT_2).decode() + "\n"


def as_yaml(source: str) -> str:
    """A text that may be JSON as YAML, for editing; what is YAML or cannot be read stays as it is."""
    if not source.lstrip().startswith("{"):
        return source
    data = reading.read(source).data
    if data is None:
        return source
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def _ordered(held: Any) -> Any:
    """Maps in the order in which people write them: the database keeps none."""
    if isinstance(held, list):
        return [_ordered(inner) for inner in held]
    return {name: _ordered(held[name]) for name in sorted(held, key=_rank)} if isinstance(held, dict) else held


def _rank(name: str) -> tuple[int, int]:
    if name in _FIRST:
        return 0, _FIRST.index(name)
    return (2, _LAST.index(name)) if name in _LAST else (1, 0)
