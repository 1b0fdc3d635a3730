"""What each fact does to a run's state: the only place that changes one.

| action | data | says |
| --- | --- | --- |
| `began` | `vars frame at` | the run begins in that frame |
| `entered` | `token step kind frame index round at` | a new token stands at a step |
| `passed over` | `step frame index when` | its `when` was not true; no token was made |
| `left` | `token step outcome at`, where there are any `by comment form result set undo beside failed` | consumed |
| `ruled` | `token step hits inputs reason`, `when` of what hit | what a decision table gave; `left` follows and sets |
| `chose` | `token step option when inputs`, `frame seq` when it has steps | the branch of a choice |
| `opened` | `token frames of`, `items` kept for later ones | branches begin, each `{frame, seq}`, with `locals own` |
| `branch ended` | `frame token` | a frame is over; `token` waits for it (0: nobody) |
| `next item` | `token frame seq locals` | foreach in sequence goes on |
| `repeated` | `token frame seq runs until` | once more |
| `erred` | `token step code detail at`, `frame seq` when there are steps | its on_error runs in its place |
| `timed out` | `token step detail at`, `frame seq` when there are steps | its on_timeout runs in its place |
| `beside` | `token timer`, `frame seq` when there are steps | steps begin that nobody waits for |
| `incident` | `token step code detail job`, `asked: false` when nothing was asked for | the token waits for somebody |
| `retried`, `skipped` | `token`, `outcome` | somebody took care of it |
| `superseded` | `token step` | consumed: the document has a new version; the step is entered anew |
| `compensating` | `token of` | the token will undo what these tokens did, in this order |
| `undone` | `token of`, `next` the token that undoes the one after it, `skipped` | consumed when there is a next |
| `withdrawn` | `tokens frames why` | consumed, all of them: join, timeout, end or stop |
| `migrated` | `tokens frames renamed vars dropped` | the run stands in another version's body |
| `finished` | `outcome at` | no token is left |
| `cancelled` | `at` | the same, because somebody stopped it |

Anything else in a run's history is the shell's and changes nothing here.
"""

from collections.abc import Callable, Iterable
from typing import Any

from workflows.engine.state import (
    CANCELLED,
    EMPTY,
    FINISHED,
    HANDLING,
    INCIDENT,
    INSIDE,
    WAITING,
    Data,
    branches,
    copied,
    enclosing,
)
from workflows.engine.talk import Fact

__all__ = ["EMPTY", "apply", "fold", "folded"]


def fold(state: Data, action: str, data: Data) -> Data:
    """The state after one fact; the one given stays as it is."""
    state = copied(state)
    apply(state, action, data)
    return state


def folded(facts: Iterable[Fact | tuple[str, Data]], state: Data = EMPTY) -> Data:
    """The state after many facts, oldest first; the one given stays as it is."""
    state = copied(state)
    for fact in facts:
        action, data = (fact.action, fact.data) if isinstance(fact, Fact) else fact
        apply(state, action, data)
    return state


def apply(state: Data, action: str, data: Data) -> None:
    """Take one fact into this state, which must be one's own (`state.copied`)."""
    change = _CHANGES.get(action)
    if change:
        change(state, data)


# --- tokens
def _began(state: Data, data: Data) -> None:
    state["vars"].update(data["vars"])
    _begin(state, data["frame"], "", 0)


def _entered(state: Data, data: Data) -> None:
    state["rounds"][data["step"]] = data["round"]
    state["tokens"][str(data["token"])] = {
        "step": data["step"],
        "kind": data["kind"],
        "state": WAITING,
        "frame": data["frame"],
        "index": data["index"],
        "round": data["round"],
        "at": data["at"],
    }
    _count(state, data["token"])


def _left(state: Data, data: Data) -> None:
    number = data["token"]
    token = state["tokens"].pop(str(number))
    state["vars"].update(data.get("set", {}))
    _keep_result(state, token, data)
    if "undo" in data:
        state["undo"].append({"token": number, "step": token["step"], **data["undo"]})
    if token["state"] != WAITING:
        _let_go(state, number, token, set(data.get("beside", ())))


def _superseded(state: Data, data: Data) -> None:
    state["tokens"].pop(str(data["token"]))


def _withdrawn(state: Data, data: Data) -> None:
    for number in data["tokens"]:
        token = state["tokens"].pop(str(number))
        _give_back(state, token)
    for number in data["frames"]:
        state["frames"].pop(str(number))


def _give_back(state: Data, token: Data) -> None:
    """What it was to undo may be undone by another, but for what is being undone."""
    pending = token.pop("undo", [])[1 if token["state"] == WAITING else 0 :]
    if pending:
        state["undo"] = sorted([*state["undo"], *pending], key=lambda entry: entry["token"])


def _keep_result(state: Data, token: Data, data: Data) -> None:
    result = {
        "outcome": data["outcome"],
        "by": data.get("by", []),
        "comment": data.get("comment", ""),
        "form": data.get("form", {}),
        "result": data.get("result"),
        "at": data["at"],
        "round": token["round"],
    }
    state["steps"][token["step"]] = result
    for frame in enclosing(state, token["frame"]):
        if "steps" in frame:
            frame["steps"] = {**frame["steps"], token["step"]: result}


def _let_go(state: Data, number: int, token: Data, beside: set[int]) -> None:
    """Its branches are over, but for those that go on beside: they hang where the token stood, and keep their names."""
    around = state["frames"][str(token["frame"])]
    for key in [str(frame) for frame in branches(state, number)]:
        frame = state["frames"][key]
        if not frame.get("beside") and int(key) not in beside:
            del state["frames"][key]
            continue
        frame["beside"], frame["parent"] = True, around["parent"]
        for held in ("locals", "steps"):
            if held in around:
                frame[held] = {**around[held], **frame.get(held, {})}


