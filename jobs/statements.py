"""The queue's hot statements, prepared by PostgreSQL: planning a claim anew costs as much as doing it.

(Behind PgBouncer this wants version 1.21 or later, with `max_prepared_statements` above 0.)
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

_only_indexes = False


def use_only_indexes() -> None:
    """For a process that claims: never read all that waits and sort it, however few rows the statistics promise.

    They are always late: a queue fills and empties faster than it is analysed. Holds for the connections of this
    process that run a hot statement from now on.
    """
    global _only_indexes
    _only_indexes = True


def rows(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement that returns rows on Django's connection, in its transaction, and fetch them.

    Raises Django's database errors.
    """
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 2
        if _only_indexes:
            raw.execute("SET SESSION enable_bitmapscan = off")
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(sql.encode(), params)
        return cursor.fetchall()
