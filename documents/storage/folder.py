"""Originals in a folder: temporary file, fsync, rename, fsync of the folder."""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from documents.refusals import NoSpace
from documents.storage.contract import CHUNK, Draft, Originals, key_of

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@deconstructible
class FolderStorage(Storage):
    """A folder that only the gateway's account may enter."""

    def __init__(self, location: str) -> None:
        self.location = Path(location)
        self._durable: set[str] = set()

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
        draft = self.draft(name, content)
        try:
            draft.name()
        except BaseException:
            draft.drop()
            raise
        return name

    def draft(self, name: str, content: Any) -> "FolderDraft":
        """`content` in a temporary file, synced, as are the folders that lead to its place."""
        place, incoming = f"{self.location}/{name}", f"{self.location}/incoming"
        made = [*self._made(incoming), *self._made(os.path.dirname(place))]
        temporary = f"{incoming}/{uuid.uuid4().hex}"
        try:
            write(content, temporary)
            self._make_durable(made)  # after the file, whose sync has brought most of it to the disk already
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return FolderDraft(temporary, place)

    def _made(self, folder: str) -> list[str]:
        """Make `folder` and what is missing above it, for the owner alone: those not known to be durable, top first."""
        if folder in self._durable:
            return []
        if folder == str(self.location):
            self.location.mkdir(mode=0o700, parents=True, exist_ok=True)
            return [folder]
        above = self._made(os.path.dirname(folder))
        with suppress(FileExistsError):
            os.mkdir(folder, mode=0o700)
        return [*above, folder]

    def _make_durable(self, made: list[str]) -> None:
        """See that these folders survive a power cut, and with them all that stand beside them now.

        Synced by each process once, also when another made it: that one may not have got to its own sync.
        """
        for folder in made:
            if folder in self._durable:
                continue
            parent = os.path.dirname(folder)
            beside = [] if folder == str(self.location) else os.listdir(parent)
            sync_folder(parent)
            self._durable.update(f"{parent}/{name}" for name in beside)
            self._durable.add(folder)


class FolderDraft(Draft):
    def __init__(self, temporary: str, place: str) -> None:
        self._temporary, self._place = temporary, place

    def name(self) -> None:
        with no_space_said():
            os.replace(self._temporary, self._place)
            sync_folder(os.path.dirname(self._place))

    def drop(self) -> None:
        Path(self._temporary).unlink(missing_ok=True)


class FolderOriginals(Originals):
    drafts = True

    def __init__(self, storage: FolderStorage) -> None:
        self.storage = storage

    def put(self, sha256: str, file: IO[bytes]) -> bool:
        if self.touched(sha256):
            return False
        file.seek(0)
        with no_space_said():
            self.storage._save(key_of(sha256), File(file))
        return True

    def draft(self, sha256: str, file: IO[bytes]) -> Draft:
        file.seek(0)
        with no_space_said():
            return self.storage.draft(key_of(sha256), file)

    def touched(self, sha256: str) -> bool:
        try:
            os.utime(self.storage.location / key_of(sha256))
        except FileNotFoundError:
            return False
        sync_folder(self.storage.location / os.path.dirname(key_of(sha256)))  # who named them may not have got so far
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


def _names(folder: Path) -> list[str]:
    """What lies in the folder, in order; nothing where there is none."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


@contextmanager
def no_space_said() -> Iterator[None]:
    """A full disk is a refusal of ours."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoSpace from error
        raise


def write(source: Any, place: str) -> None:
    """The bytes into a new file, synced; its name may still be lost."""
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        copy(source, handle)
        os.fsync(handle)
    finally:
        os.close(handle)


def copy(source: Any, target: int) -> None:
    while chunk := source.read(CHUNK):
        view = memoryview(chunk)
        while view:
            view = view[os.write(target, view) :]


def sync_folder(folder: Path | str) -> None:
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
