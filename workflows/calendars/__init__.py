"""Time as a calendar's people count it: working hours, working days, and whether anybody is there."""

from workflows.calendars.counting import (
    add,
    add_seconds,
    next_opening,
    open_now,
    seconds_between,
    seconds_of,
)
from workflows.calendars.hours import NeverOpen, read
from workflows.calendars.known import DEFAULT, forget, named

__all__ = [
    "DEFAULT",
    "NeverOpen",
    "add",
    "add_seconds",
    "forget",
    "named",
    "next_opening",
    "open_now",
    "read",
    "seconds_between",
    "seconds_of",
]
