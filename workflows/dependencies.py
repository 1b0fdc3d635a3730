"""What a run waits for before its first step: another run's end, or a document's being read."""

from collections.abc import Sequence
from uuid import UUID

from accounts.refusals import Conflict, NotFound, Refusal
from documents.models import Document, Status
from workflows import happenings
from workflows.models import ALIVE, Dependency, Instance, Subscription

FINISHED, PROCESSED = "workflow.finished", "document.processed"
EVENTS = {"workflow": FINISHED, "document": PROCESSED}


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
    happenings.hold(wanted, listening=True)
    awaited = [one for one in wanted if not _happened(*one)]
    runs = [key for event, key in awaited if event == FINISHED]
    mine = {str(instance.pk), *_above(above)}
    if mine & _reached(runs):
        raise WaitsForItself("What this run is to wait for waits for this run itself. Leave one of the two out.")
    Dependency.objects.bulk_create(Dependency(instance=instance, event=event, key=key) for event, key in awaited)
    return awaited


def met(instance: Instance) -> bool:
    """Whether everything that a locked run waits for has happened."""
    return not Dependency.objects.filter(instance=instance, met_at=None).exists()


def _event(kind: str) -> str:
    if kind not in EVENTS:
        raise Refusal(f"A run waits for a “workflow” or a “document”, not for a “{kind}”.")
    return EVENTS[kind]


def _happened(event: str, key: str) -> bool:
    try:
        pk = UUID(key)
    except ValueError:
        raise NotFound(f"There is nothing with the id “{key[:60]}” to wait for.") from None
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
