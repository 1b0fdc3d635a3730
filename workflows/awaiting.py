"""What a run waits for, as people see it: told when it changes, and shown as far as their rights show what it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from accounts.rights import Rights
from documents.models import Document
from realtime.workflow_events import WorkflowDependency
from workflows import dependencies
from workflows.circles import FINISHED
from workflows.models import ALIVE, Dependency, Instance
from workflows.turn import Run, Turn

SHOWN = 50


@dataclass(frozen=True)
class Awaited:
    """One thing that a run waits for, or waited for. Neither `run` nor `document` is there for who may not see it."""

    row: Dependency
    run: Instance | None = None
    document: Document | None = None

    @property
    def kind(self) -> str:
        return dependencies.KINDS[self.row.event]


def tell(turn: Turn, run: Run, deed: str, dependency: Dependency, *, by: User | None = None, note: str = "") -> None:
    """Write down, and tell, that a run waits for something more or for something less (`workflows.deeds`)."""
    number, event = int(dependency.pk), dependency.event
    said = {"dependency": number, "event": event, "key": dependency.key}
    turn.record(run, deed, by=by, after=said, note=note)
    told = WorkflowDependency(
        id=str(run.pk),
        definition=run.body.key,
        change=deed.removeprefix("dependency "),
        kind=dependencies.KINDS[event],
        dependency=number,
        waiting=dependencies.awaited(run.instance, but=turn.untied),
        document=str(run.instance.document_id) if run.instance.document_id else None,
        title=run.body.title,
        by=by.get_username() if by else None,
    )
    turn.told.append((run.pk, told))


def of(instance: Instance, rights: Rights) -> list[Awaited]:
    """What this run waits for and waited for, in the order in which it came; three queries at most."""
    rows = list(Dependency.objects.filter(instance=instance.pk).order_by("pk"))
    seen = Instance.objects.visible_to(rights).select_related("definition", "document")
    runs = {one.pk: one for one in seen.filter(pk__in=_ids(rows, FINISHED))} if rows else {}
    papers = Document.objects.visible_to(rights).filter(pk__in=_ids(rows, dependencies.PROCESSED)) if rows else ()
    documents = {one.pk: one for one in papers}
    return [Awaited(row, runs.get(UUID(row.key)), documents.get(UUID(row.key))) for row in rows]


def by_others(instance: Instance, rights: Rights) -> list[Instance]:
    """The living runs that wait for the end of this one, of those that these rights show; 50 at most."""
    waiting = Dependency.objects.filter(event=FINISHED, key=str(instance.pk), met_at=None).values("instance")
    seen = Instance.objects.visible_to(rights).filter(pk__in=waiting, status__in=ALIVE)
    return list(seen.select_related("definition").order_by("pk")[:SHOWN])


def _ids(rows: Iterable[Dependency], event: str) -> list[UUID]:
    return [UUID(row.key) for row in rows if row.event == event]
