"""The words of a run's page for what the engine and the clock keep by a key."""

from django.utils.translation import gettext_lazy, ngettext

from workflows import durations
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


def length(text: str) -> str:
    """A duration of a definition (`2 working days`) in the language of the page; as it is written when it is none."""
    try:
        said = durations.read(text)
    except ValueError:
        return text
    return _words(said).format(f"{said.number:g}")


def _words(said: durations.Duration) -> str:
    many = 1 if said.number == 1 else 2
    known = {
        ("second", False): ngettext("{} second", "{} seconds", many),
        ("minute", False): ngettext("{} minute", "{} minutes", many),
        ("hour", False): ngettext("{} hour", "{} hours", many),
        ("day", False): ngettext("{} day", "{} days", many),
        ("week", False): ngettext("{} week", "{} weeks", many),
        ("minute", True): ngettext("{} working minute", "{} working minutes", many),
        ("hour", True): ngettext("{} working hour", "{} working hours", many),
        ("day", True): ngettext("{} working day", "{} working days", many),
    }
    return known[said.unit, said.working]
