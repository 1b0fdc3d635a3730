"""Originals in a folder: temporary file, fsync, rename, fsync of the folder."""

import errno
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from documents.refusals import NoSpace, StorageAway, StorageRefuses
from documents.storage.contract import CHUNK, MARKS, Draft, Originals, key_of

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
INCOMING = "incoming"


@deconstructible
class FolderStorage(Storage):
    """A folder that only the gateway's account may enter."""

    def __init__(self, location: str) -> None:
        self.location = Path(location)
        self._durable: set[str] = set()
        self._looked_into: set[str] = set()

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
        place, incoming = f"{self.location}/{name}", f"{self.location}/{INCOMING}"
        made = [*self._made(incoming), *self._made(os.path.dirname(place))]
        temporary = f"{incoming}/{uuid.uuid4().hex}"
        try:
            write(content, temporary)
            self._make_durable(made)  # after the file, whose sync has brought most of it to the disk already
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return FolderDraft(temporary, place)

    def is_laid_out(self) -> bool:
        """Whether this is our folder, and not the empty one that is left where its disk is not mounted.

        A copy that was put back may lack what was empty.
        """
        return (self.location / INCOMING).is_dir() or (self.location / "sha256").is_dir()

    def lay_out(self) -> None:
        self.location.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            (self.location / INCOMING).mkdir(mode=0o700)

    def _made(self, folder: str) -> list[str]:
        """Make `folder` and what is missing above it, for the owner alone: those not known to be durable, top first.

        Raises FileNotFoundError where the place is not laid out.
        """
        if folder in self._durable:
            return []
        if folder == str(self.location):
            if not self.is_laid_out():
                raise FileNotFoundError(folder)
            return [folder]
        above = self._made(os.path.dirname(folder))
        with suppress(FileExistsError):
            os.mkdir(folder, mode=0o700)
        return [*above, folder]

    def _make_durable(self, made: list[str]) -> None:
        """See that these folders survive a power cut, and with them all that stand beside them now.

        Synced by each process once, also when another made it: that one may not have got to its own sync. What stood
        there before is looked at when a folder is synced for the first time; later ones come one by one.
        """
        for folder in made:
            if folder in self._durable:
                continue
            parent = os.path.dirname(folder)
            looked = parent in self._looked_into or folder == str(self.location)
            beside = [] if looked else os.listdir(parent)
            sync_folder(parent)
            self._looked_into.add(parent)
            self._durable.update(f"{parent}/{name}" for name in beside)
            self._durable.add(folder)


class FolderDraft(Draft):
    def __init__(self, temporary: str, place: str) -> None:
        self._temporary, self._place, self._is_named = temporary, place, False

    def name(self) -> None:
        with troubles_said(self._place):
            os.replace(self._temporary, self._place)
            self._is_named = True
            sync_folder(os.path.dirname(self._place))

    def drop(self) -> None:
        if not self._is_named:
            Path(self._temporary).unlink(missing_ok=True)


class FolderOriginals(Originals):
    drafts = True

    def __init__(self, storage: FolderStorage) -> None:
        self.storage = storage

    def try_out(self) -> None:
        self._be_there()
        with troubles_said(self.storage.location), tempfile.TemporaryFile(dir=self.storage.location) as file:
            file.write(b"ready")

    def lay_out(self) -> None:
        with troubles_said(self.storage.location):
            self.storage.lay_out()

    def is_laid_out(self) -> bool:
        with troubles_said(self.storage.location):
            return self.storage.is_laid_out()

    def put(self, sha256: str, file: IO[bytes]) -> bool:
        if self.touched(sha256):
            return False
        file.seek(0)
        with troubles_said(self.storage.location):
            self.storage._save(key_of(sha256), File(file))
        return True

    def draft(self, sha256: str, file: IO[bytes]) -> Draft:
        file.seek(0)
        with troubles_said(self.storage.location):
            return self.storage.draft(key_of(sha256), file)

    def touched(self, sha256: str) -> bool:
        place = self.storage.location / key_of(sha256)
        with troubles_said(place):
            try:
                os.utime(place)
            except FileNotFoundError:
                return False
            sync_folder(place.parent)  # who named them may not have got so far
        return True

    def open(self, key: str) -> IO[bytes]:
        with self._found(key) as place:
            return place.open("rb")

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        return _chunks(self.open(key), start, length)

    def exists(self, key: str) -> bool:
        return self.changed(key) is not None

    def delete(self, key: str) -> None:
        with troubles_said(self.storage.location):
            self.storage.delete(key)

    def path(self, key: str) -> Path | None:
        with self._found(key) as place:
            place.stat()
        return place

    def listed(self, after: str = "") -> Iterator[tuple[str, datetime]]:
        self._be_there()
        with troubles_said(self.storage.location):
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
            with self._found(key) as place:
                return datetime.fromtimestamp(place.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def size(self, key: str) -> int:
        with self._found(key) as place:
            return place.stat().st_size

    def mark(self, name: str) -> None:
        self._be_there()
        with troubles_said(self._marks):
            self._marks.mkdir(mode=0o700, exist_ok=True)
            (self._marks / name).touch(mode=0o600)
            os.utime(self._marks / name)
            sync_folder(self._marks)

    def marks(self) -> dict[str, datetime]:
        self._be_there()
        with troubles_said(self._marks):
            return {
                name: datetime.fromtimestamp((self._marks / name).stat().st_mtime, UTC) for name in _names(self._marks)
            }

    def place_of_mark(self, name: str) -> str:
        return f"the file {self._marks / name}"

    @property
    def _marks(self) -> Path:
        return self.storage.location / MARKS

    def clear_unfinished(self, before: datetime) -> int:
        removed = 0
        with troubles_said(self.storage.location):
            for place in (self.storage.location / INCOMING).glob("*"):
                if datetime.fromtimestamp(place.stat().st_mtime, UTC) < before:
                    place.unlink(missing_ok=True)
                    removed += 1
        return removed

    def free_bytes(self) -> int | None:
        with troubles_said(self.storage.location):
            return shutil.disk_usage(self.storage.location).free

    @contextmanager
    def _found(self, key: str) -> Iterator[Path]:
        """Where it lies. A file that is missing is missing only where the others are: else raises StorageAway."""
        try:
            with troubles_said(self.storage.location, but=FileNotFoundError):
                yield self.storage.location / key
        except FileNotFoundError:
            self._be_there()
            raise

    def _be_there(self) -> None:
        if not self.is_laid_out():
            why = f"The folder {self.storage.location} is not there, or its disk is not mounted."
            raise StorageRefuses(
                f"{why} Mount it, or correct KMRL_ORIGINALS; manage.py prepare makes a new one.", kind="not there"
            )


def _names(folder: Path) -> list[str]:
    """What lies in the folder, in order; nothing where there is none."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


@contextmanager
def troubles_said(place: Path | str, *, but: type[OSError] | tuple[()] = ()) -> Iterator[None]:
    """Says in the words of the contract that the disk is full, or away; `but` this error, which goes on as it is."""
    try:
        yield
    except but:
        raise
    except OSError as error:
        if error.errno in FULL:
            raise NoSpace from error
        kind = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise StorageAway(f"{place} cannot be used: {error}.", kind=kind) from error


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
    with file, troubles_said(file.name):
        file.seek(start)
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
