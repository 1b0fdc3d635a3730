"""Circles: a definition that would run itself by way of the subflows of others."""

from typing import Any

from workflows.definitions import reading
from workflows.definitions.problems import Problem
from workflows.definitions.steps import walk
from workflows.models import Definition


def cycle_through(body: dict[str, Any], source: str) -> list[Problem]:
    """The problem of the first circle that this body would close over what is published, if it does."""
    key = body["key"]
    published = Definition.objects.exclude(published=None).exclude(key=key)
    calls = {other: _called(held) for other, held in published.values_list("key", "published__body")}
    for placed in walk(body):
        if placed.step["kind"] != "subflow":
            continue
        way = _way(placed.step["definition"], key, calls)
        if way:
            told = " → ".join([key, *way])
            advice = "Take one of these subflows out."
            where = (*placed.path, "definition")
            return [reading.read(source).problem(where, f"The subflows run in a circle: {told}.", advice)]
    return []


def _called(body: dict[str, Any]) -> list[str]:
    return [placed.step["definition"] for placed in walk(body) if placed.step["kind"] == "subflow"]


def _way(start: str, goal: str, calls: dict[str, list[str]]) -> list[str]:
    """The keys from `start` to `goal`, both included; nothing when there is no way."""
    before: dict[str, str | None] = {start: None}
    waiting = [start]
    while waiting:
        here = waiting.pop(0)
        if here == goal:
            way: list[str] = []
            at: str | None = here
            while at is not None:
                way.insert(0, at)
                at = before[at]
            return way
        for called in calls.get(here, ()):
            if called not in before:
                before[called] = here
                waiting.append(called)
    return []
