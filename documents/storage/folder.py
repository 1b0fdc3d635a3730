"""Originals in a folder: temporary file, fsync, rename, fsync of the folder."""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from documents.refusals import NoSpace
from documents.storage.contract import CHUNK, Originals, key_of

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@deconstructible
class FolderStorage(Storage):
    """A folder that only the gateway's account may enter."""

    def __init__(self, location: str) -> None:
        self.location = Path(location)
        self._durable: set[Path] = set()

    def path(self, name: str) -> str:
        return str(self.location / name)

    def exists(self, name: str) -> bool:
        return (self.location / name).is_file()

    def size(self, name: str) -> int:
        return (self.location / name).stat().st_size

    def delete(self, name: str) -> None:
        (self.location / name).unlink(missing_ok=True)

    def get_modified_time(self, name: str) -> datetime:
        return datetime.fromtimestamp((self.location / name).stat().st_mtime, UTC)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        return File((self.location / name).open("rb"), name=name)

    def _save(self, name: str, content: File) -> str:
        place = self.location / name
        self._make_durable(place.parent)
        self._make_durable(self.location / "incoming")
        temporary = f"{self.location}/incoming/{uuid.uuid4().hex}"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            try:
                copy(content, handle)
                os.fsync(handle)
            finally:
                os.close(handle)
            os.replace(temporary, place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_folder(place.parent)
        return name

    def _make_durable(self, folder: Path) -> None:
        """Make `folder` and what is missing above it, for the owner alone, so that it survives a power cut.

        Synced by each process once, also when another made it: that one may not have got to its own sync.
        """
        if folder in self._durable:
            return
        if folder == self.location:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            self._make_durable(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
        self._durable.add(folder)


class FolderOriginals(Originals):
    def __init__(self, storage: FolderStorage) -> None:
        self.storage = storage

    def put(self, sha256: str, file: IO[bytes]) -> bool:
        key = key_of(sha256)
        if self._refreshed(key):
            return False
        file.seek(0)
        try:
            self.storage._save(key, File(file))
        except OSError as error:
            if error.errno in FULL:
                raise NoSpace from error
            raise
        return True

    def open(self, key: str) -> IO[bytes]:
        return (self.storage.location / key).open("rb")

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        return _chunks(self.open(key), start, length)

    def exists(self, key: str) -> bool:
        return self.storage.exists(key)

    def delete(self, key: str) -> None:
        self.storage.delete(key)

    def path(self, key: str) -> Path | None:
        return self.storage.location / key

    def listed(self, after: str = "") -> Iterator[tuple[str, datetime]]:
        for place in self._in_order(after.rpartition("/")[2]):
            try:
                changed = place.stat().st_mtime
            except FileNotFoundError:
                continue
            yield place.relative_to(self.storage.location).as_posix(), datetime.fromtimestamp(changed, UTC)

    def _in_order(self, after: str) -> Iterator[Path]:
        """The files whose name is greater than `after`; folders before it are not opened."""
        for first in _names(self.storage.location / "sha256"):
            if first < after[:2]:
                continue
            for second in _names(self.storage.location / "sha256" / first):
                if first + second < after[:4]:
                    continue
                folder = self.storage.location / "sha256" / first / second
                yield from (folder / name for name in _names(folder) if name > after)

    def changed(self, key: str) -> datetime | None:
        try:
            return self.storage.get_modified_time(key)
        except FileNotFoundError:
            return None

    def clear_unfinished(self, before: datetime) -> int:
        removed = 0
        for place in (self.storage.location / "incoming").glob("*"):
            if datetime.fromtimestamp(place.stat().st_mtime, UTC) < before:
                place.unlink(missing_ok=True)
                removed += 1
        return removed

    def free_bytes(self) -> int | None:
        place = self.storage.location
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free

    def _refreshed(self, key: str) -> bool:
        """Whether the bytes are there; touched, so that the collector takes them for young."""
        try:
            os.utime(self.storage.location / key)
        except FileNotFoundError:
            return False
        return True


def _names(folder: Path) -> list[str]:
    """What lies in the folder, in order; nothing where there is none."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def copy(source: Any, target: int) -> None:
    while chunk := source.read(CHUNK):
        view = memoryview(chunk)
        while view:
            view = view[os.write(target, view) :]


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _chunks(file: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
