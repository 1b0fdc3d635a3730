"""Where originals lie: named by their SHA-256, written once, never changed.

`originals()` is the only way to them. The bytes are durable when `put` returns.
"""

from functools import lru_cache

from django.core.files.storage import Storage, storages
from django.utils.module_loading import import_string

from documents.storage.contract import Draft, Originals, key_of, sha256_of
from documents.storage.folder import FolderOriginals, FolderStorage

__all__ = [
    "Draft",
    "FolderOriginals",
    "FolderStorage",
    "Originals",
    "key_of",
    "originals",
    "sha256_of",
]

BUCKET = "documents.storage.bucket.BucketOriginals"
"""Loaded where there is a bucket: the library for S3 was a twelfth of what every process loads."""


def originals() -> Originals:
    """The storage that the settings choose (`STORAGES["originals"]`)."""
    return _originals_of(storages["originals"])


@lru_cache(maxsize=4)
def _originals_of(storage: Storage) -> Originals:
    if isinstance(storage, FolderStorage):
        return FolderOriginals(storage)
    made: Originals = import_string(BUCKET)(storage)
    return made
