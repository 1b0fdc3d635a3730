"""Timers of steps: what a token waits for from the clock is told to its run (`Rang`)."""

from workflows import running, timers
from workflows.effects.waiting import STEP
from workflows.engine.talk import Rang
from workflows.models import Timer


def register() -> None:
    """Make the kind of timer known."""
    timers.on(STEP, rang)


def rang(timer: Timer) -> None:
    """The run hears it; one whose token has gone meanwhile does nothing."""
    if timer.instance is not None and timer.token is not None:
        running.tell_locked(timer.instance, Rang(timer.token, timer=timer.name), by=None)
