"""Actions that change the document: what is known of it, and reading it again. The gateway does it, and says so."""

from typing import Any

from django.utils.dateparse import parse_date

from accounts.models import Department
from documents import control, corrections
from documents.models import Access, DocumentType
from jobs.models.job import PRIORITIES
from workflows.actions.registry import Action, Given, NotPossible, Param
from workflows.models import Instance

NAMES = {"type": "document_type", "date": "document_date"}


def look(given: Given) -> dict[str, Any]:
    """What is asked for, before anybody is locked."""
    given.paper()
    changes = {name: value for name, value in given.params.items() if value is not None}
    if not changes:
        raise NotPossible("There is nothing to correct: name a type, department, priority, access or date.")
    key = changes.get("department")
    if key and not Department.objects.filter(key=key, active=True).exists():
        raise NotPossible(f"There is no department named “{key}”.")
    return {"corrected": changes}


def correct(instance: Instance, params: dict[str, Any], result: Any) -> None:
    """Recorded with the gateway as actor and the workflow's name, and told."""
    changes: dict[str, Any] = {NAMES.get(name, name): value for name, value in result["corrected"].items()}
    if "priority" in changes:
        changes["priority"] = PRIORITIES[changes["priority"]]
    if "document_date" in changes:
        changes["document_date"] = parse_date(str(changes["document_date"]))
    corrections.correct_unasked(_document(instance), changes, note=_because_of(instance))


def may_be_read(given: Given) -> dict[str, Any]:
    """Which version will be read again."""
    document = given.paper()
    return {"version": document.newest.number if document.newest else 0}


def read_again(instance: Instance, params: dict[str, Any], result: Any) -> None:
    """Raises IllegalMove while it is in work, in the bin or quarantined."""
    control.read_again(_document(instance), by=None, note=_because_of(instance))


def _document(instance: Instance) -> Any:
    """As it is now; its row is locked with the run's."""
    if instance.document_id is None:
        raise NotPossible("This run has no document any more.")
    return control.locked(instance.document_id)


def _because_of(instance: Instance) -> str:
    return f"by the workflow “{instance.definition.title}”, run {instance.pk}"


ACTIONS = (
    Action(
        name="document.correct",
        title="Correct the document",
        about="Changes the document's type, department, priority, access or date; recorded and told.",
        perform=look,
        apply=correct,
        params=(
            Param(name="type", title="type of paper", choices=tuple(str(kind) for kind in DocumentType)),
            Param(name="department", title="key of the department that it belongs to"),
            Param(name="priority", title="priority", choices=tuple(PRIORITIES)),
            Param(name="access", title="who sees it", choices=tuple(str(access) for access in Access)),
            Param(name="date", title="the paper's own date", type="date"),
        ),
        result={"corrected": "what was asked for, by name"},
    ),
    Action(
        name="document.reprocess",
        title="Read the document again",
        about="Has the newest version read once more, for instance after optical recognition was set up.",
        perform=may_be_read,
        apply=read_again,
        result={"version": "the version that is read"},
    ),
)
