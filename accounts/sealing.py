"""Seals over the whole history: a subject's chain shows that an entry was changed, a seal that one was taken away.

The root of a seal is the SHA-256 over the root before it and the digests of the entries since, by id. Whoever keeps a
copy of one root can prove everything older.
"""

import hashlib
import time
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import HistoryEntry, HistorySeal

EVERY = timedelta(hours=1)
BITE = 5_000
PATIENCE = 5.0  # seconds; the gateway's transactions are short
_LOCK = 0x6B6D_726C_0001  # one sealer at a time, in the whole database


@transaction.atomic
def advance() -> HistorySeal | None:
    """Take the next seal when it is due and there is something new; it, or None.

    Meant to be called every few minutes: cheap when there is nothing to do, safe in several processes at once. An entry
    with a lower id than the newest may still be uncommitted, so those who were writing then are waited for; when one
    takes too long the next call tries again. Nobody else is made to wait.
    """
    if not _mine():
        return None
    last = HistorySeal.objects.last()
    if last is not None and last.sealed_at > timezone.now() - EVERY:
        return None
    newest: int | None = HistoryEntry.objects.aggregate(newest=Max("id"))["newest"]
    if newest is None or (last is not None and newest <= last.up_to):
        return None
    if not _ended(_writers()):
        return None
    root, entries = _root_of(last, up_to=newest)
    number = 1 if last is None else last.number + 1
    return HistorySeal.objects.create(number=number, up_to=newest, sealed_at=timezone.now(), entries=entries, root=root)


def first_broken() -> int | None:
    """The number of the first seal whose root no longer follows from the history, or None when all do."""
    return next((number for number, sound in walk() if not sound), None)


def walk(first: int = 1) -> Iterator[tuple[int, bool]]:
    """The number of each seal from that one on, and whether it holds; nothing follows one that does not."""
    before = HistorySeal.objects.filter(number=first - 1).first()
    for number, seal in enumerate(HistorySeal.objects.filter(number__gte=first).order_by("number"), start=first):
        sound = seal.number == number and _root_of(before, up_to=seal.up_to) == (seal.root, seal.entries)
        yield number, sound
        if not sound:
            return
        before = seal


def _root_of(before: HistorySeal | None, *, up_to: int) -> tuple[str, int]:
    said, entries = hashlib.sha256((before.root if before else "").encode()), 0
    for digest in _digests(before.up_to if before else 0, up_to):
        said.update(digest.encode())
        entries += 1
    return said.hexdigest(), entries


def _digests(after: int, up_to: int) -> Iterator[str]:
    covered = HistoryEntry.objects.filter(id__lte=up_to).order_by("id").values_list("id", "digest")
    while bite := list(covered.filter(id__gt=after)[:BITE]):  # no cursor, which would have all of them copied first
        yield from (digest for _id, digest in bite)
        after = bite[-1][0]


def _writers() -> set[str]:
    """The transactions that may hold entries which nobody else sees yet: they keep the table's lock to their end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks"
            " WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND relation = %s::regclass AND pid <> pg_backend_pid()",
            [HistoryEntry._meta.db_table],
        )
        return {row[0] for row in cursor.fetchall()}


def _ended(writers: set[str]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while writers:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
        writers &= _writers()
    return True


def _mine() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
