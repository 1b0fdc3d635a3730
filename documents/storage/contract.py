"""What every place for originals can do, and how bytes are named."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

CHUNK = 256 * 1024
MARKS = "gateways"
"""Where marks lie: beside `sha256`, which holds the originals."""


def key_of(sha256: str) -> str:
    """sha256/ab/cd/abcd…: 65,536 folders keep each one small."""
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


class Draft(ABC):
    """Bytes that are durable and have no name yet: nobody finds them, and what is left of them is cleared in a day."""

    @abstractmethod
    def name(self) -> None:
        """Give them their name, durably. Raises NoSpace."""

    @abstractmethod
    def drop(self) -> None:
        """Remove them, unless they have their name."""


class Originals(ABC):
    """The bytes of all documents, by storage key (`key_of`).

    Everything here raises StorageAway while they cannot be reached.
    """

    drafts = False
    """Whether `put` can be done in two halves, by `draft`: bytes become durable within a moment here."""

    @abstractmethod
    def try_out(self) -> None:
        """Whether bytes could be kept and read now. Raises StorageAway, StorageRefuses, NoSpace."""

    @abstractmethod
    def lay_out(self) -> None:
        """Make the place, when it is the first time. A bucket is made by who gives it to us."""

    @abstractmethod
    def is_laid_out(self) -> bool: ...

    @abstractmethod
    def put(self, sha256: str, file: IO[bytes]) -> bool:
        """Keep the bytes durably; False when they were there already. Raises NoSpace and keeps nothing then."""

    def draft(self, sha256: str, file: IO[bytes]) -> Draft:
        """The first half of `put`, for bytes that are not there (see `touched`). Raises NoSpace and keeps nothing."""
        raise NotImplementedError

    @abstractmethod
    def touched(self, sha256: str) -> bool:
        """Whether the bytes are there, durably; where the collector goes by their age, they are young from now on."""

    @abstractmethod
    def open(self, key: str) -> IO[bytes]:
        """The bytes, seekable. Raises FileNotFoundError."""

    @abstractmethod
    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """A part of the bytes, in chunks. Raises FileNotFoundError at once."""

    @abstractmethod
    def exists(self, key: str) -> bool: ...

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the bytes; nothing happens when there are none."""

    @abstractmethod
    def listed(self, after: str = "") -> Iterator[tuple[str, datetime]]:
        """Every key (from behind `after` on) with the time of its last change, in the order of keys."""

    @abstractmethod
    def size(self, key: str) -> int:
        """How many bytes it has. Raises FileNotFoundError."""

    @abstractmethod
    def changed(self, key: str) -> datetime | None:
        """When the object was last put (also when it was there already, in a folder); None when there is none."""

    @abstractmethod
    def mark(self, name: str) -> None:
        """Leave a mark of that name beside the originals, or renew it."""

    @abstractmethod
    def marks(self) -> dict[str, datetime]:
        """The marks that were left, each with the time when it was renewed."""

    @abstractmethod
    def place_of_mark(self, name: str) -> str:
        """Where it lies, for who runs the house."""

    def clear_unfinished(self, before: datetime) -> int:
        """Remove files whose writing never ended; tells how many. A bucket has none."""
        return 0

    def path(self, key: str) -> Path | None:
        """The file that holds the bytes, when they lie in a folder of this machine. Raises FileNotFoundError."""
        return None

    def url(self, key: str, filename: str) -> str | None:
        """A signed address of five minutes that answers with the bytes as an attachment, where there is one."""
        return None

    def free_bytes(self) -> int | None:
        """Room that is left, when it can be told."""
        return None


def sha256_of(file: IO[bytes], limit: int | None = None) -> tuple[str, int]:
    """The digest and the size, read in chunks; stops early (with a size over `limit`) when there is more."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if limit is not None and size > limit:
            break
    return digest.hexdigest(), size
