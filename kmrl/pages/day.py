"""The last 24 hours as bars, one an hour: what was received, and what became of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.visibility import DocumentQuerySet
from kmrl.pages import wording

HOURS, WIDTH, HEIGHT, LEFT, BASE = 24, 18.8, 102, 26, 108
ORDER = ("processed", "queued", "failed")  # from below
TONES = {"processed": "done", "queued": "line-strong", "failed": "failed"}


@dataclass(frozen=True)
class Part:
    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    x: float
    middle: float
    said: str
    label: str
    parts: list[Part]


SHOWN = {  # as the chart of states names and paints them, in the order of a paper's way
    "queued": "waiting",
    "processing": "running",
    "processed": "done",
    "failed": "failed",
    "cancelled": "line-strong",
    "quarantined": "attention",
}


@dataclass
class Day:
    received: int = 0
    done: int = 0
    failed: int = 0
    other: int = 0
    most: int = 0
    bars: list[Bar] = field(default_factory=list)
    series: dict[str, Any] = field(default_factory=dict)

    @property
    def states(self) -> list[tuple[str, int]]:
        """How many are in each state now, of those states that there are."""
        return list(zip(self.series["states"]["labels"], self.series["states"]["values"], strict=True))


def of(documents: DocumentQuerySet, *, now: datetime | None = None) -> Day:
    """The day that ends with this hour. One query, however many documents."""
    last = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    first = last - timedelta(hours=HOURS - 1)
    counts: dict[datetime, Counter[str]] = defaultdict(Counter)
    states = Counter[str]()
    found = (
        documents.filter(uploaded_at__gte=first)
        .annotate(hour=TruncHour("uploaded_at"))
        .values_list("hour", "status")
        .order_by()
        .annotate(n=Count("id"))
    )
    for hour, status, n in found:
        states[status] += n
        counts[hour][status if status in ("processed", "failed") else "queued"] += n
    total = sum(counts.values(), Counter[str]())
    most = max((sum(count.values()) for count in counts.values()), default=0)
    hours = [first + timedelta(hours=n) for n in range(HOURS)]
    return Day(
        received=sum(total.values()),
        done=total["processed"],
        failed=total["failed"],
        other=total["queued"],
        most=most,
        bars=[_bar(n, hour, counts[hour], most) for n, hour in enumerate(hours)],
        series=_series([(hour, counts[hour]) for hour in hours], states),
    )


def _series(hours: list[tuple[datetime, Counter[str]]], states: Counter[str]) -> dict[str, Any]:
    """What static/charts.js paints."""
    words = {"processed": _("done"), "queued": _("in work or stopped"), "failed": _("failed")}
    there = [key for key in SHOWN if states[key]]
    return {
        "labels": [f"{hour:%H}:00" for hour, _count in hours],
        "throughput": [
            {"label": words[kind], "tone": TONES[kind], "values": [count[kind] for _hour, count in hours]}
            for kind in ORDER
        ],
        "states": {
            "labels": [wording.state(key) for key in there],
            "tones": [SHOWN[key] for key in there],
            "values": [states[key] for key in there],
        },
    }


def _bar(n: int, hour: datetime, count: Counter[str], most: int) -> Bar:
    parts, y = [], float(BASE)
    for kind in ORDER:
        if count[kind]:
            height = max(2.0, HEIGHT * count[kind] / most)
            y -= height
            parts.append(Part(kind, round(y, 1), round(height, 1)))
    said = _("{hour}: {n} received, {failed} failed").format(
        hour=f"{hour:%H}:00", n=sum(count.values()), failed=count["failed"]
    )
    x = round(LEFT + n * WIDTH, 1)
    return Bar(x, round(x + 7.5, 1), said, f"{hour:%H}" if hour.hour % 3 == 0 else "", parts)
