"""Blocks that go one of several ways, or several at once."""

from typing import TYPE_CHECKING, Any

from workflows.engine import state
from workflows.engine.steps.kind import Kind
from workflows.engine.values import holds, inputs

if TYPE_CHECKING:
    from workflows.engine.run import Run


class Choice(Kind):
    """Goes the first way whose condition is true."""

    def start(self, run: "Run", number: int) -> None:
        step, names = run.step(number), run.names_at(number)
        asked: list[str] = []
        option: int | None = None
        for place, offered in enumerate(step["options"]):
            asked.append(offered["when"])
            if holds(offered["when"], names, f"{step['id']}.options[{place}].when"):
                option = place
                break
        slot = "otherwise" if option is None else f"options.{option}"
        following = run.following(step, slot)
        run.note(
            "chose",
            token=number,
            step=step["id"],
            option=option,
            when=asked[-1] if option is not None else "",
            inputs=inputs(asked, names),
            **following,
        )
        if following:
            run.begin([following["frame"]])
        else:
            run.leave(number, "done")

    def branch_ended(self, run: "Run", number: int, frame: int) -> None:
        run.leave(number, "done")


class Block(Kind):
    """Several branches, joined when as many are over as the step says."""

    def open(self, run: "Run", number: int, frames: list[dict[str, Any]], *, of: int, **more: Any) -> None:
        """Begin these branches, each `{seq, locals…}`, of `of` in all. Raises Trouble when they are too many."""
        if not frames:
            run.leave(number, "done")
            return
        run.refuse_crowd(len(frames))
        named = [{"frame": run.number(place), **frame} for place, frame in enumerate(frames)]
        run.note("opened", token=number, frames=named, of=of, **more)
        run.begin([frame["frame"] for frame in named])

    def joins(self, run: "Run", number: int) -> bool:
        """Whether enough branches are over; then the token leaves, and the others are taken away or go on beside."""
        step, token = run.step(number), run.token(number)
        join: Any = step.get("join") or "all"
        wanted = token["of"] if join == "all" else 1 if join == "any" else join["at_least"]
        if token["done"] < min(wanted, token["of"]):
            return False
        if step.get("others") != "finish":
            run.withdraw(state.branches(run.state, number, beside=False), "join")
        run.leave(number, "done")
        return True

    def branch_ended(self, run: "Run", number: int, frame: int) -> None:
        run.note("branch ended", frame=frame, token=number)
        self.joins(run, number)


class Parallel(Block):
    """All branches side by side."""

    def start(self, run: "Run", number: int) -> None:
        step = run.step(number)
        frames = [{"seq": f"{step['id']}.branches.{place}"} for place in range(len(step["branches"]))]
        self.open(run, number, frames, of=len(frames))
