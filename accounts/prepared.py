"""Statements that run for every document, prepared by PostgreSQL: planning one anew costs as much as doing it.

(Behind PgBouncer this wants version 1.21 or later, with `max_prepared_statements` above 0.)
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

AFTER = 2  # times that a statement is planned anew before it is prepared

_only_indexes = False


def use_only_indexes() -> None:
    """For a process that claims: never read all that waits and sort it, however few rows the statistics promise.

    They are always late: a queue fills and empties faster than it is analysed. Holds for the connections of this
    process that run a prepared statement from now on.
    """
    global _only_indexes
    _only_indexes = True


def rows(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement that returns rows on Django's connection, in its transaction, and fetch them.

    Lists of numbers want a cast (`%s::bigint[]`): their size chooses their type. Raises Django's database errors.
    """
    with connection.wrap_database_errors, _cursor(sql) as cursor:
        cursor.execute(sql.encode(), params)
        return cursor.fetchall()


def run(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> None:
    """As `rows`, for one that returns nothing."""
    with connection.wrap_database_errors, _cursor(sql) as cursor:
        cursor.execute(sql.encode(), params)


def _cursor(sql: str) -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    if connection.queries_logged:
        connection.queries_log.append({"sql": sql, "time": ""})
    raw: psycopg.Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = AFTER
        if _only_indexes:
            raw.execute("SET SESSION enable_bitmapscan = off")
    return psycopg.Cursor(raw)
