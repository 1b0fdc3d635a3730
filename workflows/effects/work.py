"""The machine's part: jobs for service steps."""

from typing import Any

from accounts.models import User
from workflows import service_orders
from workflows.engine.talk import RunService
from workflows.turn import Run, Turn


def run_service(turn: Turn, run: Run, effect: RunService, by: User | None) -> None:
    """A job; all of a turn are written together.

    A token that is tried again may have its dead job done again already: then there is no second one.
    """
    passage = turn.passages.get((run.pk, effect.token))
    asked: dict[str, Any] = {
        "instance": run.instance,
        "token": effect.token,
        "step": effect.step.get("id", ""),
        "call": effect.call,
        "params": effect.params,
        "undo": effect.undo,
    }
    if passage is not None and passage.entered_at:
        turn.orders.append(service_orders.draft(**asked))
    else:
        service_orders.order(**asked)
