"""uvicorn with our patience: the head of a request has its time and its length, a body and a socket have not."""

import asyncio
import contextlib
import gc
import socket
import time
import weakref
from collections.abc import AsyncIterator

import pytest
import uvicorn
from websockets.asyncio.client import connect

from bench.instance import free_port
from kmrl.supervision import patient_http, serving
from kmrl.supervision.patient_http import PatientHttp

SECONDS = 0.4
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def echo(scope, receive, send) -> None:
    """Answers with the length of the body; a socket says what it hears."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        return
    length = 0
    while (message := await receive())["type"] == "http.request":
        length += len(message["body"])
        if not message["more_body"]:
            break
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port(server) -> int:
    return server.config.port


@pytest.fixture
async def server(monkeypatch) -> AsyncIterator[uvicorn.Server]:
    monkeypatch.setattr(patient_http, "HEAD_SECONDS", SECONDS)
    port = free_port()
    config = uvicorn.Config(
        echo, port=port, http=PatientHttp, ws="websockets-sansio", lifespan="off", log_level="error", log_config=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server
    server.should_exit = True
    await serving


class Line:
    """One connection."""

    async def open(self, port: int) -> "Line":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        return self

    async def drip(self, content: bytes, *, seconds: float) -> None:
        """All of it in that time, also where each sleep lasts a little longer than it should."""
        began = time.monotonic()
        for number, byte in enumerate(content, start=1):
            self.writer.write(bytes([byte]))
            await asyncio.sleep(max(0.0, began + seconds * number / len(content) - time.monotonic()))

    async def answer(self) -> bytes:
        """The head and body of the next answer; empty when the connection ended instead."""
        try:
            async with asyncio.timeout(3 * SECONDS):
                head = await self.reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                return head + await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""


async def test_who_says_nothing_is_shown_out(port):
    assert await (await Line().open(port)).answer() == b""


async def test_who_says_it_byte_by_byte_is_shown_out_at_the_first_request_and_at_later_ones(port):
    line = await Line().open(port)
    with contextlib.suppress(ConnectionError):
        await line.drip(GET, seconds=2 * SECONDS)
    assert await line.answer() == b""
    line = await Line().open(port)
    for _ in range(2):
        line.writer.write(GET)
        assert (await line.answer()).endswith(b"\r\n\r\n0")
    with contextlib.suppress(ConnectionError):
        await line.drip(GET, seconds=2 * SECONDS)
    assert await line.answer() == b""


async def test_who_is_slow_but_in_time_is_answered_and_may_wait_before_the_next_request(port):
    line = await Line().open(port)
    await line.drip(GET, seconds=SECONDS / 2)
    assert b" 200 OK" in await line.answer()
    await asyncio.sleep(2 * SECONDS)
    line.writer.write(GET)
    assert b" 200 OK" in await line.answer()


async def test_a_body_may_take_its_time(port):
    line = await Line().open(port)
    line.writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n")
    await line.drip(b"abcdef", seconds=2 * SECONDS)
    assert (await line.answer()).endswith(b"\r\n\r\n6")


async def test_a_head_without_end_is_refused_and_a_large_body_is_not_one(port):
    line = await Line().open(port)
    line.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"y" * (patient_http.HEAD_BYTES + 5_000))
    refused = await line.answer()
    assert refused.startswith(b"HTTP/1.1 431 ") and b"connection: close" in refused
    assert refused.endswith(patient_http.SAID)
    assert await line.reader.read() == b""
    line = await Line().open(port)
    line.writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + b"z" * 500_000)
    assert (await line.answer()).endswith(b"\r\n\r\n500000")


async def test_a_socket_outlives_the_patience_and_leaves_nothing_of_its_request(port, monkeypatch):
    made = weakref.WeakSet()
    before = PatientHttp.connection_made

    def noted(self, transport) -> None:
        made.add(self)
        before(self, transport)

    monkeypatch.setattr(PatientHttp, "connection_made", noted)
    gc.disable()
    try:
        async with connect(f"ws://127.0.0.1:{port}/", proxy=None) as line:
            await asyncio.sleep(2 * SECONDS)
            await line.send("still here")
            assert await line.recv() == "still here"
            assert list(made) == []
    finally:
        gc.enable()


async def test_a_request_that_is_on_its_way_when_the_server_is_stopped_is_answered(port, server):
    new, idle = await Line().open(port), await Line().open(port)
    idle.writer.write(GET)
    assert (await idle.answer()).endswith(b"\r\n\r\n0")
    server.should_exit = True
    while server.servers[0].is_serving():
        await asyncio.sleep(0.01)
    with pytest.raises(ConnectionRefusedError):
        await Line().open(port)
    for line in (new, idle):
        line.writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
        said = await line.answer()
        assert said.startswith(b"HTTP/1.1 200") and said.endswith(b"5")
        assert b"connection: close" in said.lower()


async def test_an_idle_line_does_not_hold_up_the_stop(port, server):
    line = await Line().open(port)
    server.should_exit = True
    assert await line.answer() == b""


def test_the_parent_closes_the_door_before_it_stops_its_processes():
    """The kernel would go on taking in who knocks, and cut him off when it ends."""
    door = socket.socket()
    stopped = []

    class Process:
        def terminate(self) -> None:
            stopped.append(door.fileno())

    parent = serving.Parent.__new__(serving.Parent)
    parent.sockets, parent.processes = [door], [Process(), Process()]
    parent.terminate_all()
    assert stopped == [-1, -1]


def test_uvicorn_is_told_what_the_gateway_wants():
    wanted = serving.config("kmrl.asgi:application", "127.0.0.1", 8000, 2, 8)
    assert wanted.http is PatientHttp
    assert (wanted.workers, wanted.timeout_graceful_shutdown, wanted.proxy_headers) == (2, 8, False)
    assert (wanted.ws, wanted.ws_max_size, wanted.ws_per_message_deflate) == ("websockets-sansio", 65_536, False)
