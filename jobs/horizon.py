"""The horizon: while somebody holds an old snapshot, autovacuum does not go over the jobs again and again in vain.

What has died since a snapshot was taken cannot be removed until that ends, and counts as dead all the while: so
autovacuum, which is to come after 5,000 dead rows, comes every few seconds, reads the whole table, which grows, and
removes nothing. It uses a core's time and the disk beside the claims. So every worker process looks now and then
who holds the horizon back. When the same snapshot has outlived two passes (the second began under it) and left many
rows behind, the table's thresholds are raised; as soon as the horizon has moved, they are as before, and autovacuum
comes within seconds. Overlapping reports that take turns therefore hold up nothing that may go.

Another role's sessions are seen with `pg_read_all_stats` only, and only the table's owner may set its thresholds:
without the one or the other autovacuum works in vain, as it would without us.
"""

import logging
from dataclasses import dataclass

from django.db import OperationalError, ProgrammingError, connection, transaction

logger = logging.getLogger(__name__)

EVERY = 10.0  # seconds
MANY = 100_000  # dead rows: going over fewer costs next to nothing
PASSES = 2
PATIENCE = "2s"  # a pass in vain gives way after a second

THRESHOLD, INSERTED = "autovacuum_vacuum_threshold", "autovacuum_vacuum_insert_threshold"
USUAL = {THRESHOLD: 5_000, INSERTED: 50_000}  # as migrated
NEVER = {THRESHOLD: 2_000_000_000, INSERTED: -1}

_LOOK = """
WITH held AS (
    SELECT unnest(ARRAY[backend_xmin, backend_xid]) AS xid FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
      AND backend_type <> 'autovacuum worker'
    UNION ALL SELECT xmin FROM pg_replication_slots
    UNION ALL SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
)
SELECT COALESCE((SELECT xid::text FROM held WHERE xid IS NOT NULL ORDER BY age(xid) DESC LIMIT 1), ''),
       autovacuum_count + vacuum_count, n_dead_tup,
       %s::text = ANY (COALESCE((SELECT reloptions FROM pg_class WHERE oid = relid), '{}'))
FROM pg_stat_user_tables WHERE relid = 'jobs_job'::regclass
"""


@dataclass(frozen=True)
class Seen:
    """A horizon, and how many passes over the table had ended when this process first saw it."""

    horizon: str
    passes: int


_seen: list[Seen] = []
_may_set = [True]


def look() -> None:
    """Have autovacuum wait while it would come in vain, and come again when it would not. A sweeper."""
    if not _may_set[0]:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [f"{THRESHOLD}={NEVER[THRESHOLD]}"])
        horizon, passes, dead, waits = cursor.fetchone()
    known = _seen[0] if _seen else None
    if known is None or known.horizon != horizon:
        _seen[:] = [Seen(horizon, passes)]
    if waits:
        if not horizon or (known is not None and known.horizon != horizon):
            _set(USUAL)
            logger.info("The old snapshot has ended: autovacuum goes over the jobs as usual")
    elif horizon and passes - _seen[0].passes >= PASSES and dead >= MANY:
        _set(NEVER)
        logger.warning("A snapshot keeps %s dead rows of jobs: until it ends, autovacuum lets them be", dead)


def forget() -> None:
    """Know nothing, as a new process."""
    _seen.clear()
    _may_set[0] = True


def _set(thresholds: dict[str, int]) -> None:
    """Claims are not held up by that; who is in its way longer than a moment is let pass: there is a next look."""
    options = ", ".join(f"{name} = {value}" for name, value in thresholds.items())
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            cursor.execute(f"ALTER TABLE jobs_job SET ({options})")
    except ProgrammingError:
        _may_set[0] = False
        logger.warning("Only its owner may set when jobs_job is vacuumed: that stays as it is")
    except OperationalError as error:
        if not connection.is_usable():
            raise
        logger.info("Not now: %s", error)
