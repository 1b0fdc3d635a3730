"""What a move has in hand: the state as it stands, the facts noted and the effects asked for so far."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from workflows.engine import fold, state, values
from workflows.engine.body import Body, Step
from workflows.engine.state import Data
from workflows.engine.talk import Effect, Fact
from workflows.engine.values import Trouble

STATE_LARGEST = 512 * 1024  # bytes of JSON


@dataclass(frozen=True)
class Context:
    """What conditions see besides the run's own state, and the moment of the move; `zone` says which day it is."""

    document: dict[str, Any]
    instance: dict[str, Any]
    now: datetime
    zone: tzinfo = UTC

    @property
    def today(self) -> datetime:
        """When the day of the move began."""
        return self.now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)


class Ledger:
    """The state of a run while it moves. Every change of it is a fact, folded at once."""

    def __init__(self, body: Body, held: Data, context: Context) -> None:
        self.body, self.state, self.context = body, state.copied(held), context
        self.facts: list[Fact] = []
        self.effects: list[Effect] = []
        self.now = context.now.isoformat()
        self._room: int | None = None

    # --- the state
    def note(self, action: str, **data: Any) -> None:
        """A fact, and what it does to the state."""
        fold.apply(self.state, action, data)
        self.facts.append(Fact(action, data))

    def ask(self, effect: Effect) -> None:
        """An effect, to be carried out when the move is over."""
        self.effects.append(effect)

    def token(self, number: int) -> Data:
        """The token, alive."""
        return self.state["tokens"][str(number)]

    def step(self, number: int) -> Step:
        """The step at which the token stands."""
        return self.body.steps[self.token(number)["step"]]

    def number(self, after: int = 0) -> int:
        """The number of the next token or frame, or of the one so many later."""
        return self.state["next"] + after

    def names(self, frame: int, event: Any = None) -> dict[str, Any]:
        """What conditions in this frame see."""
        around = [*state.enclosing(self.state, frame)]
        results = {**self.body.blank, **self.state["steps"]}
        names = {"document": self.context.document, "instance": self.context.instance, "vars": self.state["vars"]}
        for held in reversed(around):
            results.update(held.get("steps", ()))
            names.update(held.get("locals", ()))
        names["steps"] = results
        return names if event is None else {**names, "event": event}

    def names_at(self, number: int, event: Any = None) -> dict[str, Any]:
        """What conditions of the step see at which this token stands."""
        return self.names(self.token(number)["frame"], event)

    def typed(self, name: str, held: Any) -> Any:
        """The value for this variable. Raises Trouble when it does not fit there, or not into the run any more."""
        return self.fitting(values.typed(self.body.variables, name, held))

    def fitting(self, held: Any) -> Any:
        """The plain value, if the state may grow by it. Raises Trouble `state_too_large`."""
        size = values.size(held)
        if self._room is None or self._room < size:
            self._room = STATE_LARGEST - values.size(self.state)
        if self._room < size:
            raise Trouble("state_too_large", f"The run carries more than {STATE_LARGEST // 1024} KB: keep less in it.")
        self._room -= size
        return held
