"""The people's part: tasks are opened and closed by `workflows.tasks`; what is only to be read, opened by
`workflows.confirmations`."""

from typing import Any

from accounts.models import User
from workflows.confirmations import asking
from workflows.engine.talk import CloseTask, OpenTask
from workflows.sla import due_dates
from workflows.tasks import opening
from workflows.turn import Run, Turn


def open_task(turn: Turn, run: Run, effect: OpenTask, by: User | None) -> None:
    """Raises Refusal when it cannot be asked: then the token has an incident.

    A decision is written with the turn (`Turn.write_new`), what is to be confirmed at once.
    """
    asked: dict[str, Any] = {
        "instance": run.instance,
        "token": effect.token,
        "step": effect.step,
        "round": effect.round,
        "values": effect.values,
        "by": by,
    }
    if effect.step.get("kind") == "acknowledge":
        turn.write_history()  # the task's own entries come after those of the step
        task = asking.open(**asked)
    else:
        task = opening.open(**asked, turn=turn)
    if not effect.step.get("sla"):
        turn.timers += due_dates.watch(task, step=effect.step, instance=run.instance)


def close_task(turn: Turn, run: Run, effect: CloseTask, by: User | None) -> None:
    turn.write_history()
    opening.close(instance=run.instance, token=effect.token, reason="The workflow has gone on without it.")
