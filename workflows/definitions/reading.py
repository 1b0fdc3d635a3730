"""A definition's text, YAML or JSON, as plain data that remembers where everything stands.

Read as YAML 1.2 has it: `on`, `yes` and `08:00` are texts; only true, false and null are special. Built from the
parser's events, so that nothing is nested, repeated or multiplied beyond the caps.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from workflows.definitions.problems import Path, Problem, said

LARGEST = 200_000  # characters
DEEPEST = 60
VALUES_MOST = 20_000
ALIASES_MOST = 20
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,14})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?(?:[eE][-+]?[0-9]{1,3})?")
_SPECIAL: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Mark:
    """Where something stands, from 1. `text_at`: the column of its first character, 0 where it spans lines."""

    line: int
    column: int
    text_at: int = 0


@dataclass
class Source:
    """What was read: `data`, where each value and each key stands, and what is wrong with the text itself."""

    data: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(
        self, path: Path, message: str, advice: str = "", *, key: bool = False, at: int = 0, level: str = "error"
    ) -> Problem:
        """A problem at this path (at its key, or `at` so many characters into its text)."""
        mark = self.mark(path, key=key)
        column = mark.text_at + at if at and mark.text_at else mark.column
        return Problem(mark.line, column, said(path), message, advice, level)

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """Where this stands, or the nearest thing around it that stands anywhere."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Mark(1, 1))


class _Refused(Exception):
    def __init__(self, line: int, column: int, message: str, advice: str) -> None:
        self.problem = Problem(line, column, "", message, advice)
        super().__init__(message)


def read(text: str) -> Source:
    """The text as data. What cannot be read is the one problem of the source, and its data None."""
    source = Source()
    if len(text) > LARGEST:
        size = f"The definition has {len(text):,} characters; {LARGEST:,} are the most."
        source.problems.append(Problem(1, 1, "", size, "Split it up: what belongs together can be a subflow."))
        return source
    if text.lstrip().startswith("{"):
        text = text.replace("\t", " ")  # JSON may be indented by tabs, YAML not
    try:
        _Builder(source).build(_events(text))
    except _Refused as refused:
        source.problems.append(refused.problem)
    except yaml.MarkedYAMLError as error:
        source.problems.append(_unreadable(error))
    except (yaml.YAMLError, UnicodeError) as error:
        source.problems.append(Problem(1, 1, "", f"This cannot be read: {error}.", "Remove unprintable characters."))
    if source.problems:
        source.data = None
    elif not isinstance(source.data, dict):
        source.problems.append(
            Problem(1, 1, "", "A definition is a map.", "Begin with key:, title: and steps:, one a line.")
        )
    return source


def _events(text: str) -> Iterator[Any]:
    """The parser's events, with what stands at an anchor repeated where an alias names it."""
    anchors = _Anchors()
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        yield from anchors.told(event)


class _Anchors:
    """Remembers the events of what has an anchor, and gives them again for an alias."""

    def __init__(self) -> None:
        self.recorded: dict[str, list[Any]] = {}
        self.open: list[tuple[str, int]] = []
        self.depth = self.aliases = 0

    def told(self, event: Any) -> list[Any]:
        """The event itself, or what the alias stands for."""
        events = self._repeated(event) if isinstance(event, yaml.AliasEvent) else [event]
        if not isinstance(event, yaml.AliasEvent) and getattr(event, "anchor", None):
            self.recorded[event.anchor] = []
            self.open.append((event.anchor, self.depth))
        for name, _ in self.open:
            self.recorded[name] += events
        opens = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        self.depth += opens - isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
        while not opens and self.open and self.depth <= self.open[-1][1]:
            self.open.pop()
        return events

    def _repeated(self, event: Any) -> list[Any]:
        self.aliases += 1
        known = self.recorded.get(event.anchor)
        if known is None or any(name == event.anchor for name, _ in self.open) or self.aliases > ALIASES_MOST:
            advice = f"Write out what it stands for; at most {ALIASES_MOST} aliases are read, none within itself."
            raise _refuse(event, f"The alias *{event.anchor} cannot be used here.", advice)
        return known


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0
        self.within: list[tuple[Any, Path]] = []
        self.pending: str | None = None  # the key whose value comes next

    def build(self, events: Iterator[Any]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refuse(event, "There is a second document in the text.", "Keep one definition in a text.")
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self.within.pop()
            elif isinstance(event, yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self.node(event)

    def node(self, event: Any) -> None:
        self.count += 1
        if self.count > VALUES_MOST or len(self.within) > DEEPEST:
            raise _refuse(event, "The definition is too large or nested too deep.", "Split it up into subflows.")
        if event.tag not in {None, "!"}:
            raise _refuse(event, f"The tag {event.tag} is not read.", "Leave it out: definitions are plain data.")
        holder, path = self.within[-1] if self.within else (None, ())
        if isinstance(holder, dict) and self.pending is None:
            self.key(event, holder, path)
            return
        value = _plain(event)
        if isinstance(holder, dict) and self.pending is not None:
            path, holder[self.pending] = (*path, self.pending), value
            self.pending = None
        elif isinstance(holder, list):
            path = (*path, len(holder))
            holder.append(value)
        else:
            self.source.data = value
        self.source.values[path] = _mark(event)
        if isinstance(value, dict | list):
            self.within.append((value, path))

    def key(self, event: Any, holder: dict[str, Any], path: Path) -> None:
        if not isinstance(event, yaml.ScalarEvent) or not event.value:
            raise _refuse(event, "A key has to be a word.", "Write `name: value`.")
        if event.value == "<<" and event.implicit[0]:
            raise _refuse(event, "Maps are not merged here.", "Write out what << stands for.")
        if event.value in holder:
            first = self.source.keys[(*path, event.value)].line
            raise _refuse(
                event, f"“{event.value}” stands here twice (first in line {first}).", "Remove or rename one of the two."
            )
        self.pending = event.value
        self.source.keys[(*path, event.value)] = _mark(event)


def _plain(event: Any) -> Any:
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    return event.value if not event.implicit[0] or event.style else _scalar(event.value)


def is_special(text: str) -> bool:
    """Whether this text, written without quotation marks, would be read as something else."""
    return not isinstance(_scalar(text), str)


def _scalar(text: str) -> Any:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and abs(float(text)) < 1e300:
        return float(text)
    return text


def _mark(event: Any) -> Mark:
    start, end = event.start_mark, event.end_mark
    one_line = isinstance(event, yaml.ScalarEvent) and start.line == end.line
    quoted = one_line and bool(event.style)
    return Mark(start.line + 1, start.column + 1, start.column + 1 + quoted if one_line else 0)


def _refuse(event: Any, message: str, advice: str) -> _Refused:
    return _Refused(event.start_mark.line + 1, event.start_mark.column + 1, message, advice)


def _unreadable(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    why = " ".join(part for part in (error.context, error.problem) if part)
    return Problem(
        line,
        column,
        "",
        f"This is no YAML: {why}.",
        "Look at the indentation, the quotation marks and the colons here.",
    )