# --- frames
def _begin(state: Data, number: int, seq: str, parent: int, **more: Any) -> None:
    state["frames"][str(number)] = {"seq": seq, "parent": parent, **more}
    _count(state, number)


def _begin_named(state: Data, data: Data) -> None:
    if "frame" in data:
        more = {"locals": data["locals"]} if "locals" in data else {}
        _begin(state, data["frame"], data["seq"], data["token"], **more)


def _count(state: Data, number: int) -> None:
    state["next"] = max(state["next"], number + 1)


def _opened(state: Data, data: Data) -> None:
    token = state["tokens"][str(data["token"])]
    token.update(state=INSIDE, of=data["of"], done=0, runs=1)
    if "items" in data:
        token["items"] = data["items"]
    for branch in data["frames"]:
        more = {"locals": branch["locals"]} if "locals" in branch else {}
        if branch.get("own"):
            more["steps"] = {}
        _begin(state, branch["frame"], branch["seq"], data["token"], **more)


def _chose(state: Data, data: Data) -> None:
    if "frame" in data:
        state["tokens"][str(data["token"])]["state"] = INSIDE
        _begin_named(state, data)


def _branch_ended(state: Data, data: Data) -> None:
    del state["frames"][str(data["frame"])]
    if data["token"]:
        state["tokens"][str(data["token"])]["done"] += 1


def _repeated(state: Data, data: Data) -> None:
    state["tokens"][str(data["token"])].update(state=INSIDE, runs=data["runs"])
    _begin_named(state, data)


def _handled(how: str) -> Callable[[Data, Data], None]:
    def change(state: Data, data: Data) -> None:
        token = state["tokens"][str(data["token"])]
        _give_back(state, token)
        token.update(state=HANDLING, how=how)
        for held in ("was", "code", "asked"):
            token.pop(held, None)
        _keep_result(state, token, {"outcome": how, "comment": data["detail"], "at": data["at"]})
        _begin_named(state, data)

    return change


def _beside(state: Data, data: Data) -> None:
    token = state["tokens"][str(data["token"])]
    token["rang"] = [*token.get("rang", []), data["timer"]]
    if "frame" in data:
        around = state["frames"][str(token["frame"])]
        more = {held: around[held] for held in ("locals", "steps") if held in around}
        _begin(state, data["frame"], data["seq"], around["parent"], beside=True, **more)


# --- incidents
def _incident(state: Data, data: Data) -> None:
    token = state["tokens"][str(data["token"])]
    token.update(was=token["state"], state=INCIDENT, code=data["code"])
    if data.get("asked") is False:
        token.update(was=WAITING, asked=False)
        for held in ("of", "done", "runs", "items"):
            token.pop(held, None)


def _resolved(state: Data, data: Data) -> None:
    token = state["tokens"][str(data["token"])]
    token["state"] = token.pop("was")
    del token["code"]
    token.pop("asked", None)


# --- compensation
def _compensating(state: Data, data: Data) -> None:
    entries = {entry["token"]: entry for entry in state["undo"]}
    state["tokens"][str(data["token"])]["undo"] = [entries.pop(number) for number in data["of"]]
    state["undo"] = list(entries.values())


def _undone(state: Data, data: Data) -> None:
    token = state["tokens"][str(data["token"])]
    token["undo"] = [entry for entry in token["undo"] if entry["token"] != data["of"]]
    if "next" in data:
        state["tokens"][str(data["next"])] = state["tokens"].pop(str(data["token"]))
        _count(state, data["next"])


# --- the whole run
def _migrated(state: Data, data: Data) -> None:
    for number, place in data["tokens"].items():
        state["tokens"][number].update(place)
    for number, seq in data["frames"].items():
        state["frames"][number]["seq"] = seq
    renamed = data["renamed"]
    for token in state["tokens"].values():
        if "undo" in token:
            token["undo"] = _renamed(token["undo"], renamed)
    for held in (state, *state["frames"].values()):
        if "steps" in held:
            held["steps"] = {renamed.get(step, step): result for step, result in held["steps"].items()}
    state["rounds"] = {renamed.get(step, step): count for step, count in state["rounds"].items()}
    state["undo"] = _renamed(state["undo"], renamed)
    state["vars"] = {name: held for name, held in state["vars"].items() if name not in data["dropped"]}
    state["vars"].update(data["vars"])


def _renamed(entries: list[Data], renamed: dict[str, str]) -> list[Data]:
    return [{**entry, "step": renamed.get(entry["step"], entry["step"])} for entry in entries]


def _finished(state: Data, data: Data) -> None:
    state.update(status=FINISHED, outcome=data["outcome"], tokens={}, frames={})


def _cancelled(state: Data, data: Data) -> None:
    state.update(status=CANCELLED, outcome=CANCELLED, tokens={}, frames={})


_CHANGES: dict[str, Callable[[Data, Data], None]] = {
    "began": _began,
    "entered": _entered,
    "left": _left,
    "chose": _chose,
    "opened": _opened,
    "branch ended": _branch_ended,
    "next item": _begin_named,
    "repeated": _repeated,
    "erred": _handled("error"),
    "timed out": _handled("timeout"),
    "beside": _beside,
    "incident": _incident,
    "retried": _resolved,
    "skipped": _resolved,
    "superseded": _superseded,
    "compensating": _compensating,
    "undone": _undone,
    "withdrawn": _withdrawn,
    "migrated": _migrated,
    "finished": _finished,
    "cancelled": _cancelled,
}
