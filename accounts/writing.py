"""Writing new rows as one JSON text for each table: the cheapest way through driver and planner.

`insert` writes the rows of one table; `together` those of several in one statement, so that taking a document in costs
one round trip and one plan, and needs no transaction around it.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection, models

from accounts import prepared

AT_ONCE = 256  # numbers drawn from a sequence at one asking


@dataclass(frozen=True)
class Insert:
    """`INSERT …` with `{rows}` where the JSON of its rows comes in."""

    sql: str
    rows: str


def of(objects: Sequence[models.Model], *, once: bool = False) -> Insert:
    """The INSERT of these, all of one model, in the order given. `once`: rows that are there already are left alone.

    A key is written when the first has one, else the database gives it.
    """
    sql, names = _statement(type(objects[0]), objects[0].pk is not None, once)
    rows = [{"n": number, **{name: getattr(one, name) for name in names}} for number, one in enumerate(objects)]
    return Insert(sql, in_json(rows))


def in_json(rows: Any) -> str:
    return orjson.dumps(rows, default=str, option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()


def insert(objects: Sequence[models.Model]) -> None:
    """INSERT them; a number that the database gives is set on each, in the order given."""
    if not objects:
        return
    given = objects[0].pk is not None
    one = of(objects)
    keys = [row[0] for row in prepared.rows(one.sql.replace("{rows}", "%s::json"), [one.rows])]
    if not given:
        for found, key in zip(objects, sorted(keys), strict=True):
            found.pk = key
    written(objects)


def together(inserts: Sequence[Insert], *, once: Sequence[Insert] = (), hold: Sequence[int] = ()) -> bool:
    """Write all of it in one statement; False when one of `once` met rows that are there already.

    Then nothing after it was written; what stands before it in `once` was. `hold` are advisory locks that are taken
    first, until commit: False, and nothing written, when somebody else has one of them.
    """
    return bool(prepared.rows(*_composed(inserts, once, hold))[0][0])


@contextmanager
def begun(
    inserts: Sequence[Insert], *, once: Sequence[Insert] = (), hold: Sequence[int] = ()
) -> Iterator[Callable[[], bool]]:
    """The statement of `together` in a transaction that ends with the body, which works while PostgreSQL does.

    Gives the function that waits for what `together` would say. Where that is False the body raises: nothing is kept.
    """
    with prepared.begun(*_composed(inserts, once, hold)) as rows:
        yield lambda: bool(rows()[0][0])


def _composed(inserts: Sequence[Insert], once: Sequence[Insert], hold: Sequence[int]) -> tuple[str, list[Any]]:
    sql = _together(tuple(one.sql for one in (*once, *inserts)), len(once), bool(hold))
    params: list[Any] = [one.rows for one in (*once, *inserts)]
    return sql, [in_json(list(hold)), *params] if hold else params


_HELD = """held AS MATERIALIZED (
    SELECT bool_and(pg_try_advisory_xact_lock(n::bigint)) AS ok FROM json_array_elements_text(%s::json) AS n
)"""


@lru_cache(maxsize=64)
def _together(inserts: tuple[str, ...], once: int, hold: bool) -> str:
    """The same text for any number of rows, so that PostgreSQL plans it once."""
    parts = [_HELD] if hold else []
    guards = ["(SELECT ok FROM held)"] if hold else []
    for number, insert_into in enumerate(inserts):
        asked = " AND ".join(guards) or "true"
        parts.append(f"r{number} AS (SELECT %s::json AS r WHERE {asked})")
        parts.append(f"i{number} AS ({insert_into.replace('{rows}', f'(SELECT r FROM r{number})')})")  # noqa: S608
        if number < once:
            given = f"(SELECT json_array_length(r) FROM r{number})"  # noqa: S608 (numbers)
            guards.append(f"(SELECT count(*) FROM i{number}) = {given}")  # noqa: S608 (numbers)
    return f"WITH {', '.join(parts)} SELECT {' AND '.join(guards) or 'true'}"


def written(objects: Sequence[models.Model]) -> None:
    """These stand in the database from now on."""
    for one in objects:
        one._state.adding, one._state.db = False, connection.alias


_drawn: dict[tuple[str, str], list[int]] = {}
_drawing = threading.Lock()


def numbers(model: type[models.Model], count: int) -> list[int]:
    """Keys for new rows, in rising order, before they are written. What a process has drawn and not used is lost."""
    place = (connection.settings_dict["NAME"], model._meta.db_table)
    with _drawing:
        held = _drawn.setdefault(place, [])
        if len(held) < count:
            asked = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s::int)"
            held.extend(row[0] for row in prepared.rows(asked, [model._meta.db_table, max(count - len(held), AT_ONCE)]))
        drawn, _drawn[place] = held[:count], held[count:]
    return drawn


@lru_cache(maxsize=32)
def _statement(model: type[models.Model], given: bool, once: bool) -> tuple[str, list[str]]:
    fields = [field for field in model._meta.concrete_fields if given or not field.primary_key]
    names = [str(field.attname) for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    chosen = ", ".join(f'given."{name}"' for name in names)
    types = ", ".join(f'"{field.attname}" {_type_of(field)}' for field in fields)
    key = model._meta.pk.column if model._meta.pk else "id"
    sql = (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {chosen}'  # noqa: S608 (names of columns)
        f' FROM json_to_recordset({{rows}}) AS given ("n" int, {types}) ORDER BY n'
        f'{" ON CONFLICT DO NOTHING" if once else ""} RETURNING "{key}"'
    )
    return sql, names


def _type_of(field: Any) -> str:
    """The plain type: lengths are checked by the column itself."""
    return str(field.rel_db_type(connection)).partition("(")[0] if not _is_array(field) else "text[]"


def _is_array(field: Any) -> bool:
    return str(field.db_type(connection)).endswith("[]")
