"""Where originals lie: named by their SHA-256, written once, never changed.

`originals()` is the only way to them. The bytes are durable when `put` returns.
"""

import base64
import errno
import hashlib
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from botocore.exceptions import ClientError
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.utils.deconstruct import deconstructible

from documents.refusals import NoSpace

CHUNK = 256 * 1024
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
MISSING = {"404", "NoSuchKey", "NotFound"}
NO_ROOM = {"XMinioStorageFull", "InsufficientStorage", "QuotaExceeded", "507"}


def key_of(sha256: str) -> str:
    """sha256/ab/cd/abcd…: 65,536 folders keep each one small."""
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


class Originals(ABC):
    """The bytes of all documents, by storage key (`key_of`)."""

    @abstractmethod
    def put(self, sha256: str, file: IO[bytes]) -> bool:
        """Keep the bytes durably; False when they were there already. Raises NoSpace and keeps nothing then."""

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
    def listed(self) -> Iterator[tuple[str, datetime]]:
        """Every key with the time of its last change."""

    @abstractmethod
    def changed(self, key: str) -> datetime | None:
        """When the object was last put (also when it was there already, in a folder); None when there is none."""

    def clear_unfinished(self, before: datetime) -> int:
        """Remove files whose writing never ended; tells how many. A bucket has none."""
        return 0

    def path(self, key: str) -> Path | None:
        """The file that holds the bytes, when they lie in a folder of this machine."""
        return None

    def url(self, key: str, filename: str) -> str | None:
        """A signed address of five minutes that answers with the bytes as an attachment, where there is one."""
        return None

    def free_bytes(self) -> int | None:
        """Room that is left, when it can be told."""
        return None


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
        handle, temporary = tempfile.mkstemp(dir=self.location / "incoming")
        try:
            with os.fdopen(handle, "wb") as out:
                copy(content, out)
                out.flush()
                os.fsync(out.fileno())
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

    def listed(self) -> Iterator[tuple[str, datetime]]:
        for place in (self.storage.location / "sha256").glob("??/??/*"):
            try:
                changed = place.stat().st_mtime
            except FileNotFoundError:
                continue
            yield place.relative_to(self.storage.location).as_posix(), datetime.fromtimestamp(changed, UTC)

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


class BucketOriginals(Originals):
    """An S3 bucket through django-storages: one PUT with its checksum, which S3 completes or refuses as a whole."""

    def __init__(self, storage: Any) -> None:
        self.storage = storage
        self.bucket: str = storage.bucket_name

    @property
    def client(self) -> Any:
        return self.storage.connection.meta.client

    def put(self, sha256: str, file: IO[bytes]) -> bool:
        key = key_of(sha256)
        if self.exists(key):
            return False
        file.seek(0)
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        try:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=_Body(file), ChecksumSHA256=checksum)
        except ClientError as error:
            if _code(error) in NO_ROOM:
                raise NoSpace from error
            raise
        return True

    def open(self, key: str) -> IO[bytes]:
        out = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115 (the caller's to close)
        for chunk in self._body(key).iter_chunks(CHUNK):
            out.write(chunk)
        out.seek(0)
        return out

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        if length == 0:
            return iter(())
        found: Iterator[bytes] = self._body(key, Range=f"bytes={start}-{start + length - 1}").iter_chunks(CHUNK)
        return found

    def exists(self, key: str) -> bool:
        return self.changed(key) is not None

    def changed(self, key: str) -> datetime | None:
        try:
            found: datetime = self.client.head_object(Bucket=self.bucket, Key=key)["LastModified"]
        except ClientError as error:
            if _code(error) in MISSING:
                return None
            raise
        return found

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=key)

    def listed(self) -> Iterator[tuple[str, datetime]]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="sha256/")
        for page in pages:
            for found in page.get("Contents", []):
                yield found["Key"], found["LastModified"]

    def url(self, key: str, filename: str) -> str | None:
        params = {
            "Bucket": self.bucket,
            "Key": key,
            "ResponseContentDisposition": filename,
            "ResponseContentType": "application/octet-stream",
        }
        signed: str = self.client.generate_presigned_url("get_object", Params=params, ExpiresIn=300)
        return signed

    def _body(self, key: str, **more: str) -> Any:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key, **more)["Body"]
        except ClientError as error:
            if _code(error) in MISSING:
                raise FileNotFoundError(key) from error
            raise


class _Body:
    """Hides `close` and `name` of a file from boto3, which would close or guess by them."""

    def __init__(self, file: IO[bytes]) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


def originals() -> Originals:
    """The storage that the settings choose (`STORAGES["originals"]`)."""
    return _originals_of(storages["originals"])


@lru_cache(maxsize=4)
def _originals_of(storage: Storage) -> Originals:
    return FolderOriginals(storage) if isinstance(storage, FolderStorage) else BucketOriginals(storage)


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


def copy(source: Any, target: IO[bytes]) -> None:
    while chunk := source.read(CHUNK):
        target.write(chunk)


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


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
