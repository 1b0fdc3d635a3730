"""Running: the doors by which runs are started and hear what happens. One move is one short transaction.

Lock (document, the runs above, the run), ask the engine, write facts, rows and effects, tell: all of it or nothing.
What slow work is needed is done by jobs and told afterwards. A run that is paused, or waits for others, keeps what it
hears.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.refusals import NotFound
from documents import control
from documents.models import Document
from workflows import dependencies, locks, moving, starting, writing_down
from workflows.engine import talk
from workflows.engine.talk import News
from workflows.models import Definition, Instance, InstanceStatus, KeptNews
from workflows.turn import Turn


@transaction.atomic
def start(
    *,
    definition: Definition,
    document: Document | None,
    by: User | None,
    variables: Mapping[str, Any] | None = None,
    reason: dict[str, Any],
    after: Sequence[tuple[str, object]] = (),
    parent: Instance | None = None,
    parent_token: int | None = None,
) -> Instance:
    """A run of the published version, moved as far as it goes by itself.

    `reason` says why: `{"trigger": "manual" | "api" | …, …}`. `after`: pairs of `workflow` or `document` and an id; the
    first step waits until all of them have ended, or have been read. `parent`: the run that waits for this one at
    `parent_token`; its rows are held by the caller.

    Raises IllegalMove (nothing published, switched off, in the bin), AlreadyRuns, BadVariables, WaitsForItself and
    NotFound.
    """
    paper = None if document is None else control.locked(document.pk)
    turn = Turn()
    if parent is not None:
        turn.take([parent])
    instance = starting.create(
        turn,
        definition=definition,
        document=paper,
        by=by,
        given=variables or {},
        reason=reason,
        after=after,
        parent=parent,
        parent_token=parent_token,
    )
    finish(turn)
    return instance


@transaction.atomic
def tell(*, instance_id: UUID, news: News, by: User | None) -> Instance:
    """Lock a run and tell it; the run as it stands then. News that nothing waits for moves nothing. Raises NotFound."""
    locks.take([instance_id])
    turn = Turn()
    turn.take(locks.rows([instance_id]))
    if not turn.runs:
        raise NotFound("There is no such run.")
    (run,) = turn.runs.values()
    turn.say(run.pk, news, by=by)
    finish(turn)
    return run.instance


def tell_locked(instance: Instance, news: News, *, by: User | None) -> None:
    """As `tell`, for who has the run from `locked` (or `locks.hold`) in this transaction: it is brought up to date.

    Moves from the row as it is now, whatever the caller's copy says.
    """
    turn = Turn()
    turn.take(locks.rows([instance.pk]))
    turn.say(instance.pk, news, by=by)
    finish(turn)
    bring_up_to_date(instance, turn)


def tell_many_locked(
    news: Sequence[tuple[UUID | str, News]], *, by: User | None = None, held: Sequence[Instance] | None = None
) -> None:
    """Many at once, in the order given, each table written once. The runs are held (`locks.take`); some may be gone.

    `held`: the rows of `locks.rows`, from who has read them under these locks and changed nothing since.
    """
    turn = Turn()
    turn.take(locks.rows({str(pk) for pk, _ in news}) if held is None else held)
    for pk, one in news:
        found = UUID(str(pk))
        if found in turn.runs:
            turn.say(found, one, by=by)
    finish(turn)


def locked(instance_id: UUID) -> Instance:
    """The run with its document, both held until the end of the transaction. Raises NotFound."""
    instance = locks.hold([instance_id]).get(UUID(str(instance_id)))
    if instance is None:
        raise NotFound("There is no such run.")
    return instance


def tell_kept(turn: Turn, instance: Instance) -> None:
    """Have the turn tell a locked run all that was kept for it, in order; unless it is paused, or waits for others."""
    if instance.status == InstanceStatus.PAUSED or not dependencies.met(instance, but=turn.untied):
        return
    instance.keeps_news = False
    rows = list(KeptNews.objects.filter(instance=instance).select_related("by").order_by("pk"))
    for row in rows:
        turn.say(instance.pk, _news_of(row), by=row.by)
    KeptNews.objects.filter(pk__in=[row.pk for row in rows]).delete()


def bring_up_to_date(instance: Instance, turn: Turn) -> None:
    """What the turn knows of this run, onto the caller's copy."""
    run = turn.runs.get(instance.pk)
    if run is None or run.instance is instance:
        return
    for field in Instance._meta.concrete_fields:
        instance.__dict__[field.attname] = run.instance.__dict__[field.attname]


def finish(turn: Turn) -> None:
    """Move all that the turn has to tell, and write it down. For the modules beside this one that begin with more."""
    moving.go(turn)
    writing_down.write(turn)


def _news_of(row: KeptNews) -> News:
    said: dict[str, Any] = dict(row.said)
    if "by" in said:
        said["by"] = tuple(said["by"])
    news: News = getattr(talk, row.kind)(**said)
    return news
