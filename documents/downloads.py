"""Originals out: whole or in part, never in memory as a whole."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from asgiref.sync import sync_to_async

RANGE = re.compile(r"bytes=(.+)")
ONE = re.compile(r"(\d*)-(\d*)")


class Unsatisfiable(Exception):
    """The range lies outside the file."""


@dataclass(frozen=True)
class Part:
    """Bytes `start` to `start + length` of `size`; `whole` when nothing less was asked for."""

    start: int
    length: int
    size: int

    @property
    def whole(self) -> bool:
        return self.length == self.size

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


def part_of(header: str | None, size: int) -> Part:
    """What a `Range` header asks for (RFC 9110, 14.2).

    What cannot be understood asks for everything; of several ranges the span from the first byte to the last is given
    as one. Raises Unsatisfiable.
    """
    match = RANGE.fullmatch((header or "").strip())
    if match is None:
        return Part(0, size, size)
    starts, ends = [], []
    for one in match[1].split(","):
        found = ONE.fullmatch(one.strip())
        if found is None or found[1] == found[2] == "":
            return Part(0, size, size)
        if found[1] == "":
            start, end = max(0, size - int(found[2])), size - 1 if int(found[2]) else -1
        else:
            start, end = int(found[1]), min(int(found[2]), size - 1) if found[2] else size - 1
            if found[2] and int(found[2]) < start:
                return Part(0, size, size)
        if start < size and end >= start:
            starts.append(start)
            ends.append(end)
    if not starts:
        raise Unsatisfiable
    return Part(min(starts), max(ends) - min(starts) + 1, size)


def is_known(header: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names this entity."""
    if not header:
        return False
    known = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in known or etag in known


async def in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks for an event loop, each read in a thread: a slow disk stops nobody else."""
    following = sync_to_async(lambda: next(chunks, None), thread_sensitive=False)
    try:
        while (chunk := await following()) is not None:
            yield chunk
    finally:
        if (close := getattr(chunks, "close", None)) is not None:
            await sync_to_async(close, thread_sensitive=False)()
