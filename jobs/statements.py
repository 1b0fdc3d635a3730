"""The queue's hot statements, prepared by PostgreSQL: planning a claim anew costs as much as doing it.

(Behind PgBouncer this wants version 1.21 or later, with `max_prepared_statements` above 0.)
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection


def rows(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement that returns rows on Django's connection, in its transaction, and fetch them.

    Raises Django's database errors.
    """
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 2
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(sql.encode(), params)
        return cursor.fetchall()
