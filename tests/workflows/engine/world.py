"""A world around the engine: carries effects out in memory, keeps the history, and watches over what must hold."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import orjson

from accounts import history
from workflows.engine import core, fold
from workflows.engine.core import Context
from workflows.engine.state import HANDLING, INCIDENT, INSIDE, WAITING, copied
from workflows.engine.talk import (
    Begin,
    CancelChild,
    CloseIncident,
    CloseTask,
    Decided,
    Done,
    Effect,
    Ended,
    Entered,
    Fact,
    Failed,
    Finish,
    Forget,
    Left,
    Listen,
    Moved,
    News,
    OpenIncident,
    OpenTask,
    Rang,
    RunService,
    SetTimer,
    StartChild,
    StartClock,
)

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
DOCUMENT = {"id": "d1", "type": "invoice", "department": "finance", "facts": {"amount": 1200}, "title": "Invoice"}
INSTANCE = {"id": "i1", "key": "k", "started_by": "anitha", "priority": "normal", "started_at": NOW.isoformat()}
ASKS = {
    "service": "services",
    "compensate": "services",
    "human": "tasks",
    "acknowledge": "tasks",
    "timer": "timers",
    "wait_event": "listens",
    "subflow": "children",
}


def as_in_database(held: Any) -> Any:
    """What PostgreSQL gives back for it: keys of a jsonb stand by length, then by bytes."""
    if isinstance(held, dict):
        return {key: as_in_database(held[key]) for key in sorted(held, key=lambda key: (len(key), key))}
    if isinstance(held, list):
        return [as_in_database(inner) for inner in held]
    return held


class World:
    """One run of a body, with everything it has asked for and not taken back."""

    def __init__(self, body: dict[str, Any], document: dict[str, Any] = DOCUMENT) -> None:
        self.body, self.context = body, Context(document, INSTANCE, NOW)
        self.state: dict[str, Any] = fold.EMPTY
        self.history: list[Fact] = []
        self.told: list[News] = []
        self.services: dict[int, RunService] = {}
        self.tasks: dict[int, OpenTask] = {}
        self.timers: dict[int, dict[str, SetTimer]] = {}
        self.listens: dict[int, Listen] = {}
        self.children: dict[int, StartChild] = {}
        self.clocks: dict[int, StartClock] = {}
        self.incidents: dict[int, OpenIncident] = {}
        self.entered: set[int] = set()
        self.left: Counter[int] = Counter()
        self.refused: set[int] = set()
        self.finished: Finish | None = None

    # --- telling
    def begin(self, **variables: Any) -> Moved:
        return self.tell(Begin(variables=variables))

    def tell(self, news: News) -> Moved:
        """One move, its effects carried out, and everything that must hold looked at."""
        before = orjson.dumps(self.state)
        moved = core.move(self.body, self.state, news, self.context)
        assert orjson.dumps(self.state) == before, "move changed the state it was given"
        assert not (self.finished and (moved.facts or moved.effects)), "something happens after the end"
        self._follow(moved)
        self.told.append(news)
        self.state = as_in_database(orjson.loads(orjson.dumps(moved.state)))
        for effect in moved.effects:
            self._carry_out(effect)
        if any(isinstance(effect, Finish) for effect in moved.effects):
            assert isinstance(moved.effects[-1], Finish)
        self.look()
        return moved

    def _follow(self, moved: Moved) -> None:
        held, alive = copied(self.state), set(self.state["tokens"])
        for fact in moved.facts:
            assert history.plain(fact.data) == fact.data == orjson.loads(orjson.dumps(fact.data))
            self._named(fact, alive)
            fold.apply(held, fact.action, fact.data)
            assert set(held["tokens"]) == alive, fact
        self.history += moved.facts
        assert held == moved.state
        assert fold.folded(self.history) == moved.state

    def _named(self, fact: Fact, alive: set[str]) -> None:
        """Every fact that makes or consumes tokens names them."""
        data = fact.data
        made = {"entered": [data.get("token")], "undone": [data["next"]] if "next" in data else []}
        gone = {
            "left": [data.get("token")],
            "superseded": [data.get("token")],
            "withdrawn": data.get("tokens", []),
            "undone": [data.get("token")] if "next" in data else [],
        }
        for number in gone.get(fact.action, []):
            assert str(number) in alive, (fact, "consumes a token that is gone")
            alive.remove(str(number))
        for number in made.get(fact.action, []):
            assert str(number) not in alive
            alive.add(str(number))
        if fact.action in ("finished", "cancelled"):
            assert not alive

    # --- carrying out
    def _carry_out(self, effect: Effect) -> None:
        number = effect.token
        match effect:
            case Entered():
                assert number not in self.entered
                self.entered.add(number)
            case Left():
                self.left[number] += 1
                assert self.left[number] == 1 and number in self.entered
            case OpenIncident():
                assert number not in self.incidents
                self.incidents[number] = effect
            case CloseIncident():
                del self.incidents[number]
            case Finish():
                self.finished = effect
            case _:
                self._carry_out_asked(effect, number)

    def _carry_out_asked(self, effect: Effect, number: int) -> None:
        match effect:
            case RunService():
                assert number not in self.services
                self.services[number] = effect
            case OpenTask():
                assert number not in self.tasks
                self.tasks[number] = effect
            case CloseTask():
                assert number in self.tasks or number in self.refused
                self.tasks.pop(number, None)
            case SetTimer():
                assert effect.timer not in self.timers.get(number, {})
                self.timers.setdefault(number, {})[effect.timer] = effect
            case Listen():
                self.listens[number] = effect
            case StartChild():
                assert number not in self.children
                self.children[number] = effect
            case CancelChild():
                assert number in self.children or number in self.refused
                self.children.pop(number, None)
            case StartClock():
                assert number not in self.clocks
                self.clocks[number] = effect
            case Forget():
                for held in (self.services, self.timers, self.listens, self.clocks):
                    held.pop(number, None)
            case _:
                raise AssertionError(effect)

    # --- what must hold whenever a move is over
    def look(self) -> None:
        tokens = {int(number): token for number, token in self.state["tokens"].items()}
        assert set(tokens) == self.entered - set(self.left)
        for held in (self.services, self.tasks, self.timers, self.listens, self.children, self.clocks, self.incidents):
            assert set(held) <= set(tokens), ("asked for by a token that is gone", held)
        assert set(self.incidents) == {number for number, token in tokens.items() if token["state"] == INCIDENT}
        self._look_at_frames(tokens)
        for number, token in tokens.items():
            if token["state"] == WAITING:
                assert number in getattr(self, ASKS[token["kind"]]), (token, "waits for nothing")
        assert (self.state["status"] == "running") == bool(tokens) == (self.finished is None)

    def _look_at_frames(self, tokens: dict[int, dict[str, Any]]) -> None:
        frames = {int(number): frame for number, frame in self.state["frames"].items()}
        assert Counter(token["frame"] for token in tokens.values()) == Counter(frames.keys())
        waited = Counter(frame["parent"] for frame in frames.values() if not frame.get("beside"))
        for number, token in tokens.items():
            assert bool(waited[number]) == (token["state"] in (INSIDE, HANDLING))
        for frame in frames.values():
            assert not frame["parent"] or tokens[frame["parent"]]["state"] in (INSIDE, HANDLING, INCIDENT)

    # --- what others ask
    def answered(self, number: int, news: News) -> None:
        """What the world did to tell these news is over: the task is decided, the timer has rung, the job has ended."""
        if isinstance(news, Done | Failed):
            self.services.pop(number, None)
        if isinstance(news, Ended | Failed):
            self.children.pop(number, None)
        if isinstance(news, Decided):
            self.tasks.pop(number, None)
        if isinstance(news, Rang):
            pending = self.timers.get(number, {})
            pending.pop(news.timer, None)
            if not pending:
                self.timers.pop(number, None)

    def refuse(self, number: int) -> Moved:
        """What the token has just asked for cannot be had."""
        for held in (self.tasks, self.children, self.timers, self.clocks):
            held.pop(number, None)
        self.refused.add(number)
        moved = self.tell(Failed(number, code="no_time", detail="This is no time.", refused=True))
        self.refused.discard(number)
        return moved

    def answer(self, news: News) -> Moved:
        """Tell these news, which the world itself has come to."""
        self.answered(news.token, news)
        return self.tell(news)

    def standing(self) -> dict[str, list[int]]:
        """Which tokens stand at which step."""
        found: dict[str, list[int]] = {}
        for number, token in self.state["tokens"].items():
            found.setdefault(token["step"], []).append(int(number))
        return found

    def at(self, step: str) -> int:
        """The only token at this step."""
        (number,) = self.standing()[step]
        return number
