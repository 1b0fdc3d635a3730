"""One turn: everything that one transaction does to runs, gathered so that each table is written once.

The engine's effects put down here what is to be written; `workflows.writing_down` writes it.
"""

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model

from accounts import history, writing
from accounts.history import Deed
from accounts.models import HistoryEntry, User
from accounts.writing import Insert
from jobs.enqueueing import Order
from realtime.catalogue import Told
from realtime.notices.telling import News as Notice
from workflows import bodies, clock, deeds
from workflows.bodies import Body
from workflows.engine.talk import News
from workflows.models import (
    Candidate,
    Dependency,
    Exclusion,
    HumanTask,
    Incident,
    Instance,
    KeptNews,
    Routing,
    SlaClock,
    Subscription,
    Timer,
)

Found = TypeVar("Found")


@dataclass
class Run:
    """A run that this turn has in hand: locked, and as it stands now."""

    instance: Instance
    body: Body
    document: dict[str, Any] | None = None  # the map of the context, once it was asked for
    known: int = 0  # the sequence that is written
    changed: bool = False

    @classmethod
    def of(cls, instance: Instance) -> "Run":
        return cls(instance, bodies.of(instance.version_id), known=instance.sequence)

    @property
    def pk(self) -> UUID:
        return UUID(str(self.instance.pk))


@dataclass
class Passage:
    """What the turn knows of one token's passage through a step: a row of StepRun, new or brought up to date."""

    step: dict[str, Any]
    token: int
    round: int = 1
    entered_at: datetime | None = None
    left_at: datetime | None = None
    outcome: str = ""
    failed: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Said:
    """News for a run, and whose doing it is."""

    run: UUID
    news: News
    by: User | None


@dataclass(frozen=True)
class Happening:
    """Something that others may wait for."""

    event: str
    key: str
    data: dict[str, Any]


@dataclass
class Turn:
    """`queue` is what is still to be told; the rest is what is to be written at the end."""

    now: datetime = field(default_factory=clock.now)
    runs: dict[UUID, Run] = field(default_factory=dict)
    queue: deque[Said] = field(default_factory=deque)
    deeds: list[Deed] = field(default_factory=list)
    passages: dict[tuple[UUID, int], Passage] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)
    resolved: list[tuple[UUID, int, str, User | None]] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    unsubscribed: list[tuple[UUID, int]] = field(default_factory=list)
    untied: list[Dependency] = field(default_factory=list)  # what a run waits for no more, to be removed
    kept: list[KeptNews] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    told: list[tuple[UUID, Told]] = field(default_factory=list)
    told_besides: list[tuple[Told, Collection[str]]] = field(default_factory=list)  # with whom it reaches
    notices: list[Notice] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    made: list[Instance] = field(default_factory=list)  # new runs, and below what is new of theirs (`write_new`)
    clocks: list[SlaClock] = field(default_factory=list)
    tasks: list[HumanTask] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    routings: list[Routing] = field(default_factory=list)  # why documents began runs, or none
    looked_up: dict[Hashable, Any] = field(default_factory=dict)
    begun: int = 0  # runs that this turn has made and lets begin
    answered: set[tuple[UUID, int]] = field(default_factory=set)  # tokens whose job has told how it ended

    def take(self, instances: Iterable[Instance]) -> None:
        """Have these in hand; the caller has locked them."""
        for instance in instances:
            run = Run.of(instance)
            self.runs.setdefault(run.pk, run)

    def say(self, run: UUID, news: News, *, by: User | None) -> None:
        """Tell it when the present move is carried out."""
        self.queue.append(Said(run, news, by))

    def say_at_once(self, run: UUID, news: News, *, by: User | None) -> None:
        """Tell it before anything else that waits to be told."""
        self.queue.appendleft(Said(run, news, by))

    def record(self, run: Run, action: str, *, by: User | None, after: dict[str, Any], note: str = "") -> None:
        """An entry of the run's history; they are written in the order in which they come."""
        self.deeds.append(Deed(deeds.SUBJECT, str(run.pk), action, by, {}, after, note))
        run.changed = True

    def write_history(self) -> None:
        """Write down what was recorded so far: before others write into the same runs' history."""
        writing.insert(self.take_entries())

    def take_entries(self) -> list[HistoryEntry]:
        """The entries of what was recorded so far, for the caller to write now; the runs count them already."""
        if not self.deeds:
            return []
        entries = history.entries_of(self.deeds, last=history.last_of(self.deeds))
        for entry in entries:
            self.runs[UUID(entry.subject_id)].instance.sequence = entry.sequence
        self.deeds = []
        return entries

    def write_new(self, *more: Insert) -> None:
        """Write down the new runs, clocks, tasks and timers, and `more`, in one statement.

        At the end, and before anybody looks for those of a run in the database.
        """
        new: list[Sequence[Model]] = [
            *(self.made, self.clocks, self.tasks, self.candidates, self.exclusions, self.timers, self.routings)
        ]
        inserts = [*(writing.of(rows) for rows in new if rows), *more]
        if inserts:
            writing.together(inserts)
        for rows in new:
            writing.written(rows)
        for instance in self.made:
            self.runs[UUID(str(instance.pk))].known = instance.sequence
        self.made, self.clocks, self.tasks, self.candidates = [], [], [], []
        self.exclusions, self.timers, self.routings = [], [], []

    def once(self, what: Hashable, look_up: Callable[[], Found]) -> Found:
        """What `look_up` finds; for many tasks of one turn it is called once. `what` names it."""
        if what not in self.looked_up:
            self.looked_up[what] = look_up()
        found: Found = self.looked_up[what]
        return found

    def passage(self, run: Run, token: int, step: dict[str, Any]) -> Passage:
        """The token's row; made when this turn has not met it."""
        return self.passages.setdefault((run.pk, token), Passage(step, token))
