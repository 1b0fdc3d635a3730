"""The collector of stray objects: bytes that no version has any more, or never had, because a process died in between.

It holds the same lock on the bytes as an upload and looks again under it; what is younger than a day is left alone.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from documents import locks
from documents.models import Blob, Version
from documents.storage import key_of, originals

log = logging.getLogger(__name__)

LEFT_ALONE = timedelta(days=1)
LOOKED_UP = 500


def collect() -> int:
    """Remove stray objects, stray rows of Blob, and unfinished files; tells how many."""
    before = timezone.now() - LEFT_ALONE
    removed = sum(_collect(sha256, before) for sha256 in _strays(before))
    return removed + originals().clear_unfinished(before)


def _strays(before: datetime) -> Iterator[str]:
    """Digests that look stray without the lock."""
    listed = originals().listed()
    while group := list(islice(listed, LOOKED_UP)):
        old = [key.rpartition("/")[2] for key, changed in group if changed < before]
        known = set(Blob.objects.filter(pk__in=old).values_list("pk", flat=True))
        yield from (sha256 for sha256 in old if sha256 not in known)
    unused = Blob.objects.filter(~Exists(Version.objects.filter(blob=OuterRef("pk"))), created_at__lt=before)
    yield from unused.values_list("pk", flat=True).iterator()


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
