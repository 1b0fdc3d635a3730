"""When something is due: in words, and as a bar that fills."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows import clock, durations
from workflows.models import HumanTask

NEAR = 75  # percent of the time: attention, also where nothing has warned yet
LATE, SOON = "failed", "attention"


@dataclass(frozen=True)
class Due:
    """`tone` is `failed` when it is late, `attention` when it is near; `percent` is how much of the time has gone."""

    at: datetime
    said: str
    tone: str = ""
    percent: int = 0


def of_task(task: HumanTask) -> Due | None:
    """None for a task that has no deadline."""
    if task.due_at is None:
        return None
    return between(task.opened_at, task.due_at, warned=task.warned, breached=task.breached)


def between(start: datetime, at: datetime, *, warned: bool = False, breached: bool = False) -> Due:
    """What is left of the time from `start` until `at`."""
    now = clock.now()
    whole = max((at - start).total_seconds(), 1)
    percent = min(100, max(0, round(100 * (now - start).total_seconds() / whole)))
    late = now >= at or breached
    return Due(at, in_words(at, now), LATE if late else SOON if warned or percent >= NEAR else "", percent)


def in_words(at: datetime, now: datetime | None = None) -> str:
    """`3 h left`, `late by 2 d`, `due now`; static/page.js keeps it current."""
    left = at - (now or clock.now())
    if abs(left) < timedelta(minutes=1):
        return _("due now")
    return (_("{time} left") if left > timedelta() else _("late by {time}")).format(time=amount(abs(left)))


def amount(time: timedelta) -> str:
    """`5 min`, `3 h`, `2 d`: rounded down."""
    if time < timedelta(hours=1):
        return ngettext("%d min", "%d min", time.seconds // 60) % (time.seconds // 60)
    if time < timedelta(days=1):
        return ngettext("%d h", "%d h", time.seconds // 3600) % (time.seconds // 3600)
    return ngettext("%d d", "%d d", time.days) % time.days


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
