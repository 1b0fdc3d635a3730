"""What a run waits for: another run's end, or a document's being read.

While something is awaited the run makes no move: what it hears is kept (`moving`), and told in order once all has
happened (`running.tell_kept`), or once somebody has taken the last of it away.
"""

from collections.abc import Sequence
from uuid import UUID

from accounts import prepared
from accounts.refusals import Conflict, IllegalMove, NotFound, Refusal
from accounts.rights import Rights
from documents.models import Document, Status
from workflows import happenings
from workflows.models import ALIVE, Dependency, Instance, Subscription

FINISHED, PROCESSED = "workflow.finished", "document.processed"
EVENTS = {"workflow": FINISHED, "document": PROCESSED}
KINDS = {event: kind for kind, event in EVENTS.items()}
MOST = 50
"""So many things may one run wait for at a time."""
_ONE_BY_ONE = 0x6B6D726C_77616974  # "kmrlwait"


class WaitsForItself(Conflict):
    """Two would wait for each other for ever."""

    code, title = "waits_for_itself", "This run would wait for itself"


def wait_for(
    instance: Instance, after: Sequence[tuple[str, object]], *, above: Instance | None = None
) -> list[tuple[str, str]]:
    """Note what a run that has not begun waits for: those (event, key) of `after` that have not happened yet.

    `after` are pairs of `workflow` or `document` and an id. Whatever ends at this moment is either seen here or sees
    what is noted here. Raises NotFound, and WaitsForItself when that would be a circle.
    """
    wanted = sorted({(_event(kind), str(pk)) for kind, pk in after})
    if above is not None:
        _one_by_one()
    happenings.hold(wanted, listening=True)
    awaited = [one for one in wanted if not _happened(*one)]
    _refuse_circle({str(instance.pk), *_above(above)}, awaited)
    Dependency.objects.bulk_create(Dependency(instance=instance, event=event, key=key) for event, key in awaited)
    return awaited


def add(instance: Instance, *, kind: str, pk: object) -> Dependency:
    """A locked run that is alive waits for this too from now on, whether it has begun or not.

    Of two that would close a circle, however many runs long, the later one is refused: they are looked at one by one.
    Raises NotFound, WaitsForItself; IllegalMove when it has happened already, is awaited already, or is one too many.
    """
    wanted = (_event(kind), str(pk))
    _one_by_one()
    happenings.hold([wanted], listening=True)
    if _happened(*wanted):
        raise IllegalMove("That has happened already: there is nothing to wait for.")
    _refuse_circle({str(instance.pk)}, [wanted])
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


def take_away(instance: Instance, *, pk: int) -> Dependency:
    """A locked run waits for this no more. Raises NotFound; IllegalMove when it has happened meanwhile."""
    dependency = Dependency.objects.filter(instance=instance, pk=pk).first()
    if dependency is None:
        raise NotFound("This run does not wait for that.")
    gone, _ = Dependency.objects.filter(pk=pk, met_at=None).delete()
    if not gone:
        raise IllegalMove("It does not wait for that any more: it has happened.")
    return dependency


def refuse_unseen(after: Sequence[tuple[str, object]], rights: Rights) -> None:
    """Raises NotFound for a run or document that these rights do not show: for them there is nothing to wait for."""
    for kind, pk in after:
        found = Instance.objects if _event(kind) == FINISHED else Document.objects
        if not found.visible_to(rights).filter(pk=_id(str(pk))).exists():
            raise NotFound(f"There is nothing with the id “{str(pk)[:60]}” to wait for.")


def met(instance: Instance) -> bool:
    """Whether everything that a locked run waits for has happened."""
    return not awaited(instance)


def awaited(instance: Instance) -> int:
    """How much of what a run waits for has not happened yet."""
    return Dependency.objects.filter(instance=instance, met_at=None).count()


def _event(kind: str) -> str:
    if kind not in EVENTS:
        raise Refusal(f"A run waits for a “workflow” or a “document”, not for a “{kind}”.")
    return EVENTS[kind]


def _one_by_one() -> None:
    """Nobody else looks for circles until commit: of two edges that make one, the second sees the first."""
    prepared.rows("SELECT pg_advisory_xact_lock(%s)", [_ONE_BY_ONE])


def _refuse_circle(mine: set[str], awaited: Sequence[tuple[str, str]]) -> None:
    if mine & _reached([key for event, key in awaited if event == FINISHED]):
        raise WaitsForItself("What this run is to wait for waits for this run itself. Leave one of the two out.")


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


def _above(instance: Instance | None) -> set[str]:
    """The run that starts this one, and those above it: they wait for its end."""
    found = set()
    while instance is not None:
        found.add(str(instance.pk))
        instance = instance.parent
    return found


def _reached(runs: Sequence[str]) -> set[str]:
    """These runs and all that they wait for: dependencies, events of a run's end, subflows."""
    found: set[str] = set()
    level = set(runs)
    while level:
        found |= level
        ids = [UUID(key) for key in level]
        awaited = Dependency.objects.filter(instance__in=ids, event=FINISHED, met_at=None).values_list("key", flat=True)
        heard = Subscription.objects.filter(instance__in=ids, event=FINISHED).exclude(key="")
        below = Instance.objects.filter(parent__in=ids, status__in=ALIVE).values_list("pk", flat=True)
        keys = {*awaited, *heard.values_list("key", flat=True), *(str(pk) for pk in below)}
        level = {key for key in keys if _is_id(key)} - found
    return found


def _is_id(key: str) -> bool:
    """A definition may listen to any text; what is no id is nobody's end."""
    try:
        UUID(key)
    except ValueError:
        return False
    return True
