"""A closed-loop HTTP/1.1 load generator on raw asyncio streams: the same one for both designs."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

BOUNDARY = "----kmrl-bench-7d1c"


@dataclass
class Load:
    """What `send` measured: milliseconds by request (written until answered in full), statuses, answers, seconds."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    answers: list[bytes] = field(default_factory=list)
    seconds: float = 0.0

    def quantile(self, share: float) -> float:
        return quantile(self.milliseconds, share)


def quantile(values: Iterable[float], share: float) -> float:
    """By linear interpolation; nan when there is nothing."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def get(path: str, headers: dict[str, str]) -> bytes:
    return _head("GET", path, headers) + b"\r\n"


def post_json(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    told = {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}
    return _head("POST", path, told) + b"\r\n" + body


def upload(path: str, filename: str, content: bytes, fields: dict[str, str], headers: dict[str, str]) -> bytes:
    """A multipart POST with `content` as its `file`."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: application/pdf\r\n\r\n".encode()
    )
    body = b"".join([*parts, content, f"\r\n--{BOUNDARY}--\r\n".encode()])
    told = {
        **headers,
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(body)),
    }
    return _head("POST", path, told) + b"\r\n" + body


def _head(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    return ("\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items())]) + "\r\n").encode()


def send(
    port: int, requests: Iterable[bytes], *, clients: int, timeout: float = 60, until: float | None = None
) -> Load:
    """Send each request once over `clients` kept-alive connections. After `until` seconds no new one is begun."""
    return asyncio.run(_send(port, requests, clients, timeout, until))


async def _send(port: int, requests: Iterable[bytes], clients: int, timeout: float, until: float | None) -> Load:
    waiting, load, began = iter(requests), Load(), time.perf_counter()

    async def client() -> None:
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        for request in waiting:
            if until is not None and time.perf_counter() - began > until:
                break
            try:
                if connection is None:
                    connection = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
                sent = time.perf_counter()
                connection[1].write(request)
                status, answer, close = await asyncio.wait_for(read_answer(connection[0]), timeout)
                load.milliseconds.append((time.perf_counter() - sent) * 1000)
                load.statuses[str(status)] += 1
                load.answers.append(answer)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                load.statuses[type(error).__name__] += 1
                close = True
            if close and connection is not None:
                connection[1].close()
                connection = None
        if connection is not None:
            connection[1].close()

    await asyncio.gather(*(client() for _ in range(clients)))
    load.seconds = time.perf_counter() - began
    return load


async def read_answer(stream: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Status, body, and whether the server closes the connection."""
    head = await stream.readuntil(b"\r\n\r\n")
    headers = dict(line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:] if b":" in line)
    close = b"close" in headers.get(b"connection", b"")
    if b"chunked" in headers.get(b"transfer-encoding", b""):
        body = b""
        while size := int((await stream.readline()).split(b";")[0], 16):
            body += (await stream.readexactly(size + 2))[:-2]
        await stream.readline()
    elif b"content-length" in headers:
        body = await stream.readexactly(int(headers[b"content-length"]))
    else:
        body, close = await stream.read(), True
    return int(head[9:12]), body, close
