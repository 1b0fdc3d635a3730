"""The words of the queue for what the code calls by a key."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import JobState
from kmrl.pages import wording

KINDS = {
    "document.process": gettext_lazy("Reading"),
    "document.index": gettext_lazy("Making findable"),
    "document.settled": gettext_lazy("Passing on"),
    "workflow.service": gettext_lazy("A step of a workflow"),
    "workflow.try": gettext_lazy("Trying a workflow on the past"),
}
STATES: dict[str, tuple[Any, str]] = {
    JobState.QUEUED: (gettext_lazy("Waiting"), "waiting"),
    JobState.WAITING: (gettext_lazy("Waiting for its parts"), "waiting"),
    JobState.RUNNING: (gettext_lazy("Running"), "running"),
    JobState.SUCCEEDED: (gettext_lazy("Done"), "done"),
    JobState.FAILED: (gettext_lazy("Will be tried again"), "attention"),
    JobState.DEAD: (gettext_lazy("Given up"), "failed"),
    JobState.CANCELLED: (gettext_lazy("Stopped"), "cancelled"),
}
QUEUES = {"high": gettext_lazy("High"), "default": gettext_lazy("Default"), "low": gettext_lazy("Low")}
PRIORITIES = {
    "emergency": gettext_lazy("emergency"),
    "high": gettext_lazy("high"),
    "normal": gettext_lazy("normal"),
    "low": gettext_lazy("low"),
}
CAUSES = {
    "worker_died": (
        gettext_lazy("Its worker stopped answering"),
        gettext_lazy("The process or its machine went away. Try it again; if it happens again, look at the memory."),
    ),
    "transient": (
        gettext_lazy("Something it needs was away"),
        gettext_lazy("The network, the storage or the database. Try it again when that is back."),
    ),
    "away": (
        gettext_lazy("The storage of documents was away"),
        gettext_lazy("It is tried again by itself, for about half an hour. Later, try it again when that is back."),
    ),
    "crashed": (
        gettext_lazy("The program that reads it crashed"),
        gettext_lazy("Often a broken file. Try it once more; if it ends the same way, report it with its log."),
    ),
    "memory": (
        gettext_lazy("It needed too much memory"),
        gettext_lazy("Try it again with more memory for children (KMRL_CHILD_MEMORY_MB)."),
    ),
    "timeout": (
        gettext_lazy("It took too long"),
        gettext_lazy("Try it again at a quieter time."),
    ),
    "internal": (
        gettext_lazy("A fault of the gateway"),
        gettext_lazy("The log of the last attempt says where. Report it, then try it again."),
    ),
    "no_space": (
        gettext_lazy("The disk is full"),
        gettext_lazy("Make room, then try it again."),
    ),
}
DEEDS = {
    "cancelled": gettext_lazy("Stopped"),
    "retried": gettext_lazy("Asked for again"),
    "priority changed": gettext_lazy("Moved to another priority"),
}
SECRETS = ("password", "passwd", "secret", "token", "api_key", "apikey", "authorization", "cookie", "credential")


def kind(name: str) -> str:
    return str(KINDS.get(name, name.replace(".", " ").replace("_", " ").capitalize()))


def state(name: str) -> str:
    return str(STATES[name][0]) if name in STATES else name


def icon(name: str) -> str:
    return STATES[name][1] if name in STATES else "attention"


def queue(name: str) -> str:
    return str(QUEUES.get(name, name))


def priority(name: str) -> str:
    return str(PRIORITIES.get(name, name))


def cause(code: str) -> str:
    """Why a job failed; an unknown code in its own words."""
    return str(CAUSES[code][0]) if code in CAUSES else wording.error(code) if code else _("No cause was given")


def advice(code: str) -> str:
    return str(CAUSES[code][1]) if code in CAUSES else wording.advice(code)


def deed(action: str) -> str:
    return str(DEEDS.get(action, wording.deed(action)))


def duration(seconds: float | None) -> str:
    """`320 ms`, `4.2 s`, `3 min 10 s`, `2 h 5 min`, `3 d 2 h`."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return _("%d ms") % round(seconds * 1000)
    if seconds < 10:
        return _("%.1f s") % seconds
    if seconds < 60:
        return _("%d s") % round(seconds)
    whole = timedelta(seconds=round(seconds))
    minutes, rest = divmod(whole.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if whole.days:
        return _("%(d)d d %(h)d h") % {"d": whole.days, "h": hours}
    if hours:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes}
    return _("%(m)d min %(s)d s") % {"m": minutes, "s": rest} if rest and minutes < 10 else _("%d min") % minutes


def without_secrets(said: Any) -> Any:
    """A payload as it may be shown: what is named like a secret is left out."""
    if isinstance(said, dict):
        return {
            name: "•••" if any(word in str(name).casefold() for word in SECRETS) else without_secrets(held)
            for name, held in said.items()
        }
    if isinstance(said, list):
        return [without_secrets(part) for part in said]
    return said
