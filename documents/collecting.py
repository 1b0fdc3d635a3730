"""The collector of stray objects: bytes that no version has any more, or never had, because a process died in between.

It holds the same lock on the bytes as an upload and looks again under it; what is younger than a day is left alone.

Bytes that no row knows may also be the only copies of papers that came in after the backup from which the database was
restored (`documents.remembering`). Those stay until a person says otherwise, and so do any that come in a crowd: there
are a few strays where processes die, and many only where something else has happened.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from documents import locks, neighbours, remembering
from documents.models import Blob, Version
from documents.storage import key_of, originals

log = logging.getLogger(__name__)

LEFT_ALONE = timedelta(days=1)
LOOKED_UP = 500
A_FEW = 20


@dataclass(frozen=True)
class Stray:
    """Bytes in storage that no row knows; `ours` when they certainly never had a receipt."""

    sha256: str
    changed: datetime
    ours: bool


@dataclass(frozen=True)
class Collected:
    """How many objects, rows and unfinished files were removed, and how many strays wait for a person.

    `beside`: the marks of others who use the same place; then nothing was removed.
    """

    removed: int
    waiting: int
    beside: tuple[str, ...] = ()


def collect(*, all_strays: bool = False) -> Collected:
    """Remove stray objects, stray rows of Blob, and unfinished files; `all_strays`: a person has said so."""
    neighbours.renew()
    if beside := neighbours.at_work():
        log.warning(
            "Nothing is collected: another gateway uses the same place of originals. See %s.",
            " and ".join(map(originals().place_of_mark, beside)),
        )
        return Collected(0, 0, tuple(beside))
    before = timezone.now() - LEFT_ALONE
    removed, waiting = _collect_all(before) if all_strays else _collect_a_few(before)
    removed += sum(_collect(sha256, before) for sha256 in _unused(before))
    if waiting:
        log.warning(
            "%s originals are known to no row and stay: they may be papers that came in after the backup that this"
            " database was restored from. See them with manage.py reconcile --strays.",
            waiting,
        )
    return Collected(removed + originals().clear_unfinished(before), waiting)


def strays(before: datetime) -> Iterator[Stray]:
    """Bytes that no row knows, last put before that moment; in the order of their digests."""
    memory = remembering.memory()
    listed = originals().listed()
    while group := list(islice(listed, LOOKED_UP)):
        old = {key.rpartition("/")[2]: changed for key, changed in group if changed < before}
        known = set(Blob.objects.filter(pk__in=list(old)).values_list("pk", flat=True))
        for sha256, changed in old.items():
            if sha256 not in known:
                yield Stray(sha256, changed, memory.holds(changed))


def waiting() -> Iterator[Stray]:
    """Those that the collector leaves to a person, the youngest included as soon as no upload of theirs goes on."""
    memory, now = remembering.memory(), timezone.now()
    few, ours = list[Stray](), 0
    for stray in strays(now):
        is_old = stray.changed < now - LEFT_ALONE
        if stray.ours and is_old:
            few, ours = [*few, stray], ours + 1
            if ours > A_FEW:
                yield from few
                few = []
        elif not stray.ours and (is_old or memory.is_past(stray.changed)):
            yield stray


def save(sha256: str, folder: Path) -> Path:
    """A copy of the bytes in that folder, under their digest."""
    place = folder / sha256
    with originals().open(key_of(sha256)) as source, place.open("wb") as target:
        while chunk := source.read(1024 * 1024):
            target.write(chunk)
    return place


def _collect_all(before: datetime) -> tuple[int, int]:
    return sum(_collect(stray.sha256, before) for stray in strays(before)), 0


def _collect_a_few(before: datetime) -> tuple[int, int]:
    """How many were removed, and how many stay. All are looked at before the first is removed."""
    few, ours, others = list[str](), 0, 0
    for stray in strays(before):
        if stray.ours:
            ours += 1
            few = [*few, stray.sha256][: A_FEW + 1]
        else:
            others += 1
    if ours > A_FEW:
        return 0, ours + others
    return sum(_collect(sha256, before) for sha256 in few), others


def _unused(before: datetime) -> Iterator[str]:
    """Digests of rows that no version has any more, without the lock."""
    unused = Blob.objects.filter(~Exists(Version.objects.filter(blob=OuterRef("pk"))), created_at__lt=before)
    return unused.values_list("pk", flat=True).iterator()


def _collect(sha256: str, before: datetime) -> bool:
    """Remove one, if it is still stray and old under its lock."""
    key = key_of(sha256)
    with transaction.atomic():
        locks.hold_bytes([sha256])
        if Version.objects.filter(blob_id=sha256).exists() or Blob.objects.filter(pk=sha256, created_at__gte=before):
            return False
        changed = originals().changed(key)
        if changed is not None and changed >= before:
            return False
        Blob.objects.filter(pk=sha256).delete()
        if changed is not None:  # else an upload may be putting it there now
            originals().delete(key)
    log.info("Removed stray bytes %s", sha256)
    return True
