"""Undoing what service steps did: newest first, one after the other, each once."""

from typing import TYPE_CHECKING

from workflows.engine.steps.kind import Kind
from workflows.engine.talk import Done, Entered, News, RunService
from workflows.engine.values import Trouble

if TYPE_CHECKING:
    from workflows.engine.run import Run


class Compensate(Kind):
    """Takes what is remembered, so that nobody else undoes it; each undoing has a token of its own."""

    waits = True

    def start(self, run: "Run", number: int) -> None:
        step = run.step(number)
        if "undo" not in run.token(number):
            wanted = step.get("of")
            found = [entry["token"] for entry in run.state["undo"] if not wanted or entry["step"] in wanted]
            run.note("compensating", token=number, of=found[::-1])
        self._go_on(run, number)

    def hear(self, run: "Run", number: int, news: News) -> None:
        if isinstance(news, Done):
            self._done(run, number)

    def skip(self, run: "Run", number: int, outcome: str) -> None:
        """Passes over the undoing that failed, and goes on with the next."""
        if not run.token(number).get("undo"):
            super().skip(run, number, outcome)
            return
        self._done(run, number, skipped=True)

    def _done(self, run: "Run", number: int, *, skipped: bool = False) -> None:
        token, step = run.token(number), run.step(number)
        said = {"skipped": True} if skipped else {}
        if len(token["undo"]) == 1:
            run.note("undone", token=number, of=token["undo"][0]["token"], **said)
            run.leave(number, "done", failed=skipped)
            return
        following = run.number()
        run.note("undone", token=number, of=token["undo"][0]["token"], next=following, **said)
        run.forget(number, step)
        run.left(number, step, "done", failed=skipped)
        run.ask(Entered(following, step, round=token["round"]))
        run.start(following)

    def _go_on(self, run: "Run", number: int) -> None:
        pending = run.token(number)["undo"]
        if not pending:
            run.leave(number, "done")
            return
        entry, step = pending[0], run.step(number)
        if "code" in entry:
            raise Trouble(entry["code"], entry["detail"])
        run.ask(RunService(number, step, call=entry["call"], params=entry["params"], undo=True))
