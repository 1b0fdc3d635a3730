"""Where a new paper belongs: its source and its department, as far as the sender's rights go."""

import time
from dataclasses import dataclass
from typing import TypeVar, cast

from django.conf import settings
from django.db.models import Model, QuerySet

from accounts.models import Department, User
from accounts.refusals import NotAllowed
from accounts.rights import Action, Rights
from documents.models import Source
from documents.refusals import UnknownSource

Row = TypeVar("Row", Source, Department)


@dataclass(frozen=True)
class Place:
    source: Source
    department: Department | None


def place(*, source: str, department: str | None, by: User, rights: Rights) -> Place:
    """The source and the department of an upload.

    The department named; else the source's own where the sender may upload there; else the sender's only one; else
    none (the sender alone sees it until it is moved). Raises UnknownSource, NotAllowed.
    """
    found = source_of(source, rights)
    place = Place(found, _department(found, department, by, rights))
    if not _may_send(rights, place.department, source, by):
        lacking = rights.lacks_scope(Action.UPLOAD)
        raise NotAllowed(lacking or "You may not send documents. Ask an administrator for a role in a department.")
    return place


def source_of(key: str, rights: Rights) -> Source:
    """The active source of that key, if the caller's key may use it. Raises UnknownSource."""
    allowed = rights.sources is None or key in rights.sources
    found = _looked_up(Source, key, "default_department") if allowed else None
    if found is None:
        raise UnknownSource(key)
    return found


def department_of(key: str, *, source: str, by: User, rights: Rights) -> Department:
    """The active department of that key, where the caller may send papers. Raises NotAllowed, also for unknown ones."""
    found = _looked_up(Department, key)
    if found is None or not _may_send(rights, found, source, by):
        raise NotAllowed(f"There is no department named {key!r} that you may send documents to.")
    return found


def _department(source: Source, key: str | None, by: User, rights: Rights) -> Department | None:
    if key:
        return department_of(key, source=source.key, by=by, rights=rights)
    default = source.default_department
    if default is not None and default.active and _may_send(rights, default, source.key, by):
        return default
    own = rights.departments.keys() or rights.only_departments or ()
    if len(own) == 1:
        return _looked_up(Department, next(iter(own)))
    return None


_held: dict[tuple[type[Model], int | str], tuple[float, Model]] = {}


def _looked_up(model: type[Row], key: int | str, *along: str) -> Row | None:
    """The active row of that key (or number), with the rows that it names in `along`.

    It is held as long as a credential, so that 200 scans in a row ask once. What is not found is asked for every time,
    so nothing grows but with the house.
    """
    until, row = _held.get((model, key), (0.0, None))
    if row is not None and until > time.monotonic():
        return cast(Row, row)
    rows: QuerySet[Row] = model._default_manager.all()
    rows = rows.select_related(*along) if along else rows
    found = rows.filter(active=True, **({"key": key} if isinstance(key, str) else {"pk": key})).first()
    if found is not None and settings.CREDENTIALS_HELD_SECONDS:
        _held[model, key] = time.monotonic() + settings.CREDENTIALS_HELD_SECONDS, found
    return found


def _may_send(rights: Rights, department: Department | None, source: str, by: User) -> bool:
    return rights.may(
        Action.UPLOAD,
        department_id=None if department is None else department.pk,
        uploaded_by_id=by.pk,
        source=source,
    )
