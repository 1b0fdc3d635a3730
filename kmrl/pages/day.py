"""The last 24 hours as bars, one an hour: what was received, and what became of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.visibility import DocumentQuerySet

HOURS, WIDTH, HEIGHT, LEFT, BASE = 24, 18.8, 102, 26, 108
ORDER = ("processed", "queued", "failed")  # from below


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


@dataclass
class Day:
    received: int = 0
    done: int = 0
    failed: int = 0
    other: int = 0
    most: int = 0
    bars: list[Bar] = field(default_factory=list)


def of(documents: DocumentQuerySet, *, now: datetime | None = None) -> Day:
    """The day that ends with this hour. One query, however many documents."""
    last = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    first = last - timedelta(hours=HOURS - 1)
    counts: dict[datetime, Counter[str]] = defaultdict(Counter)
    found = (
        documents.filter(uploaded_at__gte=first)
        .annotate(hour=TruncHour("uploaded_at"))
        .values_list("hour", "status")
        .order_by()
        .annotate(n=Count("id"))
    )
    for hour, status, n in found:
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
    )


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
