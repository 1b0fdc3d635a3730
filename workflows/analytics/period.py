"""From when to when figures are asked for, and whether they have been worked out already."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.refusals import Refusal
from workflows import clock

DAYS = (7, 30, 90, 365)
"""Periods up to now of so many days are kept in materialised views."""
USUAL = 30
NEAR = timedelta(hours=1)
LONGEST = timedelta(days=3660)


class BadPeriod(Refusal):
    code, title = "bad_period", "There are no figures for this period"


@dataclass(frozen=True)
class Period:
    """`since` belongs to it, `until` does not."""

    since: datetime
    until: datetime

    @classmethod
    def of(cls, since: datetime | None, until: datetime | None) -> "Period":
        """What was asked for: up to now, of thirty days, where nothing was said. Raises BadPeriod."""
        until = until or clock.now()
        since = since or until - timedelta(days=USUAL)
        if since >= until:
            raise BadPeriod("It ends before it begins: let “since” be earlier than “until”.")
        if until - since > LONGEST:
            raise BadPeriod("Ask for ten years at most.")
        return cls(since, until)

    @property
    def days(self) -> float:
        """How long it is; at least an hour, so that rates by day stay sensible."""
        return max((self.until - self.since).total_seconds(), 3600.0) / 86_400

    @property
    def kept_as(self) -> int | None:
        """The days of the view that answers it (within the hour); None when it is worked out anew."""
        if abs(clock.now() - self.until) > NEAR:
            return None
        long = self.until - self.since
        return next((days for days in DAYS if abs(long - timedelta(days=days)) <= NEAR), None)
