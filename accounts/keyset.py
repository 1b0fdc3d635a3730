"""Places in an ordered list: a row's place is the tuple of its ordering values, and a page is what lies beyond one.

NULL sorts as PostgreSQL sorts it: as the greatest, so last when ascending and first when descending.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import OrderBy

from accounts.refusals import Refusal


class BadCursor(Refusal):
    code, title = "invalid", "This cursor does not fit the list; begin at its start"


@dataclass(frozen=True)
class Column:
    """One part of an ordering: a column, an annotation, or a column of a related row (`department__name`)."""

    name: str
    descending: bool
    field: Any
    nullable: bool

    @property
    def ordering(self) -> OrderBy:
        return F(self.name).desc() if self.descending else F(self.name).asc()

    def reversed(self) -> "Column":
        return replace(self, descending=not self.descending)

    def value_in(self, row: Any) -> Any:
        if isinstance(row, Mapping):
            return row[self.name]
        for part in self.name.split("__") if not hasattr(row, self.name) else [self.name]:
            row = None if row is None else getattr(row, part)
        return row

    def equals(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any, *, or_equal: bool = False) -> Q | None:
        """What comes after `value` in this column; None when nothing can."""
        unknown = Q(**{f"{self.name}__isnull": True})
        if value is None:
            return (Q() if or_equal else ~unknown) if self.descending else (unknown if or_equal else None)
        compare = ("lt" if self.descending else "gt") + ("e" if or_equal else "")
        known = Q(**{f"{self.name}__{compare}": value})
        return known | unknown if self.nullable and not self.descending else known


@dataclass(frozen=True)
class Place:
    """The place of a row, and whether the page wanted lies before it (`backward`) or after."""

    values: Sequence[Any]
    backward: bool = False


def columns_of(queryset: QuerySet, names: Sequence[str]) -> list[Column]:
    """The ordering that `names` mean for this query: `-` is descending; they must end in something unique."""
    return [_column(queryset, name.removeprefix("-"), descending=name.startswith("-")) for name in names]


def beyond(columns: Sequence[Column], place: Place) -> Q | Func:
    """The condition for all rows that come after `place` in the order of `columns`.

    One row comparison where the database can walk an index with it; otherwise column by column.
    """
    if len({column.descending for column in columns}) == 1 and not any(column.nullable for column in columns):
        ours = [F(column.name) for column in columns]
        given = [Value(value, output_field=column.field) for column, value in zip(columns, place.values, strict=True)]
        return _RowBeyond(*ours, *given, compare="<" if columns[0].descending else ">")
    found, equal = Q(pk__in=[]), Q()
    for column, value in zip(columns, place.values, strict=True):
        if (after := column.beyond(value)) is not None:
            found |= equal & after
        equal &= column.equals(value)
    bound = columns[0].beyond(place.values[0], or_equal=True)  # says nothing new, but an index can use it
    return found if bound is None else bound & found


def write(columns: Sequence[Column], place: Place) -> str:
    """The place as a text for an address."""
    said = orjson.dumps([_signature(columns), place.backward, list(place.values)], default=str)
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def read(columns: Sequence[Column], text: str) -> Place:
    """The place that `write` wrote for the same ordering. Raises BadCursor."""
    try:
        signature, backward, said = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if signature != _signature(columns):
            raise BadCursor("This cursor was made for another ordering of the list; begin at its start.")
        values = [_value(column, value) for column, value in zip(columns, said, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError):
        raise BadCursor(errors={"cursor": ["Take it from next or previous of a page of this list."]}) from None
    return Place(values, backward is True)


class _RowBeyond(Func):
    """`(a, b) < (x, y)`: PostgreSQL compares whole rows, and walks an index over (a, b) straight to the place."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        half = len(parts) // 2
        ours, given = (", ".join(sql for sql, _ in some) for some in (parts[:half], parts[half:]))
        return f"({ours}) {self.extra['compare']} ({given})", tuple(value for _, values in parts for value in values)


def _column(queryset: QuerySet, name: str, *, descending: bool) -> Column:
    if (annotation := queryset.query.annotations.get(name)) is not None:
        return Column(name, descending, annotation.output_field, nullable=True)
    meta, nullable = queryset.model._meta, False
    for part in name.split("__"):
        try:
            field = meta.pk if part == "pk" else meta.get_field(part)
        except FieldDoesNotExist:
            raise ValueError(f"A list of {queryset.model.__name__} cannot be ordered by {name}.") from None
        nullable |= bool(field.null)
        meta = field.related_model._meta if field.related_model else meta
    return Column(name, descending, field, nullable)


def _value(column: Column, said: Any) -> Any:
    if said is None:
        if not column.nullable:
            raise ValueError
        return None
    if isinstance(said, list | dict):
        raise ValueError
    return column.field.to_python(said)


def _signature(columns: Sequence[Column]) -> str:
    said = ",".join(f"{'-' if column.descending else ''}{column.name}" for column in columns)
    return hashlib.sha256(said.encode()).hexdigest()[:8]
