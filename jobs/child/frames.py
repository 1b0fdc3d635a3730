"""Frames between a worker and its child: four bytes of length (big-endian), then msgpack. Never pickle."""

import os
import struct
from typing import Any

import msgpack  # type: ignore[import-untyped]

HEADER = struct.Struct(">I")
MOST = 256 * 1024 * 1024  # bytes in a frame; a larger one is a fault of the child
CHUNK = 1 << 20


class TooLarge(Exception):
    """A frame announces more bytes than any answer has."""


def packed(message: Any) -> bytes:
    """One frame. Raises TypeError for what has no place in a message (only plain values and bytes have)."""
    body = msgpack.packb(message, use_bin_type=True)
    if len(body) > MOST:
        raise TooLarge
    return HEADER.pack(len(body)) + body


class Reader:
    """Collects bytes until a frame is whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> Any | None:
        """The next message, or None while it is not whole. Raises TooLarge, and ValueError for what is no msgpack."""
        if len(self._buffer) < HEADER.size:
            return None
        (length,) = HEADER.unpack_from(self._buffer)
        if length > MOST:
            raise TooLarge
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        message = msgpack.unpackb(memoryview(self._buffer)[HEADER.size : end], raw=False, strict_map_key=False)
        del self._buffer[:end]
        return message


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view[:CHUNK]) :]
