"""Whether steps have their own names, can be reached, and fit together."""

from collections.abc import Iterator
from typing import Any

from workflows.definitions.meaning.look import Look
from workflows.definitions.problems import Path, Problem, close
from workflows.definitions.schema import STEPS_MOST
from workflows.definitions.steps import Placed, blocks
from workflows.tasks import quorum

TAKEN = {"j": "next", "k": "previous", "d": "the document", "c": "the comment"}
FANNED_MOST = 2_000


def problems(look: Look) -> Iterator[Problem]:
    """What does not fit together."""
    if len(look.placed) > STEPS_MOST:
        yield look.wrong(("steps",), f"There are {len(look.placed)} steps; {STEPS_MOST} are the most.", "Use subflows.")
    seen: dict[str, Path] = {}
    for placed in look.placed:
        step_id = placed.step["id"]
        if step_id in seen:
            line = look.source.mark((*seen[step_id], "id")).line
            yield look.wrong(
                (*placed.path, "id"),
                f"Another step has the id “{step_id}” (line {line}).",
                "Rename one of them.",
            )
        seen.setdefault(step_id, placed.path)
    yield from _unreachable(look, look.body["steps"], ("steps",))
    for placed in look.placed:
        for inner, block in blocks(placed.step):
            yield from _unreachable(look, block, (*placed.path, *inner))
        yield from _CHECKS.get(placed.step["kind"], _nothing)(look, placed)
    for number, trigger in enumerate(look.body["triggers"]):
        yield from _trigger(look, trigger, ("triggers", number))


def _unreachable(look: Look, block: list[dict[str, Any]], path: Path) -> Iterator[Problem]:
    for number, step in enumerate(block[:-1]):
        if _ends(step):
            after = block[number + 1]["id"]
            yield look.wrong(
                (*path, number + 1, "id"),
                f"“{after}” is never reached: the run ends at “{step['id']}” before it.",
                "Move it before that, give the end a `when`, or remove it.",
            )
            return


def _ends(step: dict[str, Any]) -> bool:
    """Whether nothing can come after this step."""
    kind = step["kind"]
    if step["when"] is not None or (step["on_error"] is not None and kind != "end"):
        return False
    if kind == "end":
        return True
    if kind == "choice":
        return all(_block_ends(one["steps"]) for one in (*step["options"], step["otherwise"]))
    if kind == "parallel":
        ending = [_block_ends(branch["steps"]) for branch in step["branches"]]
        return all(ending) or (step["join"] == "all" and any(ending))
    return kind == "repeat" and _block_ends(step["steps"])


def _block_ends(block: list[dict[str, Any]]) -> bool:
    return any(_ends(step) for step in block)


def _nothing(look: Look, placed: Placed) -> Iterator[Problem]:
    yield from ()


def _parallel(look: Look, placed: Placed) -> Iterator[Problem]:
    join, count = placed.step["join"], len(placed.step["branches"])
    if isinstance(join, dict) and join["at_least"] > count:
        yield look.wrong(
            (*placed.path, "join", "at_least"),
            f"It waits for {join['at_least']} branches, and there are {count}.",
            f"Write a number from 1 to {count}, or all.",
        )


def _human(look: Look, placed: Placed) -> Iterator[Problem]:
    step, path = placed.step, placed.path
    yield from _twice(look, [one["key"] for one in step["outcomes"]], (*path, "outcomes"), "key", "outcome")
    yield from _twice(look, [one["name"] for one in step["form"]], (*path, "form"), "name", "field")
    keys: dict[str, str] = {}
    for number, outcome in enumerate(step["outcomes"]):
        if outcome["key"] == quorum.NO_MAJORITY:
            yield look.wrong(
                (*path, "outcomes", number, "key"), f"“{quorum.NO_MAJORITY}” is what a split vote gives.",
                "Choose another key.",
            )  # fmt: skip
        shortcut, here = outcome["shortcut"], (*path, "outcomes", number, "shortcut")
        if shortcut is None:
            continue
        if shortcut in TAKEN:
            yield look.wrong(
                here, f"The key “{shortcut}” means {TAKEN[shortcut]} on the review screen.", "Choose another letter."
            )
        elif shortcut in keys:
            yield look.wrong(here, f"“{keys[shortcut]}” has the key “{shortcut}” too.", "Choose another letter.")
        keys.setdefault(shortcut, outcome["key"])
    for number, field in enumerate(step["form"]):
        if (field["type"] == "choice") != bool(field["choices"]):
            yield look.wrong(
                (*path, "form", number), f"“{field['name']}”: a choice and its choices belong together.",
                "Write type: choice and choices: [one, other].",
            )  # fmt: skip


