"""Originals in an S3 bucket."""

import base64
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import IO, Any

from botocore import exceptions as boto
from botocore.config import Config
from botocore.exceptions import ClientError

from documents.refusals import NoSpace, StorageAway, StorageRefuses
from documents.storage.contract import CHUNK, MARKS, Originals, key_of

MISSING = {"404", "NoSuchKey", "NotFound"}
NO_ROOM = {"XMinioStorageFull", "InsufficientStorage", "QuotaExceeded", "507"}
BUSY = {"SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "TooManyRequests", "429"}
NOT_OURS = {"NoSuchBucket", "InvalidBucketName", "PermanentRedirect", "AuthorizationHeaderMalformed"}
BROKEN_OFF = (boto.ConnectionError, boto.HTTPClientError, boto.IncompleteReadError)
NO_KEYS = (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError)
PATIENCE = Config(connect_timeout=2, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
"""Who sends a paper, and the worker that reads one, hear within about ten seconds that nobody answers."""


class BucketOriginals(Originals):
    """An S3 bucket through django-storages: one PUT with its checksum, which S3 completes or refuses as a whole."""

    def __init__(self, storage: Any) -> None:
        self.storage = storage
        self.bucket: str = storage.bucket_name
        storage.client_config = storage.client_config.merge(PATIENCE)

    @property
    def client(self) -> Any:
        return self.storage.connection.meta.client

    def try_out(self) -> None:
        with self._answers():  # a list, since the answer to a HEAD has no words for what is wrong
            self.client.list_objects_v2(Bucket=self.bucket, Prefix="sha256/", MaxKeys=1)

    def lay_out(self) -> None:
        self.try_out()

    def is_laid_out(self) -> bool:
        self.try_out()
        return True

    def put(self, sha256: str, file: IO[bytes]) -> bool:
        key = key_of(sha256)
        if self.touched(sha256):
            return False
        file.seek(0)
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        with self._answers():
            self.client.put_object(Bucket=self.bucket, Key=key, Body=_Body(file), ChecksumSHA256=checksum)
        return True

    def touched(self, sha256: str) -> bool:
        return self.exists(key_of(sha256))

    def open(self, key: str) -> IO[bytes]:
        out = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115 (the caller's to close)
        for chunk in self._chunks(self._body(key)):
            out.write(chunk)
        out.seek(0)
        return out

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        if length == 0:
            return iter(())
        return self._chunks(self._body(key, Range=f"bytes={start}-{start + length - 1}"))

    def exists(self, key: str) -> bool:
        return self.changed(key) is not None

    def changed(self, key: str) -> datetime | None:
        try:
            with self._answers(key):
                found: datetime = self.client.head_object(Bucket=self.bucket, Key=key)["LastModified"]
        except FileNotFoundError:
            return None
        return found

    def size(self, key: str) -> int:
        with self._answers(key):
            return int(self.client.head_object(Bucket=self.bucket, Key=key)["ContentLength"])

    def delete(self, key: str) -> None:
        with self._answers():
            self.client.delete_object(Bucket=self.bucket, Key=key)

    def listed(self, after: str = "") -> Iterator[tuple[str, datetime]]:
        asked = {"Bucket": self.bucket, "Prefix": "sha256/", "StartAfter": after or "sha256/"}
        pages = iter(self.client.get_paginator("list_objects_v2").paginate(**asked))
        while (page := self._page(pages)) is not None:
            for found in page.get("Contents", []):
                yield found["Key"], found["LastModified"]

    def mark(self, name: str) -> None:
        with self._answers():
            self.client.put_object(Bucket=self.bucket, Key=f"{MARKS}/{name}", Body=b"")

    def marks(self) -> dict[str, datetime]:
        pages = iter(self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{MARKS}/"))
        found: dict[str, datetime] = {}
        while (page := self._page(pages)) is not None:
            found |= {one["Key"].removeprefix(f"{MARKS}/"): one["LastModified"] for one in page.get("Contents", [])}
        return found

    def place_of_mark(self, name: str) -> str:
        return f"the object {MARKS}/{name} in the bucket {self.bucket!r} at {self._server}"

    def url(self, key: str, filename: str) -> str | None:
        params = {
            "Bucket": self.bucket,
            "Key": key,
            "ResponseContentDisposition": filename,
            "ResponseContentType": "application/octet-stream",
        }
        with self._answers():
            signed: str = self.client.generate_presigned_url("get_object", Params=params, ExpiresIn=300)
        return signed

    def _page(self, pages: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
        with self._answers():
            return next(pages, None)

    def _body(self, key: str, **more: str) -> Any:
        with self._answers(key):
            return self.client.get_object(Bucket=self.bucket, Key=key, **more)["Body"]

    def _chunks(self, body: Any) -> Iterator[bytes]:
        with self._answers():
            yield from body.iter_chunks(CHUNK)

    @contextmanager
    def _answers(self, key: str = "") -> Iterator[None]:
        """Says what is wrong with the bucket in the words of the contract; what is our own fault goes on as it is."""
        try:
            yield
        except ClientError as error:
            if (said := self._said(error, key)) is None:
                raise
            raise said from error
        except BROKEN_OFF as error:
            why = f"{self._place} does not answer: {error}"
            raise StorageAway(why, kind=type(error).__name__) from error
        except NO_KEYS as error:
            why = f"There are no keys for {self._place}: set KMRL_S3_ACCESS_KEY and KMRL_S3_SECRET_KEY."
            raise StorageRefuses(why, kind=type(error).__name__) from error

    def _said(self, error: ClientError, key: str) -> Exception | None:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in NO_ROOM:
            return NoSpace()
        if code in BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return StorageAway(f"{self._place} answers {code}.", kind=code)
        if code == "NoSuchBucket":
            why = f"There is no bucket {self.bucket!r} at {self._server}. Make it, or correct KMRL_S3_BUCKET."
            return StorageRefuses(why, kind=code)
        if code in NOT_OURS or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            why = f"{self._place} refuses the gateway ({code}). Correct KMRL_S3_ACCESS_KEY and KMRL_S3_SECRET_KEY,"
            return StorageRefuses(f"{why} or what these keys may do.", kind=code)
        return FileNotFoundError(key) if code in MISSING else None

    @property
    def _server(self) -> str:
        return str(self.storage.endpoint_url or "Amazon S3")

    @property
    def _place(self) -> str:
        return f"The bucket {self.bucket!r} at {self._server}"


class _Body:
    """Hides `close` and `name` of a file from boto3, which would close or guess by them."""

    def __init__(self, file: IO[bytes]) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell
