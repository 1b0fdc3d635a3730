"""Advisory locks of the transaction: on bytes (upload against the collector) and on names of requests.

The house's order: bytes first (sorted), then rows of Document, Instance, Task, Job.
"""

import hashlib
from collections.abc import Iterable

from django.db import connection

HOLD_BYTES = "SELECT pg_advisory_xact_lock(n) FROM unnest(%s::bigint[]) AS n"


def hold_bytes(hashes: Iterable[str]) -> None:
    """Until commit, nobody else records or collects these bytes."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD_BYTES, [numbers_of(hashes)])


def numbers_of(hashes: Iterable[str]) -> list[int]:
    """What `HOLD_BYTES` takes: sorted, so that nobody waits in a circle."""
    return sorted({number_of(sha256) for sha256 in hashes})


def try_hold(number: int) -> bool:
    """Hold the lock of that number until commit; False when somebody else does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def number_of_name(name: str) -> int:
    return number_of(hashlib.sha256(name.encode()).hexdigest())


def number_of(sha256: str) -> int:
    """The first 64 bits, signed, as PostgreSQL wants them."""
    return int.from_bytes(bytes.fromhex(sha256[:16]), signed=True)
