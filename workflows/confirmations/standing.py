"""Who has confirmed, and who has not: for pages, lists and the proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from accounts.rights import Action, Rights
from documents.models import Document
from workflows import clock
from workflows.models import Acknowledgement, HumanTask, TaskState


@dataclass(frozen=True)
class Line:
    """One person. `shift` is the key of the one before which it is due; `late`: it was, or is, not in time."""

    user_id: int
    username: str
    name: str
    shift: str
    due_at: datetime | None
    acknowledged_at: datetime | None
    document_version: int | None
    chased: int
    late: bool


@dataclass(frozen=True)
class Share:
    """How many of how many; `percent` is rounded down, so that 100 means all."""

    acknowledged: int
    asked: int

    @property
    def percent(self) -> int:
        return 100 * self.acknowledged // self.asked if self.asked else 0


@dataclass(frozen=True)
class Standing:
    """`needed` is how many let the run go on. Lines of who has not come first, those due first among them."""

    lines: Sequence[Line]
    needed: int

    @property
    def acknowledged(self) -> Sequence[Line]:
        return [line for line in self.lines if line.acknowledged_at is not None]

    @property
    def awaited(self) -> Sequence[Line]:
        return [line for line in self.lines if line.acknowledged_at is None]

    @property
    def all(self) -> Share:
        return _share(self.lines)

    @property
    def by_shift(self) -> dict[str, Share]:
        """By the key of the shift; those without one under the empty key."""
        keys = sorted({line.shift for line in self.lines})
        return {key: _share([line for line in self.lines if line.shift == key]) for key in keys}


def standing(task: HumanTask) -> Standing:
    """Who has confirmed this task and who has not, as it is now; one query."""
    rows = task.acknowledgements.select_related("user")
    rows = rows.order_by(F("acknowledged_at").asc(nulls_first=True), F("due_at").asc(nulls_last=True), "user__username")
    now = clock.now()
    return Standing([_line(row, now) for row in rows], task.quorum)


def awaiting(rights: Rights) -> QuerySet[Acknowledgement]:
    """What this person has still to read and confirm, due first: also where the run has gone on without him.

    Not what a newer version has replaced, or a run that was stopped does not need any more.
    """
    if not rights.scope_allows(Action.SEE):
        return Acknowledgement.objects.none()
    seen = Q(task__document__in=Document.objects.visible_to(rights).outside_bin().values("pk"))
    if not rights.bound:
        seen |= Q(task__document=None, task__document_version=None)
    alive = (TaskState.OPEN, TaskState.COMPLETED)
    mine = Acknowledgement.objects.filter(seen, user_id=rights.user_id, acknowledged_at=None, task__state__in=alive)
    related = ("task__document__newest", "task__instance__definition")
    return mine.select_related(*related).order_by(F("due_at").asc(nulls_last=True), "pk")


def _line(row: Acknowledgement, now: datetime) -> Line:
    return Line(
        user_id=row.user_id,
        username=row.user.get_username(),
        name=row.user.get_full_name() or row.user.get_username(),
        shift=row.shift,
        due_at=row.due_at,
        acknowledged_at=row.acknowledged_at,
        document_version=row.document_version,
        chased=row.chased,
        late=row.due_at is not None and (row.acknowledged_at or now) > row.due_at,
    )


def _share(lines: Sequence[Line]) -> Share:
    return Share(sum(line.acknowledged_at is not None for line in lines), len(lines))