def _twice(look: Look, names: list[str], path: Path, name: str, what: str) -> Iterator[Problem]:
    for number, one in enumerate(names):
        if one in names[:number]:
            yield look.wrong((*path, number, name), f"There is another {what} “{one}”.", "Rename or remove one.")


def _timer(look: Look, placed: Placed) -> Iterator[Problem]:
    if (placed.step["wait"] is None) == (placed.step["until"] is None):
        yield look.wrong(
            placed.path,
            "A timer waits for a duration or until a moment.",
            "Write wait: 2 days, or until: {expr: …}.",
        )


def _foreach(look: Look, placed: Placed) -> Iterator[Problem]:
    step, name = placed.step, placed.step["as"]
    outer = [around.step for around in look.around(step["id"]) if around.step["kind"] == "foreach"]
    if name in {"document", "vars", "steps", "instance", "event", "today"} or name in {one["as"] for one in outer}:
        yield look.wrong((*placed.path, "as"), f"The name “{name}” is taken.", "Call the element something else.")
    most = step["most"]
    for one in outer:
        most *= one["most"]
    if most > FANNED_MOST:
        yield look.wrong(
            placed.path,
            f"Within each other these steps run up to {most:,} times.",
            f"At most {FANNED_MOST:,} in all.",
        )
    join = step["join"]
    if isinstance(join, dict) and join["at_least"] > step["most"]:
        yield look.wrong((*placed.path, "join"), "It waits for more than there can be.", "Lower at_least.")


def _compensate(look: Look, placed: Placed) -> Iterator[Problem]:
    for number, step_id in enumerate(placed.step["of"] or ()):
        path = (*placed.path, "of", number)
        if step_id not in look.ids:
            yield look.wrong(path, f"There is no step “{step_id}”.", close(step_id, look.ids))
            continue
        step = look.step(step_id).step
        if step["kind"] != "service" or not step["undo"]:
            yield look.wrong(path, f"“{step_id}” has nothing to undo.", "Name service steps with an `undo`.")
        elif not look.may_have_happened(step_id, before=placed.step["id"]):
            yield look.wrong(path, f"“{step_id}” comes only after this step.", "Undo what has been done before.")


def _subflow(look: Look, placed: Placed) -> Iterator[Problem]:
    if placed.step["definition"] == look.body["key"]:
        yield look.wrong(
            (*placed.path, "definition"),
            "A definition cannot run itself as a subflow.",
            "Use a repeat.",
        )


def _trigger(look: Look, trigger: dict[str, Any], path: Path) -> Iterator[Problem]:
    timed = [name for name in ("every", "at") if trigger[name] is not None]
    if trigger["on"] == "schedule" and len(timed) != 1:
        yield look.wrong(path, "A schedule says how often, or at what time.", 'Write every: 1 days, or at: "08:00".')
    if trigger["on"] != "schedule" and timed:
        yield look.wrong(
            (*path, timed[0]), f"“{timed[0]}” belongs to a schedule.", "Write on: schedule, or leave it out.", key=True
        )


_CHECKS = {
    "parallel": _parallel, "human": _human, "timer": _timer, "foreach": _foreach, "compensate": _compensate,
    "subflow": _subflow,
}  # fmt: skip
