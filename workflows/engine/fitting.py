"""Whether a run can stand in another body, and the fact that puts it there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.engine import body as bodies
from workflows.engine.body import Body
from workflows.engine.state import INCIDENT, INSIDE, RUNNING, Data
from workflows.engine.talk import Fact
from workflows.engine.values import Trouble, typed

_GROUPS = {"options": "choice", "otherwise": "choice"}


@dataclass(frozen=True)
class Misfit:
    """Why a run cannot stand in the new body: the token (0: the run itself), its step, and a sentence."""

    token: int
    step: str
    message: str


def fit(
    body_old: dict[str, Any], body_new: dict[str, Any], state: Data, mapping: Mapping[str, str]
) -> tuple[tuple[Fact, ...], tuple[Misfit, ...]]:
    """The facts that move the run from the old body to the new one, or what is in the way; never both.

    A token fits where a step of the same id (or the one it is mapped to) and kind stands in the same kind of blocks.
    What was asked for stays asked as it was. Variables that are new begin with their default; those that are gone are
    dropped. A run that has ended does not fit anywhere.
    """
    fitting = _Fitting(bodies.of(body_old), bodies.of(body_new), state, mapping)
    fitting.look()
    if fitting.misfits:
        return (), tuple(fitting.misfits)
    return (Fact("migrated", fitting.data),), ()


class _Fitting:
    def __init__(self, old: Body, new: Body, state: Data, mapping: Mapping[str, str]) -> None:
        self.old, self.new, self.state, self.mapping = old, new, state, mapping
        self.misfits: list[Misfit] = []
        renamed = {step: other for step, other in mapping.items() if step != other and step in old.steps}
        self.data: Data = {"tokens": {}, "frames": {}, "renamed": renamed, "vars": {}, "dropped": []}

    def look(self) -> None:
        if self.state["status"] != RUNNING:
            self._say(0, "", "The run has ended: there is nothing to move.")
            return
        for step, other in self.mapping.items():
            if other not in self.new.steps:
                self._say(0, step, f"It is mapped to “{other}”, which the new version does not have.")
        if len({self._to(step) for step in self.old.steps}) < len(self.old.steps):
            self._say(0, "", "Two steps are mapped to one: their results could not be told apart.")
        for key, token in self.state["tokens"].items():
            self._token(int(key), token)
        self._branches()
        self._variables()

    def _branches(self) -> None:
        """Two branches of one block may not become the same one; those of foreach are."""
        seen: set[tuple[int, str]] = set()
        for key, seq in self.data["frames"].items():
            parent = self.state["frames"][key]["parent"]
            if parent and self.state["tokens"][str(parent)]["kind"] == "foreach":
                continue
            if parent and (parent, seq) in seen:
                step = self.state["tokens"][str(parent)]["step"]
                self._say(parent, step, "Two of its branches would be one in the new version.")
            seen.add((parent, seq))

    def _say(self, token: int, step: str, message: str) -> None:
        self.misfits.append(Misfit(token, step, message))

    def _to(self, step: str) -> str:
        return self.mapping.get(step, step)

    def _token(self, number: int, token: Data) -> None:
        step, target = token["step"], self.new.steps.get(self._to(token["step"]))
        if target is None:
            self._say(number, step, "The new version has no such step: say which one stands for it.")
            return
        if target["kind"] != token["kind"]:
            self._say(number, step, f"“{target['id']}” is of kind {target['kind']}, not {token['kind']}.")
            return
        frame = self.state["frames"][str(token["frame"])]
        seq, index = self.new.places[target["id"]]
        if not self._same_blocks(frame, seq):
            self._say(number, step, f"“{target['id']}” does not stand in the same blocks as before.")
            return
        if self._inside_changed(token, self.old.steps[step], target):
            self._say(number, step, f"“{target['id']}” goes through its branches in another way.")
            return
        self.data["tokens"][str(number)] = {"step": target["id"], "index": index}
        self.data["frames"][str(token["frame"])] = seq

    def _same_blocks(self, frame: Data, seq: str) -> bool:
        """Whether the list of steps stands in the new body as the frame's did in the old one, all the way out."""
        old, new = frame["seq"], seq
        if not frame.get("beside") and frame["parent"]:
            around = self.state["tokens"][str(frame["parent"])]["step"]
            if not new or new.split(".")[0] != self._to(around):
                return False
        while old and new:
            (old_step, old_slot), (new_step, new_slot) = old.split(".", 1), new.split(".", 1)
            if self.old.steps[old_step]["kind"] != self.new.steps[new_step]["kind"]:
                return False
            if _group(old_slot) != _group(new_slot):
                return False
            old, new = self.old.places[old_step][0], self.new.places[new_step][0]
        return old == new

    def _inside_changed(self, token: Data, old: dict[str, Any], new: dict[str, Any]) -> bool:
        standing = token.get("was") if token["state"] == INCIDENT else token["state"]
        if standing != INSIDE or token["kind"] != "foreach":
            return False
        return any(old.get(said) != new.get(said) for said in ("mode", "as"))

    def _variables(self) -> None:
        held = self.state["vars"]
        self.data["dropped"] = sorted(name for name in held if name not in self.new.variables)
        for name, declared in self.new.variables.items():
            try:
                found = typed(self.new.variables, name, held.get(name, declared.get("default")))
            except Trouble as trouble:
                self._say(0, "", trouble.detail)
                continue
            if name not in held or found != held[name]:
                self.data["vars"][name] = found


def _group(slot: str) -> str:
    """Ways of one choice are alike, and so are branches of one parallel."""
    name = slot.split(".")[0]
    return _GROUPS.get(name, name)
