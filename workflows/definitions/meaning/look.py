"""What every check looks at: the body with its defaults, where it stands in the text, and which step comes when."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workflows.definitions.problems import WARNING, Path, Problem
from workflows.definitions.reading import Source
from workflows.definitions.steps import Placed, walk


@dataclass
class Look:
    """A definition that is looked at. Checks are functions of it that give problems."""

    source: Source
    body: dict[str, Any]

    @cached_property
    def placed(self) -> list[Placed]:
        """Every step, in the order in which it is written."""
        return list(walk(self.body))

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of every step and its place in the order."""
        found: dict[str, int] = {}
        for number, placed in enumerate(self.placed):
            found.setdefault(placed.step["id"], number)
        return found

    def step(self, step_id: str) -> Placed:
        """The step of this id."""
        return self.placed[self.ids[step_id]]

    def around(self, step_id: str) -> Iterator[Placed]:
        """The steps that this one stands in, the nearest first."""
        seen = {step_id}
        parent = self.step(step_id).parent
        while parent is not None and parent not in seen:
            seen.add(parent)
            yield self.step(parent)
            parent = self.step(parent).parent

    def may_have_happened(self, step_id: str, *, before: str) -> bool:
        """Whether `step_id` can have been left when `before` looks at it: it comes earlier, or again in a repeat."""
        if self.ids[step_id] < self.ids[before]:
            return True
        repeats = {around.step["id"] for around in self.around(step_id) if around.step["kind"] == "repeat"}
        return bool(repeats & {before, *(around.step["id"] for around in self.around(before))})

    def wrong(self, path: Path, message: str, advice: str = "", *, key: bool = False, at: int = 0) -> Problem:
        """A problem that keeps from publishing."""
        return self.source.problem(path, message, advice, key=key, at=at)

    def odd(self, path: Path, message: str, advice: str = "", *, at: int = 0) -> Problem:
        """A warning."""
        return self.source.problem(path, message, advice, at=at, level=WARNING)
