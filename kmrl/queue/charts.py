"""Throughput and waiting time over the last hour and the last day: points for the charts, and rows for the table."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from jobs import minutes
from jobs.minutes import Ended
from kmrl.queue import words

SPANS = {
    "hour": (timedelta(hours=1), timedelta(minutes=1)),
    "day": (timedelta(days=1), timedelta(minutes=15)),
}


@dataclass(frozen=True)
class Stretch:
    """A minute, or a quarter of an hour. Waits in seconds; None when nothing was begun."""

    at: str
    done: int
    given_up: int
    stopped: int
    half: float | None
    most: float | None

    @property
    def half_said(self) -> str:
        return words.duration(self.half)

    @property
    def most_said(self) -> str:
        return words.duration(self.most)


@dataclass(frozen=True)
class Series:
    span: str
    stretches: list[Stretch]
    total: Ended

    @property
    def busy(self) -> list[Stretch]:
        """Those in which something ended, newest first: the table behind the charts."""
        return [one for one in reversed(self.stretches) if one.done or one.given_up or one.stopped]

    @property
    def said_throughput(self) -> str:
        """The chart in a sentence, for who does not see it."""
        said = _("%(done)s jobs done, %(dead)s given up, %(stopped)s stopped")
        total = self.total
        return said % {"done": f"{total.succeeded:,}", "dead": f"{total.dead:,}", "stopped": f"{total.cancelled:,}"}

    @property
    def said_waits(self) -> str:
        half, most = self.total.waited(0.5), self.total.waited(0.95)
        if half is None:
            return _("Nothing was begun")
        said = _("half began within %(half)s, 95 %% within %(most)s")
        return said % {"half": words.duration(half), "most": words.duration(most)}

    def as_json(self) -> dict[str, Any]:
        return {
            "span": self.span,
            "labels": [one.at for one in self.stretches],
            "done": [one.done for one in self.stretches],
            "given_up": [one.given_up for one in self.stretches],
            "stopped": [one.stopped for one in self.stretches],
            "half": [_rounded(one.half) for one in self.stretches],
            "most": [_rounded(one.most) for one in self.stretches],
        }


def series(span: str) -> Series:
    """`hour` by minutes, `day` by quarters of an hour; anything else is the hour."""
    span = span if span in SPANS else "hour"
    length, every = SPANS[span]
    since = _floor(timezone.localtime(), every) + every - length
    ended = minutes.ended_since(since, every=every)
    starts = [since + n * every for n in range(length // every)]
    return Series(span, [_stretch(at, ended.get(at, Ended())) for at in starts], minutes.total(ended.values()))


def _stretch(at: datetime, ended: Ended) -> Stretch:
    return Stretch(
        f"{at:%H:%M}",
        ended.succeeded,
        ended.dead,
        ended.cancelled,
        ended.waited(0.5),
        ended.waited(0.95),
    )


def _floor(at: datetime, every: timedelta) -> datetime:
    """The beginning of the minute or quarter of an hour, by the clock on the wall."""
    step = every // timedelta(minutes=1)
    return at.replace(minute=at.minute - at.minute % step, second=0, microsecond=0)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
