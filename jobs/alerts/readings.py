"""What is looked at: each check gives readings, and a reading says itself when it is bad and when it is fine again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

HOUSE, MACHINE = "house", "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One figure. Bad from `threshold` on, fine below `calm`; in between things stay as they were said to be.

    `after`: seconds that it must have been bad before anybody is told.
    `text` says what happened and what to do, for the case that it is bad.
    """

    name: str
    subject: str = ""
    value: float
    threshold: float
    calm: float
    text: str
    after: float = 0.0
    level: str = "error"

    @property
    def key(self) -> str:
        return f"{self.name}/{self.subject}"

    @property
    def bad(self) -> bool:
        return self.value >= self.threshold

    @property
    def fine(self) -> bool:
        return self.value < self.calm


Check = Callable[[], Iterable[Reading]]
_checks: dict[str, dict[str, Check]] = {HOUSE: {}, MACHINE: {}}


def provide(name: str, check: Check, *, scope: str = HOUSE) -> None:
    """Make a check known. `MACHINE` ones are asked on every machine, `HOUSE` ones on one."""
    _checks[scope][name] = check


def checks(scope: str) -> dict[str, Check]:
    return dict(_checks[scope])
