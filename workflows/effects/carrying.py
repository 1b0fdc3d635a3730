"""Which function carries out which effect."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.refusals import Refusal
from workflows.effects import ending, people, steps, subflows, waiting, work
from workflows.engine import talk
from workflows.engine.talk import Effect, Failed
from workflows.turn import Run, Turn

Carry = Callable[[Turn, Run, Any, User | None], None]

_CARRIES: dict[type[Effect], Carry] = {
    talk.Entered: steps.entered,
    talk.Left: steps.left,
    talk.OpenIncident: steps.failed,
    talk.CloseIncident: steps.mended,
    talk.RunService: work.run_service,
    talk.OpenTask: people.open_task,
    talk.CloseTask: people.close_task,
    talk.SetTimer: waiting.set_timer,
    talk.Listen: waiting.listen,
    talk.StartClock: waiting.start_clock,
    talk.Forget: waiting.forget,
    talk.StartChild: subflows.start_child,
    talk.CancelChild: subflows.cancel_child,
    talk.Finish: ending.finish,
}
_GATHERED = (
    talk.Entered,
    talk.Left,
    talk.OpenIncident,
    talk.CloseIncident,
    talk.RunService,
    talk.OpenTask,
    talk.SetTimer,
    talk.Forget,
)
"""They look for no run, task or timer, or see to it themselves: what the turn has of these can wait."""
MAY_REFUSE = (talk.OpenTask, talk.SetTimer, talk.Listen, talk.StartClock, talk.StartChild)
"""All but the opening of what is to be confirmed refuse before they write anything."""


def carry_out(turn: Turn, run: Run, effects: tuple[Effect, ...], *, by: User | None) -> None:
    """Each in order. One that cannot be carried out is its token's failure, and leaves nothing behind."""
    for effect in effects:
        carry = _CARRIES[type(effect)]
        confirms = effect.step.get("kind") == "acknowledge"
        if confirms or not isinstance(effect, _GATHERED):
            turn.write_new()
        if not isinstance(effect, MAY_REFUSE):
            carry(turn, run, effect, by)
            continue
        try:
            with transaction.atomic() if confirms else nullcontext():
                carry(turn, run, effect, by)
        except Refusal as refusal:
            turn.say_at_once(
                run.pk, Failed(effect.token, code=refusal.code, detail=refusal.detail, refused=True), by=by
            )
