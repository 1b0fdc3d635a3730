"""What is promised of a web server, on each that may be chosen: refusals arrive, files stream, it stops clean."""

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from bench import httpload, papers, processes
from bench.instance import Instance
from bench.processes import Process

SOCKETS = 40
SETTINGS = {
    "KMRL_WEB_WORKERS": "2",
    "KMRL_WORKERS_MIN": "1",
    "KMRL_ALERT_EVERY": "0",
    "KMRL_THROTTLE": "1000000/min",
    "KMRL_SOCKETS_PER_USER": str(SOCKETS),
}
UPLOAD = "/api/v1/documents/upload/"
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


@pytest.fixture(scope="module")
def clerk(gateway) -> dict[str, str]:
    """`key`, and the `department` to upload to."""
    return json.loads(gateway.run("-m", "bench.clerk"))


def asked(gateway: Instance, request: bytes, body: bytes = b"", *, pieces: int = 1) -> tuple[bytes, bytes]:
    """The head and the rest of the answer to a request on a connection of its own, its body sent so many times."""
    with socket.create_connection(("127.0.0.1", gateway.port), 10) as line:
        line.sendall(request)
        with contextlib.suppress(ConnectionError):
            for _ in range(pieces):
                line.sendall(body)
        got = b""
        with contextlib.suppress(ConnectionError, TimeoutError):
            while more := line.recv(65536):
                got += more
    head, _, rest = got.partition(b"\r\n\r\n")
    return head, rest


def told(method: str, path: str, **headers: object) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    return ("\r\n".join([*lines, *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())])).encode()


def test_a_body_that_is_too_large_is_refused_while_it_comes(gateway, clerk):
    request = told("POST", UPLOAD, X_API_Key=clerk["key"], Content_Type="multipart/form-data; boundary=x")
    began = time.monotonic()
    head, rest = asked(gateway, request + b"\r\nContent-Length: 90000000000\r\n\r\n", b"x" * 65536, pieces=500)
    assert head.startswith(b"HTTP/1.1 413 ") and json.loads(rest)["code"] == "too_large"
    assert time.monotonic() - began < 10


def test_a_head_without_end_is_refused(gateway):
    head, _ = asked(gateway, told("GET", "/"), b"\r\nX-More: " + b"y" * 50_000, pieces=40)
    assert head == b"" or head.startswith(b"HTTP/1.1 431 ")
    assert gateway.is_ready()


def test_a_request_that_two_servers_would_read_differently_is_refused(gateway):
    request = told("POST", "/api/v1/auth/token/", Content_Length=4, Transfer_Encoding="chunked")
    head, rest = asked(gateway, request + b"\r\n\r\n0\r\n\r\n" + told("GET", "/health/live") + b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and b"HTTP/1.1" not in rest


def test_an_upload_in_chunks_comes_back_whole_and_in_parts(gateway, clerk):
    paper = papers.make(0, seed=14).content
    fields = {"source": "api", "department": clerk["department"]}
    head, _, form = httpload.upload(UPLOAD, "a.pdf", paper, fields, {"X-API-Key": clerk["key"]}).partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    chunks = [form[at : at + 5000] for at in range(0, len(form), 5000)]
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])
    extra = [b"Transfer-Encoding: chunked", b"Connection: close", b"", b""]
    head, rest = asked(gateway, b"\r\n".join([*kept, *extra]), body)
    assert head.startswith(b"HTTP/1.1 202 "), head
    path = f"/api/v1/documents/{json.loads(rest)['id']}/download/"
    end = b"\r\nConnection: close\r\n\r\n"
    head, rest = asked(gateway, told("GET", path, X_API_Key=clerk["key"]) + end)
    assert head.startswith(b"HTTP/1.1 200 ") and rest == paper
    head, rest = asked(gateway, told("GET", path, X_API_Key=clerk["key"], Range="bytes=5-104") + end)
    assert head.startswith(b"HTTP/1.1 206 ") and rest == paper[5:105]
    assert f"content-range: bytes 5-104/{len(paper)}".encode() in head.lower()
    head, none = asked(gateway, told("HEAD", path, X_API_Key=clerk["key"], Range="bytes=5-104") + end)
    assert head.startswith(b"HTTP/1.1 200 ") and none == b""
    assert f"content-length: {len(paper)}".encode() in head.lower()
    head, none = asked(gateway, told("GET", path, X_API_Key=clerk["key"], If_None_Match="*") + end)
    assert head.startswith(b"HTTP/1.1 304 ") and none == b""
    assert b"content-length" not in head.lower() and b"transfer-encoding" not in head.lower()


