"""The words of a run's page for what the engine and the clock keep by a key."""

from django.utils.translation import gettext_lazy

from workflows.models import ClockState, Incident, Timer

TOKENS = {
    "waiting": gettext_lazy("waits"),
    "inside": gettext_lazy("is in the steps within it"),
    "handling": gettext_lazy("takes another way"),
    "incident": gettext_lazy("stands at an incident"),
}
TIMERS = {
    "step": gettext_lazy("goes on"),
    "sla": gettext_lazy("deadline"),
    "rung": gettext_lazy("next rung of the ladder"),
    "chase": gettext_lazy("reminder to confirm"),
    "follow_up": gettext_lazy("reminder"),
    "unattended": gettext_lazy("looks whether somebody can decide"),
}
CLOCKS = {
    ClockState.RUNNING: gettext_lazy("Running"),
    ClockState.PAUSED: gettext_lazy("Paused"),
    ClockState.STOPPED: gettext_lazy("Stopped"),
}
RESOLUTIONS = {
    "retried": gettext_lazy("Tried again"),
    "skipped": gettext_lazy("Skipped"),
    "cancelled": gettext_lazy("Cancelled"),
    "migrated": gettext_lazy("Goes on by a newer version of the workflow"),
}


def token(state: str) -> str:
    return str(TOKENS.get(state, state))


def timer(one: Timer) -> str:
    """What it will do when it rings."""
    return str(TIMERS.get(one.kind, f"{one.kind} {one.name}".strip()))


def resolution(one: Incident) -> str:
    return str(RESOLUTIONS.get(one.resolution, one.resolution))
