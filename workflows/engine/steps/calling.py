"""Service steps, done by jobs, and subflows, done by other runs."""

from typing import TYPE_CHECKING, Any

from workflows.engine.body import Step
from workflows.engine.steps.kind import Kind
from workflows.engine.talk import CancelChild, Done, Ended, News, RunService, StartChild
from workflows.engine.values import Trouble, bounded, filled, plain

if TYPE_CHECKING:
    from workflows.engine.run import Run


class Service(Kind):
    """Asks for a job; remembers how to undo what it did."""

    waits = True

    def start(self, run: "Run", number: int) -> None:
        step = run.step(number)
        params = bounded(
            filled(step.get("with") or {}, run.names_at(number), f"{step['id']}.with"), "What it is called with"
        )
        run.ask(RunService(number, step, call=step["call"], params=params))

    def hear(self, run: "Run", number: int, news: News) -> None:
        if isinstance(news, Done):
            step = run.step(number)
            result = run.fitting(bounded(news.result, "The result"))
            saved = {step["save"]: run.typed(step["save"], result)} if step.get("save") else {}
            undo = self._undo(run, number, step, result, saved) if step.get("undo") else None
            run.leave(number, "done", result=result, set=saved, undo=undo)

    def _undo(self, run: "Run", number: int, step: Step, result: Any, saved: dict[str, Any]) -> dict[str, Any]:
        """What would undo it, with the values of now. That they cannot be had shows when somebody undoes."""
        names = run.names_at(number)
        names["vars"] = {**names["vars"], **saved}
        names["steps"] = {
            **names["steps"],
            step["id"]: {**run.body.blank[step["id"]], "outcome": "done", "result": result},
        }
        call = step["undo"]["call"]
        try:
            params = bounded(filled(step["undo"].get("with") or {}, names, f"{step['id']}.undo.with"), "What undoes it")
            return {"call": call, "params": run.fitting(params)}
        except Trouble as trouble:
            return {"call": call, "code": trouble.code, "detail": trouble.detail}


class Subflow(Kind):
    """A run of another definition; its outcome is the step's."""

    waits = True

    def start(self, run: "Run", number: int) -> None:
        step = run.step(number)
        given = filled(step.get("with") or {}, run.names_at(number), f"{step['id']}.with")
        run.ask(
            StartChild(number, step, definition=step["definition"], variables=bounded(given, "What it begins with"))
        )

    def hear(self, run: "Run", number: int, news: News) -> None:
        if isinstance(news, Ended):
            step = run.step(number)
            result = run.fitting(bounded(news.variables, "What it ended with"))
            saved = {step["save"]: run.typed(step["save"], result)} if step.get("save") else {}
            run.leave(number, plain(news.outcome), result=result, set=saved)

    def take_back(self, run: "Run", number: int, step: Step) -> None:
        run.ask(CancelChild(number, step))
