"""What a run waits for: another run's end, or a document's being read.

While something is awaited the run makes no move: what it hears is kept (`moving`), and told in order once all has
happened (`running.tell_kept`), or once somebody has taken the last of it away.
"""

from collections.abc import Sequence
from uuid import UUID

from accounts.refusals import IllegalMove, NotFound, Refusal
from accounts.rights import Rights
from documents.models import Document, Status
from workflows import circles, happenings
from workflows.circles import FINISHED
from workflows.models import ALIVE, Dependency, Instance
from workflows.turn import Turn

PROCESSED = "document.processed"
EVENTS = {"workflow": FINISHED, "document": PROCESSED}
KINDS = {event: kind for kind, event in EVENTS.items()}
MOST = 50
"""So many things may one run wait for at a time."""
_HAPPENED = "It does not wait for that any more: it has happened."


def wait_for(
    instance: Instance, after: Sequence[tuple[str, object]], *, above: Instance | None = None
) -> list[tuple[str, str]]:
    """Note what a run that has not begun waits for: those (event, key) of `after` that have not happened yet.

    `after` are pairs of `workflow` or `document` and an id. Whatever ends at this moment is either seen here or sees
    what is noted here. Raises NotFound, and WaitsForItself when that would be a circle.
    """
    wanted = sorted({(_event(kind), str(_id(str(pk)))) for kind, pk in after})
    coming = [one for one in wanted if not _happened(*one)]
    if not coming:
        return []
    if above is not None:
        circles.one_by_one()
    happenings.hold(listening=coming)
    awaited = [one for one in coming if not _happened(*one)]
    circles.refuse({instance.pk, *_above(above)}, _runs(awaited))
    Dependency.objects.bulk_create(Dependency(instance=instance, event=event, key=key) for event, key in awaited)
    return awaited


def add(instance: Instance, *, kind: str, pk: object) -> Dependency:
    """A locked run that is alive waits for this too from now on, whether it has begun or not.

    Of two that would close a circle, however many runs long, the later one is refused: they are looked at one by one.
    Raises NotFound, WaitsForItself; IllegalMove when it has happened already, is awaited already, or is one too many.
    """
    wanted = (_event(kind), str(_id(str(pk))))
    circles.one_by_one()
    happenings.hold(listening=[wanted])
    if _happened(*wanted):
        raise IllegalMove("That has happened already: there is nothing to wait for.")
    circles.refuse({instance.pk}, _runs([wanted]))
    awaited = set(Dependency.objects.filter(instance=instance, met_at=None).values_list("event", "key"))
    if wanted in awaited:
        raise IllegalMove("It waits for that already.")
    if len(awaited) >= MOST:
        raise IllegalMove(f"It waits for {MOST} others already, and no run waits for more. Take one away first.")
    event, key = wanted
    dependency, _ = Dependency.objects.update_or_create(
        instance=instance, event=event, key=key, defaults={"met_at": None}
    )
    instance.keeps_news = True
    return dependency


def take_away(turn: Turn, instance: Instance, *, pk: int) -> Dependency:
    """A locked run of this turn waits for this no more. Raises NotFound; IllegalMove when it has happened.

    The row goes when the turn is written down (`drop`), after the locks at which it could have been told.
    """
    dependency = Dependency.objects.filter(instance=instance, pk=pk).first()
    if dependency is None:
        raise NotFound("This run does not wait for that.")
    if dependency.met_at is not None:
        raise IllegalMove(_HAPPENED)
    turn.untied.append(dependency)
    return dependency


def drop(untied: Sequence[Dependency]) -> None:
    """Remove what was taken away. Raises IllegalMove when some of it has happened meanwhile."""
    if not untied:
        return
    gone, _ = Dependency.objects.filter(pk__in=[one.pk for one in untied], met_at=None).delete()
    if gone < len(untied):
        raise IllegalMove(_HAPPENED)


def refuse_unseen(after: Sequence[tuple[str, object]], rights: Rights) -> None:
    """Raises NotFound for a run or document that these rights do not show: for them there is nothing to wait for."""
    for kind, pk in after:
        found = Instance.objects if _event(kind) == FINISHED else Document.objects
        if not found.visible_to(rights).filter(pk=_id(str(pk))).exists():
            raise NotFound(f"There is nothing with the id “{str(pk)[:60]}” to wait for.")


def met(instance: Instance, *, but: Sequence[Dependency] = ()) -> bool:
    """Whether everything that a locked run waits for has happened."""
    return not awaited(instance, but=but)


def awaited(instance: Instance, *, but: Sequence[Dependency] = ()) -> int:
    """How much of what a run waits for, but for these, has not happened yet."""
    rows = Dependency.objects.filter(instance=instance, met_at=None)
    return rows.exclude(pk__in=[one.pk for one in but]).count()


def _event(kind: str) -> str:
    if kind not in EVENTS:
        raise Refusal(f"A run waits for a “workflow” or a “document”, not for a “{kind}”.")
    return EVENTS[kind]


def _id(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise NotFound(f"There is nothing with the id “{key[:60]}” to wait for.") from None


def _happened(event: str, key: str) -> bool:
    pk = _id(key)
    status: str | None
    if event == FINISHED:
        status = Instance.objects.filter(pk=pk).values_list("status", flat=True).first()
        ended = status not in ALIVE
    else:
        status = Document.objects.filter(pk=pk).values_list("status", flat=True).first()
        ended = status == Status.PROCESSED
    if status is None:
        raise NotFound(f"There is nothing with the id “{key}” to wait for.")
    return ended


def _runs(awaited: Sequence[tuple[str, str]]) -> list[UUID]:
    return [UUID(key) for event, key in awaited if event == FINISHED]


def _above(instance: Instance | None) -> set[UUID]:
    """The run that starts this one, and those above it: they wait for its end."""
    found = set()
    while instance is not None:
        found.add(instance.pk)
        instance = instance.parent
    return found
