"""Runs that a run starts, and ends."""

from accounts.models import User
from workflows import locks, starting
from workflows.engine.talk import CancelChild, StartChild, Stop
from workflows.models import ALIVE, Instance
from workflows.turn import Run, Turn


def start_child(turn: Turn, run: Run, effect: StartChild, by: User | None) -> None:
    """A run of the other definition on the same document; when it ends, this one hears it in the same transaction."""
    starting.create(
        turn,
        definition=starting.named(effect.definition),
        document=run.instance.document,
        by=by,
        given=effect.variables,
        reason={"trigger": "subflow", "definition": run.body.key, "step": effect.step.get("id", "")},
        parent=run.instance,
        parent_token=effect.token,
    )


def cancel_child(turn: Turn, run: Run, effect: CancelChild, by: User | None) -> None:
    """The subflow of that token is stopped, if it still runs."""
    children = Instance.objects.filter(parent=run.instance, parent_token=effect.token, status__in=ALIVE)
    for pk in list(children.order_by("pk").values_list("pk", flat=True)):
        if pk not in turn.runs:
            turn.take(locks.hold([pk]).values())
        turn.say(pk, Stop(), by=by)
