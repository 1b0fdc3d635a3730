"""Random bodies, and random lives of their runs.

`definitions()` gives bodies as the checker makes them: every default filled in. `drive(body, choices)` plays news that
the numbers of `choices` choose; the same numbers give the same life, so a life that fails is kept as body and numbers.
"""

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from tests.workflows.engine.world import World
from workflows.definitions import defaults
from workflows.engine.state import INCIDENT
from workflows.engine.talk import Came, Decided, Done, Ended, Failed, News, Rang, Retry, Skip, Stop, Superseded

Body = dict[str, Any]

VARIABLES: dict[str, Body] = {
    "n": {"type": "integer", "default": 1},
    "flag": {"type": "boolean", "default": True},
    "text": {"type": "string", "default": "a"},
    "any": {"type": "map"},
    "items": {"type": "list", "default": [1, 2, 3]},
}
GOOD = ["vars.flag", "!vars.flag", "vars.n > 2", "vars.n % 2 == 0", 'vars.text == "a"', 'document.type == "invoice"']
BAD = ["vars.any.absent == 1", "vars.n", 'vars.n == "x"']
CONDITIONS = st.sampled_from([*GOOD, *GOOD, *GOOD, *BAD])
SETS = st.sampled_from(
    [
        {"n": {"expr": "vars.n + 1"}},
        {"n": 0},
        {"flag": {"expr": "!vars.flag"}},
        {"text": "b"},
        {"text": "a", "flag": True},
        {"n": "no number"},
        {"items": {"expr": "[vars.n, 7]"}},
    ]
)
DURATIONS = st.sampled_from(["90 seconds", "2 days", "3 working hours"])
JOINS = st.sampled_from(["all", "any", {"at_least": 2}])
DEEPEST = 3
LARGEST = 24


