"""Correcting what is known of a document: each change with what it was before."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import history
from accounts.models import Department, User
from accounts.refusals import NotAllowed, Refusal
from accounts.rights import Action, Rights
from documents import placing, saying, visibility
from documents.audience import audience_of
from documents.control import locked, refuse_in_bin
from documents.models import Access, Document, Status
from documents.models.document import IN_WORK
from jobs import enqueueing, kinds, unasked
from jobs.models import Priority
from realtime import audiences, events

OF_SIGHT = frozenset({"access", "people"})
UNASKED = frozenset({"document_type", "document_date", "access", "priority"})
CHOOSING = frozenset({"document_type", "department", "priority"})
"""What workflows are chosen by."""


@transaction.atomic
def correct(*, document_id: UUID, changes: Mapping[str, Any], by: User, rights: Rights) -> Document:
    """Change a document's title, department, document_type, document_date, access, people, priority or metadata.

    `changes` holds parsed values: `department` a key or None, `people` user names. Facts are corrected by whoever may
    correct; who sees it is changed by whoever controls it; another department must be one that `by` may send to.
    What stays as it was is neither written nor recorded. Raises NotAllowed, IllegalMove, Refusal.
    """
    document = locked(document_id)
    _refuse(document, changes, by, rights)
    before = _said(document)
    for name, value in changes.items():
        _apply(document, name, value, by, rights)
    if changed := _write(document, before, by=by):
        _after(document, changed)
    return document


def correct_unasked(document: Document, changes: Mapping[str, Any], *, note: str) -> Document:
    """As `correct`, by the gateway itself on a locked document: **nobody is asked for rights here**.

    Of a document_type, department (a key or None), document_date, access and priority; `note` says why. Workflows are
    not chosen anew. Raises Refusal for a department that does not exist, and IllegalMove in the bin.
    """
    refuse_in_bin(document)
    before = _said(document)
    for name, value in changes.items():
        if name == "department":
            document.department = _any_department(value)
        elif name in UNASKED:
            setattr(document, name, value)
        else:
            raise ValueError(f"The gateway does not correct {name} by itself.")
    closed = document.access == Access.RESTRICTED and before["access"] != Access.RESTRICTED
    if closed and not document.people.exists():
        document.people.add(document.uploaded_by)  # somebody must see it
    _write(document, before, by=None, note=note)
    return document


def _write(document: Document, before: dict[str, Any], *, by: User | None, note: str = "") -> list[str]:
    """Save, record and tell what is other than before; the names of what is."""
    after = _said(document)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return []
    columns = [name for name in changed if name != "people"]
    if columns:
        document.save(update_fields=columns)
    if "priority" in changed and document.status in IN_WORK and document.job_id:
        unasked.set_priority(job_id=document.job_id, priority=Priority(document.priority), by=by)
    history.record(
        "document",
        document.pk,
        "corrected",
        by=by,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        note=note,
    )
    if {"access", "people", "department"} & set(changed):
        topic, seeing = audiences.document(document.pk), audience_of(document)
        events.narrow(topic=topic, to=seeing, since=document.uploaded_at)
    _tell(document)
    return changed


def _after(document: Document, changed: Collection[str]) -> None:
    """What follows once somebody has said what a document is: workflows."""
    chosen_by = CHOOSING & set(changed)
    if chosen_by and document.status == Status.PROCESSED and kinds.is_registered("document.corrected"):
        enqueueing.enqueue(
            "document.corrected",
            payload={"document": str(document.pk), "changed": sorted(chosen_by)},
            priority=Priority(document.priority),
            subject=("document", str(document.pk)),
        )


def _any_department(key: str | None) -> Department | None:
    if not key:
        return None
    found = Department.objects.filter(key=key, active=True).first()
    if found is None:
        raise Refusal(f"There is no department named {key!r}.")
    return found


def _refuse(document: Document, changes: Collection[str], by: User, rights: Rights) -> None:
    refuse_in_bin(document)
    if not visibility.may(rights, Action.CORRECT, document):
        raise NotAllowed("Your role does not allow corrections of this document.")
    if OF_SIGHT & set(changes) and not visibility.may(rights, Action.CONTROL, document):
        raise NotAllowed("Who may see it is decided by its uploader, the head of its department or an administrator.")


def _apply(document: Document, name: str, value: Any, by: User, rights: Rights) -> None:
    if name == "department":
        document.department = _department(document, value, by, rights)
    elif name == "people":
        document.people.set(_people(value, by, rights))
    elif name == "access":
        document.access = value
        if value == Access.RESTRICTED and not document.people.exists() and not rights.administrator:
            document.people.add(by)  # nobody locks himself out
    else:
        setattr(document, name, value)


def _department(document: Document, key: str | None, by: User, rights: Rights) -> Department | None:
    if document.department is not None and key == document.department.key:
        return document.department
    if key:
        return placing.department_of(key, source=document.source.key, by=by, rights=rights)
    if document.department is not None and not (rights.administrator or document.uploaded_by_id == by.pk):
        raise NotAllowed("Only its uploader may take a document out of its department without naming another.")
    return None


def _people(usernames: Collection[str], by: User, rights: Rights) -> list[User]:
    found = list(User.objects.filter(username__in=usernames, is_active=True))
    if missing := set(usernames) - {user.get_username() for user in found}:
        said = f"There is nobody named {', '.join(sorted(missing))}."
        raise Refusal(said, errors={"people": [said]})
    if by not in found and not rights.administrator:
        found.append(by)
    return found


def _said(document: Document) -> dict[str, Any]:
    """As it is written into the history."""
    day: date | None = document.document_date
    return {
        "title": document.title,
        "department": document.department.key if document.department else None,
        "document_type": document.document_type,
        "document_date": day.isoformat() if day else None,
        "access": str(document.access),
        "people": sorted(document.people.values_list("username", flat=True)),
        "priority": Priority(document.priority).label,
        "metadata": document.metadata,
    }


def _tell(document: Document) -> None:
    """Those who see it now; those who no longer do are told nothing."""
    events.tell(saying.status(document, document.newest), to=audience_of(document))
