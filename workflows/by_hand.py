"""Starting a workflow by hand or by the API: who may, on which document, with what."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from accounts.models import Role, User
from accounts.refusals import IllegalMove, NotAllowed, NotFound, Refusal
from accounts.rights import Action, Rights
from documents.models import Document
from workflows import bodies, dependencies, running, starting, triggers
from workflows.models import Definition, Instance
from workflows.triggers import RELATED, Considered

DOORS = ("manual", "api")
DECIDERS = {str(Role.REVIEWER), str(Role.HEAD)}


class DoesNotApply(IllegalMove):
    code, title = "does_not_apply", "This workflow is not for this document"


def start(
    *,
    key: str,
    document_id: UUID | None,
    by: User,
    rights: Rights,
    variables: Mapping[str, Any] | None = None,
    note: str = "",
    door: str = "manual",
    after: Sequence[tuple[str, object]] = (),
) -> Instance:
    """A run of the published version on a document, or on none.

    Started by reviewers and heads of the document's department, by whoever sent the document, and by administrators.
    Where the definition has triggers for this door (`manual` or `api`), one of them must hold; its values are taken for
    variables that are not given. Raises NotFound (no such document or workflow, nothing like that to wait for),
    NotAllowed, DoesNotApply, and what `running.start` raises.
    """
    document = _document(document_id, rights)
    refuse(document, rights)
    dependencies.refuse_unseen(after, rights)
    definition = starting.named(key)
    chosen = _trigger(definition, document, door)
    said = chosen.trigger.said if chosen else {}
    reason = {"trigger": door, "words": note or said.get("reason") or "", "when": said.get("when")}
    values = {**(chosen.variables if chosen else {}), **(variables or {})}
    return running.start(definition=definition, document=document, by=by, variables=values, reason=reason, after=after)


def refuse(document: Document | None, rights: Rights) -> None:
    """Raises NotAllowed for who may not start a workflow on a document that he sees, or on none."""
    if may_start(document, rights):
        return
    if rights.auditor:
        raise NotAllowed("Auditors read, and start nothing.")
    raise NotAllowed(
        "Workflows are started by reviewers and heads of the document's department, by whoever sent it, and by"
        " administrators."
        if document is not None
        else "Workflows without a document are started by reviewers, heads of department and administrators."
    )


def may_start(document: Document | None, rights: Rights) -> bool:
    """Whether these rights are enough to start a workflow on a document that they show, or on none."""
    if not rights.scope_allows(Action.CONTROL) or rights.auditor:
        return False
    if document is None:
        return rights.runs_house or (not rights.bound and bool(DECIDERS & set(rights.departments.values())))
    if rights.administrator:
        return True
    role = rights.departments.get(document.department_id) if document.department_id else None
    return role in DECIDERS or document.uploaded_by_id == rights.user_id


def startable(document: Document | None, *, door: str = "manual") -> list[Definition]:
    """The workflows that may be started by this door on that document now, in the order of their keys."""
    found = Definition.objects.filter(active=True, published__isnull=False).order_by("key")
    return [definition for definition in found if _applies(definition, document, door)]


def _applies(definition: Definition, document: Document | None, door: str) -> bool:
    try:
        _trigger(definition, document, door)
    except Refusal:
        return False
    return True


def _document(pk: UUID | None, rights: Rights) -> Document | None:
    if pk is None:
        return None
    document = Document.objects.visible_to(rights).select_related(*RELATED).filter(pk=pk).first()
    if document is None:
        raise NotFound
    return document


def _trigger(definition: Definition, document: Document | None, door: str) -> Considered | None:
    """The trigger that holds; None where the definition has none for this door. Raises DoesNotApply."""
    if door not in DOORS:
        raise ValueError(f"There is no door named {door}.")
    if definition.published_id is None:
        return None  # `running.start` says why it cannot be started
    body = bodies.of(definition.published_id)
    of_door = [
        trigger
        for trigger in triggers.of_body(body.data, key=body.key, definition_id=body.definition_id, number=body.number)
        if trigger.said.get("on") == door
    ]
    if not of_door:
        return None
    head = any(trigger.reads_head for trigger in of_door)
    names = triggers.names_of(document, {"name": door}, head=head)
    considered = triggers.consider(triggers.in_order(of_door), names)
    chosen = next((one for one in considered if one.result == "matches"), None)
    if chosen is None:
        why = next((one.error for one in considered if one.error), "")
        raise DoesNotApply(
            f"The workflow “{definition.title}” is not for this document: its condition does not hold. {why}".strip()
        )
    return chosen
