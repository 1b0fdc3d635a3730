"""Originals in an S3 bucket."""

import base64
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from botocore.exceptions import ClientError

from documents.refusals import NoSpace
from documents.storage.contract import CHUNK, Originals, key_of

MISSING = {"404", "NoSuchKey", "NotFound"}
NO_ROOM = {"XMinioStorageFull", "InsufficientStorage", "QuotaExceeded", "507"}


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
        if self.touched(sha256):
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

    def touched(self, sha256: str) -> bool:
        return self.exists(key_of(sha256))

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

    def listed(self, after: str = "") -> Iterator[tuple[str, datetime]]:
        asked = {"Bucket": self.bucket, "Prefix": "sha256/", "StartAfter": after or "sha256/"}
        pages = self.client.get_paginator("list_objects_v2").paginate(**asked)
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


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
