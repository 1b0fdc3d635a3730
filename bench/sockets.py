"""WebSocket listeners on raw asyncio streams (RFC 6455, what a client needs of it), light enough for hundreds."""

import asyncio
import base64
import os
import struct
from collections.abc import AsyncIterator

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


class Listener:
    """One socket. Open it with `Listener.open`, then iterate over the texts that arrive."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.closed_with: int | None = None

    @classmethod
    async def open(cls, port: int, path: str) -> "Listener":
        """Raises ConnectionError when the server does not switch to WebSocket."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in answer.split(b"\r\n", 1)[0]:
            writer.close()
            raise ConnectionError(f"No socket at {path}: {answer[:80]!r}")
        return cls(reader, writer)

    def say(self, text: str) -> None:
        self._frame(TEXT, text.encode())

    async def texts(self) -> AsyncIterator[bytes]:
        """Every text until the server closes; `closed_with` then holds its code."""
        parts: list[bytes] = []
        while True:
            first, second = await self._reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", await self._reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
            payload = await self._reader.readexactly(size)
            kind = first & 0x0F
            if kind == PING:
                self._frame(PONG, payload)
            elif kind == CLOSE:
                self.closed_with = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
                return
            elif kind != PONG:
                parts.append(payload)
                if first & 0x80:
                    yield b"".join(parts)
                    parts.clear()

    def close(self) -> None:
        self._writer.close()

    def _frame(self, kind: int, payload: bytes) -> None:
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([0x80 | kind])
        head += bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + struct.pack("!H", size)
        self._writer.write(head + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload)))
