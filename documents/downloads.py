"""Originals out: whole or in part, never in memory as a whole."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils.cache import get_conditional_response

from accounts.refusals import Refusal

RANGE = re.compile(r"bytes=(.+)", re.I)
ONE = re.compile(r"([0-9]*)-([0-9]*)")
DIGITS = 18  # no file is longer than these can say


class Changed(Refusal):
    status, code, title = 412, "precondition_failed", "It is not, or no longer, the one that you name"


class Unsatisfiable(Exception):
    """The range lies outside the file."""


@dataclass(frozen=True)
class Part:
    """Bytes `start` to `start + length` of `size`; `whole` when no range was asked for."""

    start: int
    length: int
    size: int
    whole: bool = True

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


def part_of(header: str | None, size: int) -> Part:
    """What a `Range` header asks for (RFC 9110, 14.2).

    What cannot be understood asks for everything; of several ranges the span from the first byte to the last is given
    as one. Raises Unsatisfiable.
    """
    match = RANGE.fullmatch((header or "").strip())
    wanted = [one for text in match[1].split(",") if (one := text.strip())] if match else []  # a list may have gaps
    if not wanted:
        return Part(0, size, size)
    starts, ends = [], []
    for one in wanted:
        found = ONE.fullmatch(one)
        if found is None or found[1] == found[2] == "":
            return Part(0, size, size)
        first, last = _number(found[1]), _number(found[2])
        if found[1] == "":
            start, end = max(0, size - last), size - 1 if last else -1
        else:
            start, end = first, min(last, size - 1) if found[2] else size - 1
            if found[2] and last < start:
                return Part(0, size, size)
        if start < size and end >= start:
            starts.append(start)
            ends.append(end)
    if not starts:
        raise Unsatisfiable
    return Part(min(starts), max(ends) - min(starts) + 1, size, whole=False)


def _number(digits: str) -> int:
    """The number, or one beyond every file: Python refuses to read thousands of digits."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= DIGITS else 10**DIGITS


def is_known(request: HttpRequest, etag: str, modified: datetime | None = None) -> bool:
    """Whether the client has it already; raises Changed when it wants another than this.

    By `If-Match`, `If-Unmodified-Since`, `If-None-Match` and `If-Modified-Since`, in that order (RFC 9110, 13.2.2).
    """
    seconds = None if modified is None else int(modified.timestamp())
    answer = get_conditional_response(request, etag=etag, last_modified=seconds)
    if answer is not None and answer.status_code == HTTPStatus.PRECONDITION_FAILED:
        raise Changed
    return answer is not None


async def in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks for an event loop, each read in a thread: a slow disk stops nobody else."""
    following = sync_to_async(lambda: next(chunks, None), thread_sensitive=False)
    try:
        while (chunk := await following()) is not None:
            yield chunk
    finally:
        if (close := getattr(chunks, "close", None)) is not None:
            await sync_to_async(close, thread_sensitive=False)()
