"""What a run's state holds, and how to look around in it.

A **token** stands at one step and is consumed when it leaves it: `{step, kind, state, frame, index, round, at}`, by
number as text. `state` is `waiting` (for news), `inside` (its own branches run), `handling` (its steps of on_error or
on_timeout run) or `incident`. A **frame** is a sequence of steps that runs: `{seq, parent}`, `seq` naming the list in
the body (`fork.branches.1`, empty for the whole), `parent` the token whose branch it is (0: the run's own). In a frame
that is alive stands exactly one token once a move is over. `beside` marks a frame that nobody waits for but the run's
end; `locals` are names bound by foreach; `steps` are the results of its own element. Tokens and frames share numbers.
Values are never changed in place, so a copy of two levels is a copy.
"""

from collections.abc import Iterator
from typing import Any

RUNNING, FINISHED, CANCELLED = "running", "finished", "cancelled"
WAITING, INSIDE, HANDLING, INCIDENT = "waiting", "inside", "handling", "incident"

Data = dict[str, Any]

EMPTY: Data = {
    "status": RUNNING,
    "outcome": "",
    "next": 1,
    "vars": {},
    "steps": {},
    "rounds": {},
    "undo": [],
    "tokens": {},
    "frames": {},
}


def copied(state: Data) -> Data:
    """A state of one's own, to fold into."""
    return {
        **state,
        "vars": dict(state["vars"]),
        "steps": dict(state["steps"]),
        "rounds": dict(state["rounds"]),
        "undo": list(state["undo"]),
        "tokens": {number: dict(token) for number, token in state["tokens"].items()},
        "frames": {number: dict(frame) for number, frame in state["frames"].items()},
    }


def enclosing(state: Data, frame: int) -> Iterator[Data]:
    """The frame and those around it, innermost first."""
    while frame:
        found = state["frames"][str(frame)]
        yield found
        frame = state["tokens"][str(found["parent"])]["frame"] if found["parent"] else 0


def branches(state: Data, token: int, *, beside: bool = True) -> list[int]:
    """The frames that hang at this token, oldest first."""
    return [
        int(number)
        for number, frame in state["frames"].items()
        if frame["parent"] == token and (beside or not frame.get("beside"))
    ]


def within(state: Data, frames: list[int]) -> tuple[list[int], list[int]]:
    """All tokens and frames in these frames, and in what hangs at them."""
    found, tokens, held = list(frames), [], set(frames)
    for number, token in state["tokens"].items():  # a token is always older than what is within it
        if token["frame"] in held:
            tokens.append(int(number))
            inner = branches(state, int(number)) if token["state"] != WAITING else []
            found += inner
            held.update(inner)
    return tokens, found


def alive(state: Data) -> int:
    """How many branches run: tokens that are not mere blocks around others, and frames about to begin."""
    return len(state["frames"]) - sum(token["state"] in (INSIDE, HANDLING) for token in state["tokens"].values())
