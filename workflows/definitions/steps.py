"""Where steps stand in a definition's body, and how to go through them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workflows.definitions.problems import Path

KINDS = (
    "service", "rule", "choice", "parallel", "human", "acknowledge", "timer", "wait_event", "repeat", "foreach",
    "subflow", "compensate", "end",
)  # fmt: skip
WAITING = ("service", "human", "acknowledge", "timer", "wait_event", "subflow", "parallel", "foreach", "repeat")


@dataclass(frozen=True)
class Placed:
    """A step, the path to it in the body, and the id of the step that it stands in (None: the definition itself)."""

    step: dict[str, Any]
    path: Path
    parent: str | None


def walk(body: dict[str, Any]) -> Iterator[Placed]:
    """Every step of the body in the order in which it is written, those within others after them."""
    yield from _within(body.get("steps"), ("steps",), None)


def by_id(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every step by its id."""
    return {placed.step["id"]: placed.step for placed in walk(body)}


def blocks(step: dict[str, Any]) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """The lists of steps within a step, each with its path from there: branches, options, bodies, boundaries."""
    for name in ("options", "branches"):
        for number, one in enumerate(_maps(step.get(name))):
            yield (name, number, "steps"), _maps(one.get("steps"))
    if step.get("kind") in {"repeat", "foreach"}:
        yield ("steps",), _maps(step.get("steps"))
    for name in ("otherwise", "on_error", "on_timeout"):
        held = step.get(name)
        if isinstance(held, dict) and (name != "otherwise" or step.get("kind") == "choice"):
            yield (name, "steps"), _maps(held.get("steps"))
    sla = step.get("sla")
    for number, rung in enumerate(_maps(sla.get("ladder")) if isinstance(sla, dict) else ()):
        if rung.get("do") == "path":
            yield ("sla", "ladder", number, "steps"), _maps(rung.get("steps"))


def _within(steps: Any, path: Path, parent: str | None) -> Iterator[Placed]:
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict):
            continue
        here = (*path, number)
        yield Placed(step, here, parent)
        for inner, block in blocks(step):
            yield from _within(block, (*here, *inner), step.get("id"))


def _maps(held: Any) -> list[dict[str, Any]]:
    """The list itself where it is one of maps: whoever fills in defaults changes it."""
    if not isinstance(held, list):
        return []
    return (
        held if all(isinstance(one, dict) for one in held) else [one if isinstance(one, dict) else {} for one in held]
    )
