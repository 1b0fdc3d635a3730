"""Statements that run for every document, prepared by PostgreSQL: planning one anew costs as much as doing it.

(Behind PgBouncer this wants version 1.21 or later, with `max_prepared_statements` above 0.)
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

AFTER = 2  # times that a statement is planned anew before it is prepared
PLANNED_EVERY = 1.0  # seconds
PLACE = re.compile("%[s%]")

_only_indexes = False
_planned_at: WeakKeyDictionary[psycopg.Connection[Any], float] = WeakKeyDictionary()


def use_only_indexes() -> None:
    """For a process that claims: never read all that waits and sort it, however few rows the statistics promise.

    They are always late: a queue fills and empties faster than it is analysed. And one plan serves any parameters, for
    a second. Left to itself PostgreSQL plans each claim anew as soon as the indexes have grown under somebody's
    snapshot, which costs more than claiming; and it would keep what it planned while the table was small. Holds for
    the connections that this process opens, or takes from its pool, from now on (decision 40).
    """
    global _only_indexes
    _only_indexes = True


@receiver(connection_created)
def _for_claims(sender: object, connection: BaseDatabaseWrapper, **_: object) -> None:
    """Before anything runs on it: what is set in a transaction is unset when that is rolled back."""
    raw: psycopg.Connection[Any] = connection.connection
    if _only_indexes and raw not in _planned_at:
        raw.execute("SET SESSION enable_bitmapscan = off")
        raw.execute("SET SESSION plan_cache_mode = force_generic_plan")
        _planned_at[raw] = time.monotonic()


def rows(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement that returns rows on Django's connection, in its transaction, and fetch them.

    Lists of numbers want a cast (`%s::bigint[]`): their size chooses their type. Raises Django's database errors.
    """
    with connection.wrap_database_errors, _cursor(sql, params) as cursor:
        cursor.execute(_said(sql, params), params)
        return cursor.fetchall()


def run(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> None:
    """As `rows`, for one that returns nothing."""
    with connection.wrap_database_errors, _cursor(sql, params) as cursor:
        cursor.execute(_said(sql, params), params)


@contextmanager
def begun(sql: str, params: Sequence[Any]) -> Iterator[Callable[[], list[tuple[Any, ...]]]]:
    """A transaction of one statement that is sent and not waited for: the body works while PostgreSQL does.

    What PostgreSQL would check at the commit it checks meanwhile, too (foreign keys). Gives the function that waits for
    the rows. Committed when the body has ended, and rolled back when it raises. Call it outside a transaction. Raises
    Django's database errors.
    """
    with connection.wrap_database_errors, _cursor(sql, params) as cursor:
        raw = cursor.connection
        try:
            with raw.pipeline():
                raw.execute("BEGIN")
                cursor.execute(_said(sql, params), params)
                raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
                yield cursor.fetchall
                cursor.fetchall()  # what the body did not wait for may have failed
                raw.execute("COMMIT")
        except BaseException:
            if not raw.closed:
                raw.rollback()
            raise


Params = Sequence[Any] | Mapping[str, Any]


def _said(sql: str, params: Params) -> bytes:
    return sql.encode() if isinstance(params, Mapping) else _numbered(sql)


@lru_cache(maxsize=256)
def _numbered(sql: str) -> bytes:
    """With `$1, $2, …` for `%s`, as PostgreSQL wants it: psycopg would read a long statement anew each time."""
    numbers = count(1)
    return PLACE.sub(lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", sql).encode()


def _cursor(sql: str, params: Params) -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    if connection.queries_logged:
        connection.queries_log.append({"sql": sql, "time": ""})
    raw: psycopg.Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = AFTER
    elif (planned := _planned_at.get(raw)) is not None and time.monotonic() - planned >= PLANNED_EVERY:
        _planned_at[raw] = time.monotonic()
        raw.execute("DISCARD PLANS")
    return psycopg.Cursor(raw) if isinstance(params, Mapping) else psycopg.RawCursor(raw)
