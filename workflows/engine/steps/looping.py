"""Blocks whose steps run again, or once for each."""

from typing import TYPE_CHECKING, Any

from workflows.engine.steps.branching import Block
from workflows.engine.steps.kind import Kind
from workflows.engine.values import Trouble, bounded, holds, value

if TYPE_CHECKING:
    from workflows.engine.run import Run

ITEMS_MOST = 200


class Repeat(Kind):
    """Its steps at least once, and again until the condition is true."""

    def start(self, run: "Run", number: int) -> None:
        frame = run.number()
        run.note("opened", token=number, frames=[{"frame": frame, "seq": self._seq(run, number)}], of=1)
        run.begin([frame])

    def branch_ended(self, run: "Run", number: int, frame: int) -> None:
        run.note("branch ended", frame=frame, token=number)
        try:
            self._judge(run, number, most=run.step(number)["most"])
        except Trouble as trouble:
            run.fail(number, trouble.code, trouble.detail)

    def retry(self, run: "Run", number: int, *, anew: bool) -> None:
        """Once its rounds have begun: looks at `until` again, and grants one round more."""
        if "runs" not in run.token(number):
            super().retry(run, number, anew=anew)
            return
        try:
            self._judge(run, number, most=run.token(number)["runs"] + 1)
        except Trouble as trouble:
            run.fail(number, trouble.code, trouble.detail)

    def _judge(self, run: "Run", number: int, *, most: int) -> None:
        step, runs = run.step(number), run.token(number)["runs"]
        if holds(step["until"], run.names_at(number), f"{step['id']}.until"):
            run.leave(number, "done", result=runs)
        elif runs < most:
            following = run.number()
            run.note(
                "repeated",
                token=number,
                frame=following,
                seq=self._seq(run, number),
                runs=runs + 1,
                until=step["until"],
            )
            run.begin([following])
        elif step.get("exhausted") == "continue":
            run.leave(number, "exhausted", result=runs)
        else:
            raise Trouble("exhausted", f"{step['id']}.until: “{step['until']}” is not true after {runs} rounds.")

    def _seq(self, run: "Run", number: int) -> str:
        return f"{run.token(number)['step']}.steps"


class Foreach(Block):
    """Its steps once for each element, side by side or one after the other."""

    def start(self, run: "Run", number: int) -> None:
        step = run.step(number)
        items = bounded(value(step["items"], run.names_at(number), f"{step['id']}.items"), "The list")
        if not isinstance(items, list):
            raise Trouble("wrong_type", f"{step['id']}.items: “{step['items']}” gives no list.")
        most = min(step.get("most") or ITEMS_MOST, ITEMS_MOST)
        if len(items) > most:
            raise Trouble("too_many_items", f"{step['id']}.items: {len(items)} elements; at most {most} are allowed.")
        run.fitting(items)
        if step.get("mode") == "sequence":
            self.open(run, number, [self._branch(run, number, item) for item in items[:1]], of=len(items), items=items)
        else:
            self.open(run, number, [{**self._branch(run, number, item), "own": True} for item in items], of=len(items))

    def branch_ended(self, run: "Run", number: int, frame: int) -> None:
        run.note("branch ended", frame=frame, token=number)
        token = run.token(number)
        if not self.joins(run, number) and "items" in token:
            following = run.number()
            branch = self._branch(run, number, token["items"][token["done"]])
            run.note("next item", token=number, frame=following, **branch)
            run.begin([following])

    def _branch(self, run: "Run", number: int, item: Any) -> dict[str, Any]:
        step = run.step(number)
        return {"seq": f"{step['id']}.steps", "locals": {step["as"]: item}}
