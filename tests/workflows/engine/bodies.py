"""Small bodies for tests, with the defaults of the language filled in."""

from typing import Any

from workflows.definitions import defaults

Step = dict[str, Any]

VARIABLES: Step = {
    "n": {"type": "integer", "default": 1},
    "flag": {"type": "boolean", "default": True},
    "text": {"type": "string", "default": "a"},
    "day": {"type": "date"},
    "any": {"type": "map"},
    "items": {"type": "list", "default": []},
}


def body(*steps: Step) -> Step:
    """A definition of these steps, as the checker would make it."""
    return defaults.filled({"key": "small", "title": "Small", "variables": VARIABLES, "steps": [*steps]})


def service(name: str, *, with_: Step | None = None, **more: Any) -> Step:
    return {"id": name, "kind": "service", "call": "do", "with": with_ or {}, **more}


def human(name: str) -> Step:
    return {"id": name, "kind": "human", "candidates": [{"user": "anitha"}]}


def choice(name: str, *options: tuple[str, list[Step]], otherwise: list[Step]) -> Step:
    offered = [{"when": when, "steps": steps} for when, steps in options]
    return {"id": name, "kind": "choice", "options": offered, "otherwise": {"steps": otherwise}}


def parallel(name: str, *branches: list[Step], **more: Any) -> Step:
    return {"id": name, "kind": "parallel", "branches": [{"steps": steps} for steps in branches], **more}