def test_json_in_chunks_is_read(gateway):
    request = told("POST", "/api/v1/auth/token/", Content_Type="application/json", Transfer_Encoding="chunked")
    said = b'{"username": "nobody-of-this-name", "password": "none"}'
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (said[:20], said[20:], b""))
    head, rest = asked(gateway, request + b"\r\nConnection: close\r\n\r\n", body)
    assert head.startswith(b"HTTP/1.1 401 "), rest


def test_pages_files_come_and_a_head_has_no_body(gateway):
    end = b"\r\nConnection: close\r\n\r\n"
    head, rest = asked(gateway, told("GET", "/static/realtime.js") + end)
    assert head.startswith(b"HTTP/1.1 200 ") and b"export" in rest
    head, none = asked(gateway, told("HEAD", "/static/realtime.js") + end)
    assert head.startswith(b"HTTP/1.1 200 ") and none == b""
    assert f"content-length: {len(rest)}".encode() in head.lower()


def test_what_uvicorns_processes_need_was_loaded_once(gateway):
    """They are forked: none began as a programme of its own, and none needs one that looks after such."""
    if gateway.settings["KMRL_ASGI_SERVER"] != "uvicorn":
        pytest.skip("granian has ways of its own")
    [leader] = leading(gateway)
    found = gateway.of_role("web")
    assert len(found) == 3
    assert {process.command for process in found} == {process.command for process in found if process.pid == leader}


def test_a_serving_process_that_is_killed_is_replaced_and_the_others_serve_meanwhile(gateway):
    before, leaders = serving(gateway), leading(gateway)
    os.kill(before[0].pid, signal.SIGKILL)
    until = time.monotonic() + 20
    while processes.still_there([before[0]]) or len(serving(gateway)) < len(before):
        assert gateway.is_ready()
        assert time.monotonic() < until, gateway.said(50)
        time.sleep(0.1)
    assert before[1].pid in {process.pid for process in serving(gateway)}
    assert leading(gateway) == leaders


def leading(gateway: Instance) -> set[int]:
    return {process.pid for process in gateway.of_role("web") if process.parent == gateway.pid}


def serving(gateway: Instance) -> list[Process]:
    found, leaders = gateway.of_role("web"), leading(gateway)
    return [process for process in found if process.parent in leaders and "resource_tracker" not in process.command]


def test_it_stops_clean_in_the_middle_of_work(gateway, clerk):
    """The last test: clients keep asking, sockets are open, and it ends of itself all the same."""
    over, statuses = threading.Event(), []

    def ask() -> None:
        request = httpload.get("/api/v1/documents/?limit=25", {"X-API-Key": clerk["key"]})
        requests = iter(lambda: None if over.is_set() else request, None)
        statuses.append(httpload.send(gateway.port, requests, clients=8, timeout=20).statuses)

    asking = threading.Thread(target=ask)
    asking.start()
    with contextlib.ExitStack() as lines:
        try:
            sockets = [lines.enter_context(opened(gateway, clerk["key"])) for _ in range(SOCKETS)]
            time.sleep(1)
            web = serving(gateway)
            took = gateway.stop()
        finally:
            over.set()
            asking.join()
        assert [line for line in sockets if not has_ended(line)] == []
    assert gateway.supervisor.returncode == 0
    assert took < 20
    assert not processes.still_there(web)
    assert statuses[0]["200"] > 10 and not statuses[0]["500"]


def opened(gateway: Instance, key: str) -> ClientConnection:
    line = connect(f"ws://127.0.0.1:{gateway.port}/ws/", proxy=None)
    line.send(json.dumps({"action": "authenticate", "token": key}))
    assert json.loads(line.recv(10))["type"] == "connected"
    return line


def has_ended(line: ClientConnection) -> bool:
    """Whether nothing more comes because the other side has closed it."""
    try:
        while True:
            line.recv(5)
    except ConnectionClosed:
        return True
    except TimeoutError:
        return False
