"""What this database remembers: the times in which it lived, noted every half minute by whoever works.

Bytes in storage that no row knows are of two sorts. A process died between writing bytes and recording them: nobody got
a receipt, and they may go. Or an older backup of the database was restored: these bytes had receipts, and are the only
copies. Of the second sort is only what came in between the backup and the restore, and of that time the database holds
no note: its notes end at the backup and begin again at the restore (decision 41).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from documents.models import RememberedTime

logger = logging.getLogger(__name__)

NOTED_EVERY = 30.0  # seconds
GAP = timedelta(minutes=2)  # without a note: who restores the files of a whole server needs longer
MARGIN = timedelta(hours=1)  # from bytes to their row, and what the clocks of storage and database may differ

# The timeline changes when a standby takes over or a backup is replayed, the numbers when a dump is loaded.
INCARNATION = """
SELECT concat_ws('/', left(pg_walfile_name(pg_current_wal_lsn()), 8), oid, 'documents_document'::regclass::oid)
FROM pg_database WHERE datname = current_database()
"""


@dataclass(frozen=True)
class Memory:
    """The times that are remembered, the eldest first."""

    times: Sequence[tuple[datetime, datetime]]

    def holds(self, at: datetime) -> bool:
        """Whether a receipt of that moment would be here: what has none never had one."""
        return any(begun + MARGIN <= at <= seen - MARGIN for begun, seen in self.times)

    def is_past(self, at: datetime) -> bool:
        """Whether it was before the present time began: no upload of that moment is under way still."""
        return not self.times or at < self.times[-1][0]


def memory() -> Memory:
    return Memory(list(RememberedTime.objects.values_list("begun_at", "seen_at")))


def incarnation() -> str:
    """Which one of its lives this database lives: another after most kinds of restore."""
    with connection.cursor() as cursor:
        cursor.execute(INCARNATION)
        return str(cursor.fetchone()[0])


def note() -> None:
    """This database lives, as it did at the last note; else another time begins."""
    now = incarnation()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_rememberedtime SET seen_at = GREATEST(seen_at, clock_timestamp())"
            " WHERE id = (SELECT max(id) FROM documents_rememberedtime) AND incarnation = %s"
            " AND seen_at > clock_timestamp() - make_interval(secs => %s)",
            [now, GAP.total_seconds()],
        )
        if cursor.rowcount:
            return
        cursor.execute(
            "INSERT INTO documents_rememberedtime (begun_at, seen_at, incarnation)"
            " SELECT clock_timestamp(), clock_timestamp(), %s RETURNING"
            " (SELECT incarnation FROM documents_rememberedtime ORDER BY id DESC LIMIT 1)",
            [now],
        )
        (before,) = cursor.fetchone()
    if before not in (None, now):
        logger.warning(
            "This database was restored from a backup, or moved. Originals that came in since the backup are kept;"
            " run manage.py reconcile."
        )
