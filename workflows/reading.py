"""Reading runs with all that a move looks at, in one prepared statement.

By hand, as it runs for every move: the ORM takes three times as long to write this query as the whole rest of a move.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from django.db import models

from accounts import prepared
from accounts.models import Department, User
from documents.models import Document, Source, Version
from workflows.models import Definition, DefinitionVersion, Instance


@dataclass(frozen=True)
class Part:
    """One joined table: its alias, the attribute that it becomes, of which part, and the columns that are left out."""

    alias: str
    model: type[models.Model]
    of: str = ""
    attribute: str = ""
    without: tuple[str, ...] = ()
    names: list[str] = field(init=False)
    json: list[str] = field(init=False)

    def __post_init__(self) -> None:
        fields = [one for one in self.model._meta.concrete_fields if one.attname not in self.without]
        object.__setattr__(self, "names", [one.attname for one in fields])
        object.__setattr__(self, "json", [one.attname for one in fields if isinstance(one, models.JSONField)])

    @property
    def join(self) -> str:
        return f"LEFT JOIN {self.model._meta.db_table} {self.alias} ON {self.alias}.id = {self.of}.{self.attribute}_id"

    def made_of(self, values: tuple[Any, ...]) -> models.Model:
        """The object; its JSON parsed, which Django's connection leaves as text."""
        found = self.model.from_db("default", self.names, values)
        for name in self.json:
            if isinstance(held := found.__dict__[name], str):
                found.__dict__[name] = json.loads(held)
        return found


_RUN = Part("i", Instance)
_PARTS = (
    Part("d", Definition, "i", "definition", ("draft",)),
    Part("v", DefinitionVersion, "i", "version", ("source", "body")),
    Part("s", User, "i", "started_by"),
    Part("t", Department, "i", "department"),
    Part("p", Document, "i", "document"),
    Part("pn", Version, "p", "newest"),
    Part("ps", Source, "p", "source"),
    Part("pt", Department, "p", "department"),
    Part("pu", User, "p", "uploaded_by"),
)
_SELECT = (
    f"SELECT {', '.join(f'{part.alias}.{name}' for part in (_RUN, *_PARTS) for name in part.names)}"  # noqa: S608
    f" FROM workflows_instance i {' '.join(part.join for part in _PARTS)} WHERE i.id = ANY(%s::uuid[]) ORDER BY i.id"
)


def runs(ids: Iterable[UUID | str]) -> list[Instance]:
    """These runs as they are now, in id order, with definition, version (without its body), people and document."""
    wanted = sorted({str(pk) for pk in ids})
    if not wanted:
        return []
    known: dict[tuple[str, Any], models.Model] = {}
    return [_run_of(row, known) for row in prepared.rows(_SELECT, [wanted])]


def _run_of(row: tuple[Any, ...], known: dict[tuple[str, Any], models.Model]) -> Instance:
    """What several runs have in common is one object."""
    run = cast(Instance, _RUN.made_of(row[: len(_RUN.names)]))
    found: dict[str, models.Model | None] = {"i": run}
    start = len(_RUN.names)
    for part in _PARTS:
        values, start = row[start : start + len(part.names)], start + len(part.names)
        holder = found[part.of]
        key = (part.alias, values[0])
        if holder is None or values[0] is None:
            found[part.alias] = None
        elif key in known:
            found[part.alias] = known[key]
        else:
            found[part.alias] = known[key] = part.made_of(values)
        if holder is not None:
            holder._state.fields_cache[part.attribute] = found[part.alias]
    return run
