"""A published body, indexed once: steps by id, lists of steps by name."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

Step = dict[str, Any]

KEPT = 512
_BLANK: Step = {"outcome": "", "by": [], "comment": "", "form": {}, "result": None, "at": "", "round": 0}


class Body:
    """What the engine looks up in a body. `sequences`: "" is the whole, `fork.branches.1` a branch of the step fork."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.steps: dict[str, Step] = {}
        self.sequences: dict[str, list[Step]] = {}
        self.places: dict[str, tuple[str, int]] = {}
        self.variables: dict[str, dict[str, Any]] = data.get("variables") or {}
        self._add("", data["steps"])
        self.blank = dict.fromkeys(self.steps, _BLANK)

    def _add(self, seq: str, steps: list[Step]) -> None:
        self.sequences[seq] = steps
        for index, step in enumerate(steps):
            self.steps[step["id"]] = step
            self.places[step["id"]] = (seq, index)
            for slot, inner in slots(step):
                self._add(f"{step['id']}.{slot}", inner)


def slots(step: Step) -> Iterator[tuple[str, list[Step]]]:
    """The lists of steps within a step, each with its name there."""
    if step.get("steps") is not None:
        yield "steps", step["steps"]
    for group in ("options", "branches"):
        for number, branch in enumerate(step.get(group) or ()):
            yield f"{group}.{number}", branch.get("steps") or []
    for name in ("on_error", "on_timeout"):
        if step.get(name):
            yield name, step[name].get("steps") or []
    if step["kind"] == "choice":
        yield "otherwise", (step.get("otherwise") or {}).get("steps") or []
    for number, rung in enumerate((step.get("sla") or {}).get("ladder") or ()):
        if rung.get("do") == "path":
            yield f"ladder.{number}", rung.get("steps") or []


_kept: "OrderedDict[int, Body]" = OrderedDict()


def of(data: dict[str, Any]) -> Body:
    """The index of this body; made once for the same object, which must not change any more."""
    found = _kept.get(id(data))
    if found is not None and found.data is data:  # held by the index, so its id is its own
        return found
    body = _kept[id(data)] = Body(data)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return body
