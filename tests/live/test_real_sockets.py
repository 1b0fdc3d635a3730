"""The door on the real servers: who sends byte by byte, too much, or reads nothing. Raw TCP, a private gateway."""

import base64
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from bench.instance import Instance
from tests.chaos.listener import Listener
from tests.live.test_recovery import Writer

SETTINGS = {"KMRL_WEB_WORKERS": "1", "KMRL_WORKERS_MIN": "1", "KMRL_ALERT_EVERY": "0"}
pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module", params=["uvicorn", pytest.param("granian", marks=pytest.mark.long)])
def gateway(request, tmp_path_factory) -> Iterator[Instance]:
    settings = {**SETTINGS, "KMRL_ASGI_SERVER": request.param}
    instance = Instance(tmp_path_factory.mktemp("gateway"), settings=settings)
    try:
        instance.start(within=90)
        yield instance
        instance.stop()
    finally:
        instance.kill_left()


def opened(port: int, *, key: str = "", room: int = 0) -> socket.socket:
    """A socket after its handshake; `room` bytes to receive into."""
    line = socket.socket()
    if room:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    line.settimeout(30)
    line.connect(("127.0.0.1", port))
    shown = f"X-API-Key: {key}\r\n" if key else ""
    line.sendall(
        f"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{shown}"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += line.recv(1)
    assert b" 101 " in answer
    return line


def framed(content: bytes) -> bytes:
    """A masked text frame; the mask is zero."""
    return b"\x81\xff" + struct.pack("!Q", len(content)) + b"\0\0\0\0" + content


def closed_with(line: socket.socket) -> int | None:
    """The code of the server's close, texts before it left aside; None when it just hung up."""
    got = b""
    while True:
        try:
            more = line.recv(4096)
        except ConnectionError:
            return None
        if not more:
            break
        got += more
        if b"\x88" in got and len(got) >= got.index(b"\x88") + 4:
            break
    at = got.find(b"\x88")
    return struct.unpack("!H", got[at + 2 : at + 4])[0] if at >= 0 else None


def test_who_says_nothing_or_says_it_byte_by_byte_is_shown_out_in_time(gateway):
    silent, slow = opened(gateway.port), opened(gateway.port)
    over = threading.Event()

    def drip() -> None:
        for byte in framed(json.dumps({"action": "authenticate", "token": "x" * 500}).encode()):
            if over.wait(0.1):
                return
            try:
                slow.sendall(bytes([byte]))
            except OSError:
                return

    began = time.monotonic()
    dripping = threading.Thread(target=drip)
    dripping.start()
    assert closed_with(silent) == 4401
    assert closed_with(slow) == 4401
    over.set()
    dripping.join()
    assert 8 < time.monotonic() - began < 25


def test_a_frame_that_is_too_long_ends_the_socket_before_and_after_the_door(gateway):
    for size in (70_000, 5_000_000):
        line = opened(gateway.port)
        try:
            line.sendall(framed(b'{"action":"authenticate","token":"' + b"x" * size + b'"}'))
        except ConnectionError:
            continue  # hung up while it came
        assert closed_with(line) in (4429, 1009, None)
        line.close()


def test_a_socket_that_reads_nothing_holds_nobody_up(gateway):
    writer = Writer(gateway, 5)
    try:
        deaf = opened(gateway.port, key=writer.people["both"]["key"], room=2048)
        listener = Listener(gateway.port, writer.people["administrator"]["key"])
        listener.start()
        with gateway.database() as database:
            user = next(key for key in writer.people["both"]["hears"] if key.startswith("user:"))
            data = json.dumps({"detail": "x" * 300_000})
            for _ in range(30):  # 9 MB: more than the machine keeps for a socket that is not read
                database.execute(
                    "INSERT INTO realtime_event (type, at, audience, data)"
                    " VALUES ('system.alert', now(), %s::varchar[], %s)",
                    [[user], data],
                )
            last = database.execute("SELECT realtime_number_events()").fetchone()[0]
        until = time.monotonic() + 20
        while listener.last <= last and time.monotonic() < until:
            time.sleep(0.05)
        assert listener.last > last, "what was told after the deaf one was full did not come"
        assert listener.connections == 1
        listener.stop()
        deaf.close()
    finally:
        assert writer.stop() > 0
