"""Positions: given after commit, dense, in one order for everybody.

The work is done by `realtime_number_events()` (migration 0002): behind the row lock of the head it numbers what is
committed and has no position yet, by id. It is a function, so that the numbering statement sees everything that was
committed before the lock was won, and a short transaction of its own, so that nobody waits for a long one.
"""

from django.db import connection

NUMBER = "SELECT realtime_number_events()"


def number_events() -> int:
    """Number what is committed; the last position given so far. Call it outside a transaction: the lock is short."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBER)
        return int(cursor.fetchone()[0])
