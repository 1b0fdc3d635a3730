"""The step that ends the run."""

from typing import TYPE_CHECKING

from workflows.engine.steps.kind import Kind

if TYPE_CHECKING:
    from workflows.engine.run import Run


class End(Kind):
    """Ends the run with its outcome; whatever is alive is taken away."""

    def start(self, run: "Run", number: int) -> None:
        outcome = run.step(number).get("outcome") or "done"
        run.leave(number, outcome)
        run.finish(outcome)
