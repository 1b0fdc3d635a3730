"""Are the originals there: a sample of a day's, and a walk through all of them in slices.

The walk goes by key through storage and through the rows at once, and finds both: rows without their object, and
objects without a row that the collector should have removed. Each slice is bounded; what it reached is kept, and the
next one goes on from there.
"""

import math
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone

from documents import collecting, neighbours
from documents.models import Blob, StorageRound
from documents.reconciliation import KEPT, Difference, Window
from documents.refusals import StorageAway, StorageRefuses
from documents.storage import key_of, originals, sha256_of

SAMPLE = 5_000
SLICE = 10_000
LEFT_TO_THE_COLLECTOR = timedelta(days=2)
END = "g"  # behind every digest
MISSING, CHANGED, STRAY = "missing bytes", "bytes that have changed", "bytes that no document has"


def make_ready() -> str:
    """Before the first request: lay the storage out where that was not done yet.

    What is wrong, if it is away for the moment: the gateway may start, and does what it can without. Raises
    StorageRefuses, with what somebody must mend first.
    """
    try:
        if not originals().is_laid_out():
            if Blob.objects.exists():
                raise StorageRefuses(
                    "The database knows originals, and their folder (KMRL_ORIGINALS) is not there or holds none."
                    " Mount its disk, or put the originals back from their backup.",
                    kind="not there",
                )
            originals().lay_out()
        neighbours.announce()
    except StorageRefuses:
        raise
    except StorageAway as away:
        return away.why
    return ""


def of_window(window: Window, *, at_most: int = SAMPLE) -> tuple[list[Difference], int, int]:
    """Look for the originals of a window's documents: what is missing, how many were looked for, of how many.

    Of more than `at_most` a sample, another each time.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT blob_id, count(*) OVER () FROM (SELECT DISTINCT blob_id FROM documents_version"
            " WHERE document_id BETWEEN %s::uuid AND %s::uuid) AS b ORDER BY random() LIMIT %s",
            [window.first, window.last, at_most],
        )
        rows = cursor.fetchall()
    missing = Difference(MISSING, 0)
    for sha256, _ in rows:
        if not originals().exists(key_of(sha256)):
            missing.note(sha256)
    return [missing] if missing.count else [], len(rows), rows[0][1] if rows else 0


def of_all(*, deep: bool, until: float = math.inf) -> tuple[list[Difference], bool]:
    """Look for every original that a version has; `deep` also reads and hashes it. And whether that was all of them.

    Takes as long as there are many, but ends when the monotonic clock says `until`.
    """
    missing, changed = Difference(MISSING, 0), Difference(CHANGED, 0)
    every_one = True
    for sha256 in Blob.objects.filter(versions__isnull=False).distinct().values_list("pk", flat=True).iterator():
        if not originals().exists(key_of(sha256)):
            missing.note(sha256)
        elif deep and not _is_intact(sha256):
            changed.note(sha256)
        if time.monotonic() > until:
            every_one = False
            break
    return [found for found in (missing, changed) if found.count], every_one


def waiting_strays(*, until: float = math.inf) -> tuple[list[Difference], bool]:
    """Objects without a row that the collector leaves to a person; and whether those were all of them."""
    found = Difference(STRAY, 0)
    for stray in collecting.waiting():
        found.note(stray.sha256)
        if time.monotonic() > until:
            return [found], False
    return [found] if found.count else [], True


def walk(*, slices: int = 1) -> StorageRound:
    """Go on with the round that is open, or begin the next one, by so many slices at most."""
    now = timezone.now()
    one = StorageRound.objects.first()
    if one is None or one.ended_at is not None:
        number = one.number + 1 if one else 1
        one = StorageRound.objects.create(number=number, begun_at=now, looked_at=now)
    for _ in range(slices):
        _slice(one)
        if one.ended_at is not None:
            break
    return one


def _slice(one: StorageRound) -> None:
    """One slice; two processes that do the same one lose nothing but time."""
    after = one.reached
    found = list(islice(originals().listed(after=key_of(after) if after else ""), SLICE))
    objects = {key.rpartition("/")[2]: changed for key, changed in found}
    last = max(objects) if len(objects) == SLICE else END
    rows = list(_rows(after, last))
    if len(rows) == SLICE:
        last = min(last, rows[-1][0])
        objects = {sha256: changed for sha256, changed in objects.items() if sha256 <= last}
    known = {sha256 for sha256, _ in rows}
    missing = [sha256 for sha256, used in rows if used and sha256 not in objects]
    before = timezone.now() - LEFT_TO_THE_COLLECTOR
    strays = [sha256 for sha256, changed in objects.items() if changed < before and sha256 not in known]
    differences = {part["what"]: Difference(**part) for part in one.differences}
    for sha256 in missing:
        if not originals().exists(key_of(sha256)):  # else it was put after the listing
            differences.setdefault(MISSING, Difference(MISSING, 0)).note(sha256)
    for sha256 in strays:
        differences.setdefault(STRAY, Difference(STRAY, 0)).note(sha256)
    one.differences = [{"what": d.what, "count": d.count, "examples": d.examples[:KEPT]} for d in differences.values()]
    one.seen_objects, one.seen_rows = one.seen_objects + len(objects), one.seen_rows + len(rows)
    one.looked_at, one.reached = timezone.now(), "" if last == END else last
    one.ended_at = one.looked_at if last == END else None
    with transaction.atomic():
        if StorageRound.objects.select_for_update().filter(pk=one.pk, reached=after, ended_at=None).exists():
            one.save()


def _rows(after: str, last: str) -> Iterator[tuple[str, bool]]:
    """Digests of blobs, in order, and whether a version has them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sha256, EXISTS (SELECT 1 FROM documents_version v WHERE v.blob_id = b.sha256)"
            " FROM documents_blob b WHERE sha256 > %s AND sha256 <= %s ORDER BY sha256 LIMIT %s",
            [after, last, SLICE],
        )
        yield from cursor.fetchall()


def _is_intact(sha256: str) -> bool:
    with originals().open(key_of(sha256)) as file:
        return sha256_of(file)[0] == sha256
