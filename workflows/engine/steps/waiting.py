"""Steps that wait for the clock or for an event."""

from datetime import datetime
from typing import TYPE_CHECKING

from workflows.engine.steps.kind import Kind
from workflows.engine.talk import Came, Listen, News, Rang, SetTimer
from workflows.engine.values import Trouble, bounded, filled, holds, plain

if TYPE_CHECKING:
    from workflows.engine.run import Run


class Timer(Kind):
    """Waits so long, or until a time."""

    waits = True

    def start(self, run: "Run", number: int) -> None:
        step = run.step(number)
        if step.get("wait"):
            run.ask(SetTimer(number, step, timer="wait", after=step["wait"]))
            return
        until = filled(step["until"], run.names_at(number), f"{step['id']}.until")
        try:
            datetime.fromisoformat(until)
        except (TypeError, ValueError) as error:
            raise Trouble("wrong_type", f"{step['id']}.until: {str(until)[:80]} is no time and no date.") from error
        run.ask(SetTimer(number, step, timer="wait", at=until))

    def hear(self, run: "Run", number: int, news: News) -> None:
        if isinstance(news, Rang) and news.timer == "wait":
            run.leave(number, "done")


class WaitEvent(Kind):
    """Waits for an event that matches."""

    waits = True

    def start(self, run: "Run", number: int) -> None:
        step = run.step(number)
        key = filled(step.get("key"), run.names_at(number), f"{step['id']}.key")
        if isinstance(key, dict | list | bool):
            raise Trouble("wrong_type", f"{step['id']}.key: this is no text.")
        run.ask(Listen(number, step, event=step["event"], key="" if key is None else plain(str(key))))

    def hear(self, run: "Run", number: int, news: News) -> None:
        step = run.step(number)
        if not isinstance(news, Came) or news.event != step["event"]:
            return
        event = bounded(news.data, "The event")
        if step.get("match") and not holds(step["match"], run.names_at(number, event), f"{step['id']}.match"):
            return
        saved = {step["save"]: run.typed(step["save"], event)} if step.get("save") else {}
        run.leave(number, "done", result=run.fitting(event), set=saved)
