"""What figures there are. Times are seconds, rates are shares from 0 to 1; None where there is nothing to divide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Spread:
    """Half take no longer than `p50` seconds, nineteen of twenty no longer than `p95`."""

    p50: float | None = None
    p95: float | None = None


def rate(part: float, of: float) -> float | None:
    """The share, or None of nothing."""
    return part / of if of else None


@dataclass(frozen=True)
class RunFigures:
    """Runs of a definition (`version` None: of all its versions; `definition` empty: of all).

    `started` began in the period; `finished` and `cancelled` ended in it, and `duration`, `outcomes`, `succeeded`,
    `failed` and `breached` speak of these. A run succeeded that finished and never stood at an incident; the others
    that ended failed. `alive` and `open_incidents` are of now; `rework` is the share of passages through steps that
    were not the first of their kind in the run. `throughput`: finished by day.
    """

    definition: str = ""
    title: str = ""
    version: int | None = None
    started: int = 0
    finished: int = 0
    cancelled: int = 0
    alive: int = 0
    succeeded: int = 0
    breached: int = 0
    incidents: int = 0
    open_incidents: int = 0
    passages: int = 0
    reworked: int = 0
    days: float = 1.0
    duration: Spread = Spread()
    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def ended(self) -> int:
        return self.finished + self.cancelled

    @property
    def failed(self) -> int:
        return self.ended - self.succeeded

    @property
    def success_rate(self) -> float | None:
        return rate(self.succeeded, self.ended)

    @property
    def failure_rate(self) -> float | None:
        return rate(self.failed, self.ended)

    @property
    def breach_rate(self) -> float | None:
        return rate(self.breached, self.ended)

    @property
    def rework(self) -> float | None:
        return rate(self.reworked, self.passages)

    @property
    def throughput(self) -> float:
        return self.finished / self.days


@dataclass(frozen=True)
class Overview:
    """Of all runs, and by definition, the busiest first."""

    as_of: datetime
    since: datetime
    until: datetime
    total: RunFigures
    definitions: list[RunFigures]


@dataclass(frozen=True)
class DefinitionFigures:
    """Of one definition, or one version of it; and by version, the newest first."""

    as_of: datetime
    since: datetime
    until: datetime
    total: RunFigures
    versions: list[RunFigures]


@dataclass(frozen=True)
class StepFigures:
    """Passages through a step that were entered in the period.

    `waiting` lasts from entering until somebody takes it or its job begins (else until it is left), `working` from then
    until it is left. `spent` is the sum of both; `share` that of all steps' that do not hold others (None for those
    that do). `machine` is what its jobs worked.
    """

    step: str
    kind: str
    title: str
    title_ml: str
    volume: int
    left: int
    open: int
    breached: int
    failed: int
    reworked: int
    waiting: Spread
    working: Spread
    spent: float
    machine: float
    share: float | None

    @property
    def breach_rate(self) -> float | None:
        return rate(self.breached, self.volume)

    @property
    def rework(self) -> float | None:
        return rate(self.reworked, self.volume)


@dataclass(frozen=True)
class Steps:
    """In the order of the definition."""

    as_of: datetime
    since: datetime
    until: datetime
    definition: str
    version: int | None
    steps: list[StepFigures]


@dataclass(frozen=True)
class Bottleneck:
    """A step that takes much of the time; rank 1 takes most. `why` says it in a sentence."""

    rank: int
    figures: StepFigures
    why: str


@dataclass(frozen=True)
class Point:
    """One day, week (from its Monday) or month of the house."""

    start: datetime
    started: int
    finished: int
    cancelled: int
    breached: int
    duration: Spread


@dataclass(frozen=True)
class Trend:
    """Points without a gap, the oldest first."""

    as_of: datetime
    since: datetime
    until: datetime
    by: str
    points: list[Point]


@dataclass(frozen=True)
class Work:
    """What one person, or one department, has and did. `open` waits now; `decided` and `median` (from being asked to
    the decision) are of the period."""

    key: str
    name: str
    decided: int
    open: int
    overdue: int
    median: float | None


@dataclass(frozen=True)
class Workload:
    """`people`: who decided or has taken something; `departments`: whom tasks belong to. The most open ones first."""

    as_of: datetime
    since: datetime
    until: datetime
    people: list[Work]
    departments: list[Work]
