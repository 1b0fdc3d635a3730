"""Reading runs with all that a move looks at, and documents with all that conditions see: one prepared statement each.

By hand, as it runs for every move and document: the ORM takes three times as long to write this query as the whole rest
of a move.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.db import models

from accounts import prepared
from accounts.models import Department, User
from documents import pages
from documents.models import Document, Page, Source, Version
from documents.pages import Text
from workflows.models import Definition, DefinitionVersion, Instance

FEW_PAGES = 50
"""Texts of more pages than this are fetched one at a time: a batch has up to sixteen."""


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
_PAPER = Part("p", Document, "i", "document")
_OF_PAPER = (
    Part("pn", Version, "p", "newest"),
    Part("ps", Source, "p", "source"),
    Part("pt", Department, "p", "department"),
    Part("pu", User, "p", "uploaded_by"),
)
_OF_RUN = (
    Part("d", Definition, "i", "definition", ("draft",)),
    Part("v", DefinitionVersion, "i", "version", ("source", "body")),
    Part("s", User, "i", "started_by"),
    Part("t", Department, "i", "department"),
    _PAPER,
    *_OF_PAPER,
)


_KEEPS_NEWS = (
    ", EXISTS (SELECT FROM workflows_dependency w WHERE w.instance_id = i.id AND w.met_at IS NULL)"
    " OR EXISTS (SELECT FROM workflows_keptnews k WHERE k.instance_id = i.id)"
)


def _select(first: Part, others: tuple[Part, ...], more: str = "") -> str:
    columns = ", ".join(f"{part.alias}.{name}" for part in (first, *others) for name in part.names)
    joins = " ".join(part.join for part in others)
    return (
        f"SELECT {columns}{more} FROM {first.model._meta.db_table} {first.alias} {joins}"  # noqa: S608 (names of columns)
        f" WHERE {first.alias}.id = ANY(%s::uuid[]) ORDER BY {first.alias}.id"
    )


_TEXTS = """
SELECT version_id, number, text FROM documents_page WHERE version_id = ANY(%s::bigint[]) ORDER BY version_id, number
"""
_RUNS, _PAPERS = _select(_RUN, _OF_RUN, _KEEPS_NEWS), _select(_PAPER, _OF_PAPER)


def runs(ids: Iterable[UUID | str]) -> list[Instance]:
    """These runs as they are now, in id order, with definition, version (without its body), people and document.

    `keeps_news` says of each whether it hears nothing for now.
    """
    return cast(list[Instance], _read(_RUNS, _RUN, _OF_RUN, ids))


def papers(ids: Iterable[UUID | str]) -> list[Document]:
    """These documents as they are now, in id order, each with its newest version, source, department and sender."""
    return cast(list[Document], _read(_PAPERS, _PAPER, _OF_PAPER, ids))


class Texts:
    """The texts of these documents: those of a few pages are fetched together when the first is asked for."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = list(documents)
        for one in documents:
            if one.readable_id == one.newest_id:
                one.readable = one.newest  # it is here already
        versions = (one.readable for one in documents if one.readable_id == one.newest_id)
        self._short = [one.pk for one in versions if one is not None and (one.page_count or 0) <= FEW_PAGES]

    @cached_property
    def _pages(self) -> dict[int, list[Page]]:
        found: dict[int, list[Page]] = {pk: [] for pk in self._short}
        for version, number, text in prepared.rows(_TEXTS, [self._short]):
            found[version].append(Page(version_id=version, number=number, text=text))
        return found

    def of(self, document: Document) -> Text:
        """As `documents.pages.text`. Raises NotRead, NotFound."""
        version = document.readable if document.readable_id in self._short else None
        return pages.text(document) if version is None else Text(version, self._pages[version.pk])


def _read(sql: str, first: Part, others: tuple[Part, ...], ids: Iterable[UUID | str]) -> list[models.Model]:
    wanted = sorted({str(pk) for pk in ids})
    if not wanted:
        return []
    known: dict[tuple[str, Any], models.Model] = {}
    return [_made_of(row, first, others, known) for row in prepared.rows(sql, [wanted])]


def _made_of(
    row: tuple[Any, ...], first: Part, others: tuple[Part, ...], known: dict[tuple[str, Any], models.Model]
) -> models.Model:
    """What several have in common is one object."""
    made = first.made_of(row[: len(first.names)])
    found: dict[str, models.Model | None] = {first.alias: made}
    start = len(first.names)
    for part in others:
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
    if isinstance(made, Instance):
        made.keeps_news = row[start]
    return made
