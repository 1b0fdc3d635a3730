"""uvicorn's HTTP, patient within bounds: who does not say in time, or in short, what is wanted is shown out.

uvicorn itself waits for ever for the head of a request and takes one of any length. When it is stopped it cuts off who
is just beginning to ask; here a request that is on its way is heard and answered. `serving` hands the class to it.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 30.0  # from the first byte, or from the connection, to the empty line; as granian does
HEAD_BYTES = 64 * 1024
LAST_SECONDS = 0.3  # how long an idle line is listened to when all is stopped
SAID = b"The head of this request is too long."
TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(SAID), SAID)
)


class PatientHttp(HttpToolsProtocol):
    """One connection. `_hurry` is set while the head of a request is waited for."""

    _hurry: asyncio.TimerHandle | None = None
    _head = 0
    _leaving = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._have_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """As uvicorn's, with the head counted."""
        if self._hurry is not None:
            self._head += len(data)
        super().data_received(data)
        if self._hurry is not None and self._head > HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(TOO_LONG)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._hurry is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        self._have_head()
        super().on_headers_complete()
        if self._leaving and self.cycle is not None:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """As uvicorn's, but a line that stands idle is closed a moment later: a request may be on its way."""
        self._leaving = True
        if self._is_idle():
            self.loop.call_later(LAST_SECONDS, self._leave)
        else:
            super().shutdown()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _leave(self) -> None:
        if self in self.connections and self._is_idle() and not self.transport.is_closing():
            self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """As uvicorn's; then nothing of this object is left: it and its parser hold each other."""
        super().handle_websocket_upgrade()
        cast(Any, self).parser = None

    def _wait_for_head(self) -> None:
        self._head = 0
        self._hurry = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _have_head(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
