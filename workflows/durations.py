"""Durations as people write them: `90 seconds`, `4 hours`, `2 working days`. One number, one unit."""

import re
from dataclasses import dataclass

SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
WORKING = ("minute", "hour", "day")  # a working second means nothing; a working week depends on the calendar
LONGEST = 10 * 366 * 86_400  # ten years, counted by the wall clock
_SHAPE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) +(working +)?([a-z]+)")


@dataclass(frozen=True)
class Duration:
    """`number` of `unit` (second, minute, hour, day, week); with `working` in a calendar's time."""

    number: float
    unit: str
    working: bool

    @property
    def seconds(self) -> float:
        """How long it is by the wall clock. Working time has no such length: ValueError."""
        if self.working:
            raise ValueError(f"{self} is working time: its length depends on the calendar and on when it starts.")
        return self.number * SECONDS[self.unit]

    def __str__(self) -> str:
        plural = "" if self.number == 1 else "s"
        return f"{self.number:g} {'working ' if self.working else ''}{self.unit}{plural}"


def read(text: str) -> Duration:
    """The duration that the text says. Raises ValueError with a sentence that says how to write it."""
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is not a duration: write a number and a unit, such as “4 hours”.")
    found = _SHAPE.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"“{text[:60]}” is not a duration: write one number and one unit, such as “2 working days”.")
    number, working, unit = float(found[1]), bool(found[2]), found[3].removesuffix("s")
    if unit not in SECONDS:
        raise ValueError(f"“{found[3]}” is no unit of time: use seconds, minutes, hours, days or weeks.")
    if working and unit not in WORKING:
        raise ValueError(f"There are no working {unit}s: use working minutes, working hours or working days.")
    if number <= 0:
        raise ValueError(f"“{text.strip()}” is no time at all: the number has to be more than 0.")
    if number * SECONDS[unit] > LONGEST:
        raise ValueError(f"“{text.strip()}” is longer than ten years, the most that the clock is asked for.")
    return Duration(number, unit, working)
