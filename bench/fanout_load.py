"""Holds many sockets and counts what they get: one process, epoll and a regular expression, so that it costs little.

python -m bench.fanout_load PORT PATH SOCKETS [--header TEXT] [--token TEXT] [--deaf N] [--engine-io]

It says READY when all are open. Each line `EXPECTED IDLE WITHIN` on stdin is a round: it collects until every socket
has EXPECTED messages, nothing came for IDLE seconds, or WITHIN seconds are over (then it has not `ended`), and answers
with one line of JSON. A message carries the moment it
was sent, CLOCK_MONOTONIC in ns, as `t=…` or `"t":…`. Sockets that are deaf never read at all.
"""

import argparse
import base64
import contextlib
import json
import os
import re
import select
import socket
import sys
import time

from bench.httpload import quantile

MOMENT = re.compile(rb't(?:=|": ?)(\d{10,})["},]')
LONGEST = 64  # characters that a moment which is cut in two may have
AT_ONCE = 100


class Held:
    """One open socket, what it has got, and the end of it in which a moment may begin."""

    __slots__ = ("got", "left", "line")

    def __init__(self, line: socket.socket, left: bytes) -> None:
        self.line, self.got, self.left = line, 0, left


class Load:
    def __init__(self, asked: argparse.Namespace) -> None:
        self._asked = asked
        self._epoll = select.epoll()
        self._held: dict[int, Held] = {}
        self._deaf: list[socket.socket] = []
        self._latencies: list[float] = []
        self._bytes = self._last = self._first = 0

    def open_all(self) -> None:
        for start in range(0, self._asked.sockets, AT_ONCE):
            self._open(min(AT_ONCE, self._asked.sockets - start), deaf=False)
        if self._asked.deaf:
            self._open(self._asked.deaf, deaf=True)

    def _open(self, count: int, *, deaf: bool) -> None:
        lines = [self._handshake(deaf=deaf) for _ in range(count)]
        for line in lines:
            answer = _until(line, b"\r\n\r\n")
            if b" 101 " not in answer.split(b"\r\n", 1)[0]:
                raise ConnectionError(f"Refused: {answer[:200]!r}")
            rest = answer.partition(b"\r\n\r\n")[2]
            if self._asked.engine_io:
                _until(line, b"0{", rest)
                line.sendall(frame(b"40"))
                _until(line, b"40{")
            elif self._asked.header:
                _until(line, b'"connected"', rest)
            if deaf:
                self._deaf.append(line)
                continue
            line.setblocking(False)
            self._held[line.fileno()] = Held(line, b"")
            self._epoll.register(line.fileno(), select.EPOLLIN)

    def _handshake(self, *, deaf: bool) -> socket.socket:
        line = socket.socket()
        if deaf:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", self._asked.port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        header = self._asked.deaf_header if deaf else self._asked.header
        line.sendall(
            f"GET {self._asked.path} HTTP/1.1\r\nHost: 127.0.0.1:{self._asked.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            f"Sec-WebSocket-Version: 13\r\n{header + chr(13) + chr(10) if header else ''}\r\n".encode()
        )
        return line

    def round(self, expected: int, idle: float, within: float) -> dict[str, float]:
        """Collect; the figures of it."""
        self._latencies, self._bytes, self._first, self._last = [], 0, 0, 0
        for held in self._held.values():
            held.got = 0
        wanted, began, spent = expected * len(self._held), time.monotonic(), time.process_time()
        heard, ended = began, True
        while len(self._latencies) < wanted and time.monotonic() - heard < (idle if self._last else idle + 10):
            ready = self._epoll.poll(0.05)
            if ready:
                heard = time.monotonic()
            if time.monotonic() - began > within:
                ended = False
                break
            for number, _ in ready:
                self._read(self._held[number])
        seconds = (self._last - self._first) / 1e9 if self._last else 0.0
        got = len(self._latencies)
        return {
            "sockets": len(self._held),
            "received": got,
            "lost": wanted - got,
            "p50": quantile(self._latencies, 0.5) if got else 0,
            "p95": quantile(self._latencies, 0.95) if got else 0,
            "p99": quantile(self._latencies, 0.99) if got else 0,
            "seconds": seconds,
            "per second": got / seconds if seconds else 0,
            "bytes": self._bytes / got if got else 0,
            "cpu": time.process_time() - spent,
            "ended": ended,
        }

    def _read(self, held: Held) -> None:
        try:
            got = held.line.recv(1 << 18)
        except BlockingIOError:
            return
        except ConnectionError:  # the other side cut it: what it did not bring is lost
            got = b""
        now = time.monotonic_ns()
        if not got:
            self._epoll.unregister(held.line.fileno())
            return
        self._bytes += len(got)
        whole = held.left + got if held.left else got
        end = 0
        for found in MOMENT.finditer(whole):
            sent, end = int(found[1]), found.end()
            self._latencies.append((now - sent) / 1e6)
            self._last = now
            held.got += 1
            if not self._first or sent < self._first:
                self._first = sent
        held.left = whole[max(end, len(whole) - LONGEST) :]
        with contextlib.suppress(ConnectionError):  # the next reading tells
            if b"\x89\x00" in got:
                held.line.send(frame(b"", kind=0xA))
            if self._asked.engine_io and b"\x81\x012" in got:
                held.line.send(frame(b"3"))


def frame(content: bytes, *, kind: int = 0x1) -> bytes:
    """A masked frame of under 126 bytes; the mask is zero."""
    return bytes([0x80 | kind, 0x80 | len(content), 0, 0, 0, 0]) + content


def _until(line: socket.socket, wanted: bytes, got: bytes = b"") -> bytes:
    line.settimeout(60)
    while wanted not in got:
        more = line.recv(65536)
        if not more:
            raise ConnectionError(f"Closed before {wanted!r}: {got[-200:]!r}")
        got += more
    return got


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("sockets", type=int)
    parser.add_argument("--header", default="", help="shown at the handshake; then `connected` is waited for")
    parser.add_argument("--deaf-header", default="", help="what the deaf show")
    parser.add_argument("--deaf", type=int, default=0)
    parser.add_argument("--engine-io", action="store_true")
    load = Load(parser.parse_args())
    load.open_all()
    print("READY", flush=True)
    for line in sys.stdin:
        expected, idle, within = line.split()
        print(json.dumps(load.round(int(expected), float(idle), float(within))), flush=True)


if __name__ == "__main__":
    main()
