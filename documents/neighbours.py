"""Who else keeps originals in the same place: two gateways must not share one, for the collector of either would take
the other's papers for strays.

Each leaves a mark there, named by the house (the moment in which its database was born: it travels with every backup)
and by the incarnation of the database (`documents.remembering`), written anew at each start and each collection. A mark
of another house refuses the start. One of this house's, of another incarnation, is left by every restore; while it is
renewed, a copy of this gateway is at work beside it, and nothing is collected (decision 42).
"""

import hashlib
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from documents import remembering
from documents.models import Blob
from documents.refusals import StorageRefuses
from documents.storage import originals

AT_WORK = timedelta(days=3)
"""A mark that was renewed within this time is of somebody who is still there: all collect once a day."""
BORN = """
SELECT to_char(min(applied) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM django_migrations
"""


def announce() -> None:
    """Leave our mark. Raises StorageRefuses when a gateway of another house has left one."""
    house = _house()
    for name in sorted(originals().marks()):
        if name.partition(".")[0] != house:
            raise StorageRefuses(
                f"The place of originals belongs to another gateway: its mark is {originals().place_of_mark(name)}."
                " Give each a bucket or a folder of its own (KMRL_S3_BUCKET, KMRL_ORIGINALS). If that gateway is gone"
                " for good, remove its mark and start again.",
                kind="not ours",
            )
    renew()


def renew() -> None:
    """Leave our mark, whoever else has left one; a new gateway leaves none until it has originals.

    So a backup can be restored into a gateway that was started to have its PostgreSQL.
    """
    if Blob.objects.exists():
        originals().mark(_name(_house()))


def at_work() -> list[str]:
    """Marks of others who use the same place now, or may."""
    house, since = _house(), timezone.now() - AT_WORK
    own = _name(house)
    return sorted(
        name
        for name, renewed in originals().marks().items()
        if name != own and (renewed >= since or name.partition(".")[0] != house)
    )


def _house() -> str:
    with connection.cursor() as cursor:
        cursor.execute(BORN)
        return _short(cursor.fetchone()[0] or "")


def _name(house: str) -> str:
    return f"{house}.{_short(remembering.incarnation())}"


def _short(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:16]
