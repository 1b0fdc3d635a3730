"""`move`: what a piece of news does to a run. Pure: the same body, state, news and context give the same move."""

from dataclasses import dataclass
from typing import Any

from workflows.engine import body as bodies
from workflows.engine import state as states
from workflows.engine import values
from workflows.engine.ledger import Context
from workflows.engine.run import Run
from workflows.engine.state import HANDLING, INCIDENT, INSIDE, RUNNING, WAITING, Data
from workflows.engine.talk import Begin, Failed, Moved, News, Rang, Retry, Skip, Stop

__all__ = ["Context", "NotAtAnIncident", "move"]


@dataclass
class NotAtAnIncident(Exception):
    """Retry and Skip are for tokens at an incident; this one is not, or is gone."""

    token: int


def move(body: dict[str, Any], state: Data, news: News, context: Context) -> Moved:
    """The run after this news: its state, the facts that lead there, and what is to be done now.

    `state` is not changed; the first one is `fold.EMPTY`. `body` must not change while anybody uses it. News for a
    token that is gone, or does not wait for it, changes nothing: no facts, no effects. Raises NotAtAnIncident, and
    BadVariables when a run cannot begin with these.
    """
    run = Run(bodies.of(body), state, context)
    _take(run, news)
    run.go()
    if not run.facts:
        return Moved(state, (), ())
    return Moved(run.state, tuple(run.facts), tuple(run.effects))


def _take(run: Run, news: News) -> None:
    if isinstance(news, Retry | Skip):
        _resolve(run, news)
    elif run.state["status"] != RUNNING:
        return
    elif isinstance(news, Begin):
        if run.number() == 1:
            _begin(run, news)
    elif isinstance(news, Stop):
        run.cancel()
    elif str(news.token) in run.state["tokens"]:
        _hear(run, news)


def _begin(run: Run, news: Begin) -> None:
    variables = values.initial(run.body.variables, news.variables)
    run.note("began", vars=variables, frame=1, at=run.now)
    run.begin([1])


def _resolve(run: Run, news: Retry | Skip) -> None:
    token = run.state["tokens"].get(str(news.token))
    if token is None or token["state"] != INCIDENT:
        raise NotAtAnIncident(news.token)
    run.resolve(news.token, news)


def _hear(run: Run, news: News) -> None:
    token = run.token(news.token)
    if isinstance(news, Rang) and news.timer == "timeout":
        _time_out(run, news.token, token)
    elif isinstance(news, Rang) and news.timer.startswith("path:"):
        _take_rung(run, news.token, token, news.timer)
    elif isinstance(news, Failed) and news.refused and token["state"] in (WAITING, INSIDE):
        run.refuse(news.token, news.code, news.detail)
    elif token["state"] == WAITING:
        run.hear(news.token, news)


def _time_out(run: Run, number: int, token: Data) -> None:
    step = run.step(number)
    spec = step.get("on_timeout")
    if spec is None or token["state"] == HANDLING or "timeout" in token.get("rang", ()):
        return
    if spec.get("cancel") is False:
        run.run_beside(number, "timeout", "on_timeout")
        return
    if token["state"] != WAITING:
        run.withdraw(states.branches(run.state, number), "timeout")
    run.release(number, token, step)
    run.handle("timed out", number, "on_timeout", detail=f"Not done after {spec['after']}.")


def _take_rung(run: Run, number: int, token: Data, timer: str) -> None:
    rung = timer.removeprefix("path:")
    slot = f"ladder.{int(rung) - 1}" if rung.isdecimal() else ""
    known = f"{token['step']}.{slot}" in run.body.sequences
    if known and token["state"] != HANDLING and timer not in token.get("rang", ()):
        run.run_beside(number, timer, slot)