class _Drawing:
    """One body being drawn: ids in order of appearance, and a limit to how large it grows."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw, self.count = draw, 0
        self.services: list[str] = []

    def some(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def rarely(self) -> bool:
        return self.draw(st.integers(0, 5)) == 5

    def condition(self) -> str:
        """Over variables and the document, or the outcome of a step that is written before."""
        if self.count > 1 and self.draw(st.booleans()):
            step, outcome = self.draw(st.integers(1, self.count)), self.some("approved", "done", "")
            return f'steps.s{step}.outcome == "{outcome}"'
        return self.draw(CONDITIONS)

    def steps(self, depth: int, least: int = 0, most: int = 3) -> list[Body]:
        if self.count >= LARGEST:
            least, most = min(least, 1), min(least, 1)
        return [self.step(depth) for _ in range(self.draw(st.integers(least, most)))]

    def step(self, depth: int) -> Body:
        self.count += 1
        step: Body = {"id": f"s{self.count}"}
        blocks = ("choice", "parallel", "repeat", "foreach")
        leaves = ("service", "human", "rule", "timer", "wait_event", "subflow", "acknowledge", "compensate", "end")
        deep = depth < DEEPEST and self.count < LARGEST
        kind = step["kind"] = self.some(*(blocks * 2 if deep else ()), *leaves[:-1], *leaves)
        step.update(getattr(self, kind)(step["id"], depth))
        if self.rarely():
            step["when"] = self.condition()
        if kind != "end" and self.rarely():
            step["on_error"] = {"steps": self.steps(depth + 1, most=2)}
        if kind not in ("end", "rule", "choice", "compensate"):
            self.boundary(step, depth)
        return step

    def boundary(self, step: Body, depth: int) -> None:
        if self.rarely():
            cancel = self.draw(st.booleans())
            steps = self.steps(depth + 1, most=2)
            step["on_timeout"] = {"after": self.draw(DURATIONS), "steps": steps, "cancel": cancel}
        if self.rarely():
            rung = {"after": "50 %", "do": "path", "steps": self.steps(depth + 1, least=1, most=2)}
            step["sla"] = {"target": "2 days", "ladder": [rung]}

    # --- kinds
    def service(self, name: str, depth: int) -> Body:
        self.services.append(name)
        undo = {"undo": {"call": "undo", "with": {"was": {"expr": f"steps.{name}.outcome"}}}}
        said = {"call": "do", "with": {"n": {"expr": "vars.n"}, "list": [{"expr": "vars.text"}]}}
        return {**said, **self.some({}, {"save": "n"}, {"save": "any"}), **self.some({}, undo)}

    def human(self, name: str, depth: int) -> Body:
        field = {"name": "n", "type": "integer", "save": "n"}
        return {
            "candidates": [
                self.some({"user": "anitha"}, {"head_of": {"expr": "document.department"}}, {"uploader": True})
            ],
            "bound_to_version": self.draw(st.booleans()),
            "form": self.some([], [field]),
        }

    def acknowledge(self, name: str, depth: int) -> Body:
        return {"people": [self.some({"expr": "vars.text"}, {"expr": "vars.any.absent"})]}

    def rule(self, name: str, depth: int) -> Body:
        rules = [{"when": self.condition(), "set": self.draw(SETS)} for _ in range(self.draw(st.integers(1, 3)))]
        otherwise = {"otherwise": {"set": self.draw(SETS)}}
        return {"rules": rules, "hit": self.some("first", "all"), **self.some(otherwise, otherwise, {})}

    def choice(self, name: str, depth: int) -> Body:
        count = self.draw(st.integers(1, 2))
        options = [{"when": self.condition(), "steps": self.steps(depth + 1)} for _ in range(count)]
        return {"options": options, "otherwise": {"steps": self.steps(depth + 1)}}

    def parallel(self, name: str, depth: int) -> Body:
        branches = [{"steps": self.steps(depth + 1, most=2)} for _ in range(self.draw(st.integers(2, 3)))]
        return {"branches": branches, "join": self.draw(JOINS), "others": self.some("cancel", "finish")}

    def timer(self, name: str, depth: int) -> Body:
        return self.some({"wait": "2 days"}, {"until": "2026-12-01"}, {"until": {"expr": "vars.text"}})

    def wait_event(self, name: str, depth: int) -> Body:
        key, match = self.some({}, {"key": {"expr": "document.id"}}), self.some({}, {"match": "event.good"})
        return {"event": "signal", **key, **match, **self.some({}, {"save": "any"}, {"save": "text"})}

    def repeat(self, name: str, depth: int) -> Body:
        steps = self.steps(depth + 1, least=1, most=2)
        exhausted = self.some("incident", "continue")
        return {
            "steps": steps,
            "until": self.condition(),
            "most": self.draw(st.integers(1, 3)),
            "exhausted": exhausted,
        }

    def foreach(self, name: str, depth: int) -> Body:
        return {
            "items": self.some("vars.items", "[1]", "[]", "vars.n", '["a", "b"]'),
            "as": f"of_{name}",
            "steps": self.steps(depth + 1, least=1, most=2),
            "mode": self.some("parallel", "sequence"),
            "join": self.draw(JOINS),
            "others": self.some("cancel", "finish"),
        }

    def subflow(self, name: str, depth: int) -> Body:
        return {"definition": "other", "with": {"n": {"expr": "vars.n"}}, **self.some({}, {"save": "any"})}

    def compensate(self, name: str, depth: int) -> Body:
        return {"of": self.draw(st.lists(st.sampled_from(self.services), min_size=1, unique=True))} if (
            self.services and self.draw(st.booleans())
        ) else {}  # fmt: skip

    def end(self, name: str, depth: int) -> Body:
        return {"outcome": self.some("done", "rejected")}


@st.composite
def definitions(draw: Callable[..., Any]) -> Body:
    """A body of up to some thirty steps, blocks within blocks, with conditions that hold, do not, and fail."""
    drawing = _Drawing(draw)
    body = {"key": "random", "title": "Random", "variables": VARIABLES, "steps": drawing.steps(0, least=1, most=4)}
    return defaults.filled(body)


CHOICES = st.lists(st.integers(0, 10_000), max_size=40)


def drive(body: Body, choices: Iterable[int]) -> World:
    """Begin a run and tell it one piece of news a number: what its world has come to, or what it knows already."""
    world = World(body)
    _refuse_some(world, world.begin().effects, 1)
    for number in choices:
        _play(world, number)
    return world


def _play(world: World, number: int) -> None:
    kind, number = number % 16, number // 16
    if kind == 15:
        stray(world, number)
        return
    if kind == 14 and number % 8 == 0:
        world.tell(Stop())
        return
    offered = [news for offer in possible(world, number) for news in offer]
    if not offered:
        return
    chosen = offered[number % len(offered)]
    moved = world.answer(chosen)
    _refuse_some(world, moved.effects, number)


def _refuse_some(world: World, effects: Any, number: int) -> None:
    """Now and then the shell cannot carry out what a step asked for."""
    if number % 11 != 10:
        return
    alive = [*world.tasks, *world.timers, *world.clocks, *world.children]
    fresh = [effect.token for effect in effects if effect.token in alive]
    if fresh and str(fresh[-1]) in world.state["tokens"]:
        world.refuse(fresh[-1])


def stray(world: World, number: int) -> None:
    """News told again, and news for tokens that never were: of who is gone nothing may move."""
    told = world.told[number % len(world.told)]
    before = world.state
    if isinstance(told, Retry | Skip | Stop) or str(told.token) in before["tokens"]:
        told = Done(9_999, result=1)
    moved = world.tell(told)
    assert moved.facts == moved.effects == () and moved.state == before


def possible(world: World, number: int) -> list[list[News]]:
    """What may come next, for each thing that the run waits for."""
    results = [1, "text", {"a": 1}, None]
    value = results[number % 4]
    offers: list[list[News]] = []
    for token in world.services:
        offers.append([Done(token, result=value), Failed(token, code="refused", detail="No.")])
    for token, task in world.tasks.items():
        outcome = ("approved", "rejected")[number % 2]
        form = {"n": value} if task.step.get("form") else {}
        offers.append([Decided(token, outcome=outcome, by=("anitha",), form=form), Superseded(token)])
    for token, timers in world.timers.items():
        offers.append([Rang(token, timer=timer) for timer in timers])
    for token in world.clocks:
        offers.append([Rang(token, timer="path:1")])
    for token in world.listens:
        good: Any = (True, False, 1)[number % 3]
        offers.append([Came(token, event="signal", data={"good": good}), Came(token, event="other")])
    for token in world.children:
        offers.append([Ended(token, outcome="done", variables={"n": value}), Failed(token, code="cancelled")])
    for token in world.incidents:
        offers.append([Retry(token), Skip(token)])
    return offers


def ends(world: World, most: int = 3_000) -> int:
    """Answer everything so that the run can only go on; gives how many answers it took to its end."""
    count = 0
    while world.finished is None:
        count += 1
        assert count < most, "it goes on and on"
        world.answer(_best(world))
    return count


def _best(world: World) -> News:
    for number, token in world.state["tokens"].items():
        if token["state"] == INCIDENT:
            return Skip(int(number))
    for token in world.services:
        return Done(token, result=1)
    for token in world.tasks:
        return Decided(token, outcome="approved", by=("anitha",), form={"n": 1})
    for token in world.listens:
        return Came(token, event="signal", data={"good": True})
    for token in world.children:
        return Ended(token, outcome="done", variables={})
    token, timers = next(iter(world.timers.items()))
    return Rang(token, timer=next(iter(timers)))
