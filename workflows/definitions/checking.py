"""Checks a definition's text: can it be read, has it the shape, does it mean something. The one door for all of it."""

from dataclasses import dataclass, field
from typing import Any

from workflows.definitions import defaults, reading, shape
from workflows.definitions.meaning import calls, flow, naming, people, prefilling, times
from workflows.definitions.meaning.look import Look
from workflows.definitions.problems import ERROR, Problem

_MEANINGS = (flow.problems, naming.problems, calls.problems, prefilling.problems, people.problems, times.problems)


@dataclass(frozen=True)
class Checked:
    """`body` is what runs, with every default; None when there is an error. Warnings leave it."""

    body: dict[str, Any] | None
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """What keeps it from being published."""
        return [problem for problem in self.problems if problem.level == ERROR]

    @property
    def warnings(self) -> list[Problem]:
        """What it may be published with, but should be looked at."""
        return [problem for problem in self.problems if problem.level != ERROR]


def check(source: str) -> Checked:
    """Everything that is wrong with the text, in the order of its lines, and the body if nothing is.

    Looks at who and what there is now: departments, users, calendars, published definitions.
    """
    read = reading.read(source)
    if read.problems:
        return Checked(None, read.problems)
    if misshapen := shape.problems(read):
        return Checked(None, _ordered(misshapen))
    look = Look(read, defaults.filled(read.data))
    found = _ordered([problem for meaning in _MEANINGS for problem in meaning(look)])
    wrong = any(problem.level == ERROR for problem in found)
    return Checked(None if wrong else look.body, found)


def _ordered(problems: list[Problem]) -> list[Problem]:
    return sorted(set(problems), key=lambda problem: (problem.line, problem.column, problem.message))
