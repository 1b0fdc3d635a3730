"""The gate, driven as a server drives it: scope, receive, send."""

import asyncio
import json
from collections import namedtuple

import pytest
from channels.db import database_sync_to_async
from rest_framework_simplejwt.tokens import AccessToken

from documents import gate
from documents.gate import Gate
from documents.models import Document
from kmrl.asgi import application
from tests.intake import samples

pytestmark = pytest.mark.django_db(transaction=True)
UPLOAD = "/api/v1/documents/upload/"
BOUNDARY = "cut-here"


def multipart(data: bytes, name: str = "note.pdf") -> bytes:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="source"\r\n\r\napi\r\n--{BOUNDARY}\r\n'
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
    )
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


class Call:
    """One request: what of the body was read, and what was answered."""

    def __init__(self, body: bytes | None = b"", *, chunk: int = 65536, wait: float = 0.0) -> None:
        self.parts = [body[at : at + chunk] for at in range(0, len(body), chunk)] or [b""]
        self.size, self.wait = len(body), wait
        self.read, self.sent, self.headers, self.body = 0, [], {}, b""
        self.read_before_answer = -1
        self.gone = asyncio.Event()

    async def receive(self):
        if self.read == len(self.parts):
            await self.gone.wait()
            return {"type": "http.disconnect"}
        if self.wait:
            await asyncio.sleep(self.wait)
        self.read += 1
        return {
            "type": "http.request",
            "body": self.parts[self.read - 1],
            "more_body": self.read < len(self.parts),
        }

    async def send(self, message):
        self.sent.append(message)
        if message["type"] == "http.response.start":
            self.read_before_answer = self.read
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def code(self) -> str:
        return json.loads(self.body)["code"]

    async def to(
        self, app, path: str = UPLOAD, *, method: str = "POST", declared: int | None = -1, **headers
    ) -> "Call":
        headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}", "host": "localhost", **headers}
        if declared is None:
            headers["transfer-encoding"] = "chunked"
        elif "content-length" not in headers:
            headers["content-length"] = str(self.size if declared == -1 else declared)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
            "scheme": "http",
        }
        await asyncio.wait_for(app(scope, self.receive, self.send), 20)
        return self


@pytest.fixture
def bearer(clerk, api_source) -> dict[str, str]:
    return {"authorization": f"Bearer {AccessToken.for_user(clerk)}"}


async def nobody(scope, receive, send):
    raise AssertionError("the request got past the gate")


async def swallow(scope, receive, send):
    """Reads everything, as Django does."""
    while (message := await receive())["type"] == "http.request" and message["more_body"]:
        pass
    if message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


def count() -> int:
    return Document.objects.count()


async def test_an_upload_passes_the_gate_into_the_house(bearer):
    call = await Call(multipart(samples.pdf())).to(application, **bearer)
    assert (call.status, json.loads(call.body)["status"]) == (202, "queued")
    assert await database_sync_to_async(count)() == 1


async def test_a_chunked_upload_passes_too(bearer):
    call = await Call(multipart(samples.pdf() + b"%" * 200_000)).to(application, declared=None, **bearer)
    assert call.status == 202


async def test_a_chunked_body_of_another_kind_is_read_too(bearer):
    kind = {"content-type": "application/json"}
    for chunk in (5, 65536):
        call = await Call(b'{"all": true}', chunk=chunk).to(
            application, "/api/v1/notifications/read/", declared=None, **kind, **bearer
        )
        assert (call.status, json.loads(call.body)) == (200, {"read": 0, "unread": 0})
    call = await Call(b" " * 1_000_000).to(application, "/api/v1/auth/token/", declared=None, **kind)
    assert (call.status, call.code) == (400, "invalid")


@pytest.mark.parametrize(
    "path", [UPLOAD, "/api/v1/documents/batch/", f"/api/v1/documents/{'0' * 8}-{'0000-' * 3}{'0' * 12}/versions/"]
)
async def test_who_shows_no_credential_is_refused_before_the_body_is_read(api_source, path):
    call = await Call(b"x" * 5_000_000).to(Gate(nobody), path)
    assert (call.status, call.code, call.headers["content-type"]) == (
        401,
        "not_authenticated",
        "application/problem+json",
    )
    assert call.headers["www-authenticate"] == 'Bearer realm="api"' and call.headers["connection"] == "close"
    assert [message.get("more_body") for message in call.sent] == [None, True, None]  # it ends after the draining
    assert 0 < call.read * 65536 <= gate.DRAINED + 65536


@pytest.mark.parametrize(
    "shown", [{"x-api-key": "kmrl_no_no"}, {"authorization": "Bearer nonsense"}, {"cookie": "sessionid=x"}]
)
async def test_a_credential_that_does_not_hold_is_refused(api_source, shown):
    assert (await Call(b"x").to(Gate(nobody), **shown)).status == 401


async def test_a_client_that_asks_first_is_answered_before_anything_is_read(bearer, settings):
    settings.MAX_UPLOAD_BYTES = 10_000
    call = await Call(b"x" * 2_000_000).to(Gate(nobody), expect="100-continue", **bearer)
    assert (call.status, call.code, call.read_before_answer) == (413, "too_large", 0)
    call = await Call(b"x" * 1000).to(Gate(nobody), expect="100-continue")
    assert (call.status, call.code, call.read_before_answer) == (401, "not_authenticated", 0)


async def test_who_is_refused_is_not_cut_off_before_he_can_have_read_why(monkeypatch, api_source):
    waited = []

    async def sleep(seconds):
        waited.append((seconds, [message.get("more_body") for message in call.sent]))

    monkeypatch.setattr(gate.asyncio, "sleep", sleep)
    for asked in ({}, {"expect": "100-continue"}):
        call = Call(b"x" * 5_000_000)
        await call.to(Gate(nobody), **asked)
        assert waited == [(gate.LINGER, [None, True])]
        assert [message.get("more_body") for message in call.sent] == [None, True, None]
        waited.clear()


async def test_what_is_told_is_the_limit_of_the_file_without_what_a_form_adds(bearer, settings):
    settings.MAX_UPLOAD_BYTES, settings.MAX_BATCH_BYTES = 2 * 1024 * 1024, 3 * 1024 * 1024
    for declared in (-1, None):
        call = await Call(b"x" * 5_000_000).to(Gate(swallow), declared=declared, **bearer)
        assert "The file is larger than 2 MB." in json.loads(call.body)["detail"]
    call = await Call(b"x" * 5_000_000).to(Gate(swallow), "/api/v1/documents/batch/", **bearer)
    assert "The batch is larger than 3 MB." in json.loads(call.body)["detail"]
    call = await Call(b"x" * 3_000_000).to(Gate(swallow), "/api/v1/me/", **bearer)
    assert "The request is larger than 2 MB." in json.loads(call.body)["detail"]


async def test_a_body_that_says_it_is_too_large_is_not_read_into_the_house(bearer, settings):
    settings.MAX_UPLOAD_BYTES = 10_000
    call = await Call(b"x" * 2_000_000).to(Gate(nobody), **bearer)
    assert (call.status, call.code) == (413, "too_large")


@pytest.mark.parametrize("declared", [None, 100])
async def test_a_body_that_grows_too_large_is_cut_off_whatever_was_declared(bearer, settings, declared):
    settings.MAX_UPLOAD_BYTES = 10_000
    for app in (Gate(swallow), application):
        call = await Call(multipart(b"x" * 5_000_000)).to(app, declared=declared, **bearer)
        assert (call.status, call.code) == (413, "too_large")
        assert len([message for message in call.sent if message["type"] == "http.response.start"]) == 1
    assert await database_sync_to_async(count)() == 0


async def test_a_batch_has_a_limit_of_its_own(bearer, settings):
    settings.MAX_UPLOAD_BYTES, settings.MAX_BATCH_BYTES = 10_000, 5_000_000
    assert (await Call(b"x" * 3_000_000).to(Gate(swallow), "/api/v1/documents/batch/", **bearer)).status == 200
    assert (await Call(b"x" * 3_000_000).to(Gate(nobody), **bearer)).status == 413


@pytest.mark.parametrize("path", ["upload", "batch", f"{'0' * 8}-{'0000-' * 3}{'0' * 12}/versions"])
async def test_a_large_file_to_an_address_without_its_slash_is_told_of_the_slash(path):
    for asked in ({}, {"expect": "100-continue"}):
        call = await Call(b"x" * 3_000_000).to(Gate(nobody), f"/api/v1/documents/{path}", **asked)
        assert (call.status, call.code, call.headers["content-type"]) == (404, "not_found", "application/problem+json")
        assert json.loads(call.body)["detail"].endswith(" Addresses of the API end in a slash.")


@pytest.mark.parametrize("path", [UPLOAD, "/api/v1/documents/batch/", "/api/v1/auth/token/"])
@pytest.mark.parametrize("coding", ["gzip", "br", "Deflate", "gzip, identity"])
async def test_a_compressed_body_is_refused_with_what_is_taken_instead(bearer, path, coding):
    call = await Call(b"x" * 1000).to(Gate(nobody), path, content_encoding=coding, **bearer)
    assert (call.status, call.code, call.headers["accept-encoding"]) == (415, "unsupported", "identity")
    plain = await Call(b"x" * 1000).to(Gate(swallow), path, content_encoding="identity", **bearer)
    assert plain.status == 200


async def test_every_other_body_is_small(bearer):
    for declared in (None, -1):
        call = await Call(b"x" * 3_000_000).to(Gate(swallow), "/api/v1/auth/token/", declared=declared)
        assert (call.status, call.code) == (413, "too_large")
    assert (await Call(b"x" * 1000).to(Gate(swallow), "/admin/", method="PUT")).status == 200
    assert (await Call(b"x" * 3_000_000).to(Gate(swallow), "/", method="GET")).status == 413


async def test_a_request_without_a_body_is_none_of_the_gates_business():
    seen = []

    async def app(scope, receive, send):
        seen.append(receive)

    call = Call()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await Gate(app)(scope, call.receive, call.send)
    assert seen == [call.receive]


async def test_a_length_that_is_no_number_is_refused(bearer):
    assert (await Call(b"x").to(Gate(nobody), "/", **{"content-length": "many"})).status == 400


async def test_a_full_disk_is_noticed_before_the_body_is_read(bearer, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(gate.shutil, "disk_usage", lambda _: usage(1, 1, gate.RESERVE + 10))
    call = await Call(b"x" * 1000).to(Gate(nobody), **bearer)
    assert (call.status, call.code) == (507, "no_space")


async def test_the_throttle_counts_an_upload_once(bearer, settings):
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {"caller": "2/hour", "sign-in": "1/min"},
    }
    for number in range(2):
        assert (await Call(multipart(samples.pdf(str(number)))).to(application, **bearer)).status == 202
    call = await Call(multipart(samples.pdf())).to(Gate(nobody), **bearer)
    assert (call.status, call.code) == (429, "too_many") and int(call.headers["retry-after"]) > 0


async def test_a_silent_body_times_out(bearer):
    call = await Call(b"x" * 200_000, wait=0.3).to(Gate(swallow, silence=0.1), **bearer)
    assert (call.status, call.code) == (408, "too_slow")


async def test_only_so_many_uploads_come_in_at_once(bearer):
    open_, most, both, leave = 0, 0, asyncio.Event(), asyncio.Event()

    async def slow(scope, receive, send):
        nonlocal open_, most
        open_ += 1
        most = max(most, open_)
        if open_ == 2:
            both.set()
        await both.wait()
        await asyncio.sleep(0.05)  # long enough for a third one to be seen
        open_ -= 1
        await swallow(scope, receive, send)

    async def stays(scope, receive, send):
        await leave.wait()
        await swallow(scope, receive, send)

    app = Gate(slow, at_once=2)
    calls = await asyncio.gather(*(Call(b"x").to(app, **bearer) for _ in range(6)))
    assert most == 2 and [call.status for call in calls] == [200] * 6
    app = Gate(stays, at_once=1, turn=0.01)
    calls = [asyncio.create_task(Call(b"x").to(app, **bearer)) for _ in range(2)]
    first, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    leave.set()
    assert [call.result().status for call in first] == [503]
    assert sorted(call.status for call in await asyncio.gather(*calls)) == [200, 503]


async def test_who_lets_many_uploads_dawdle_holds_up_nobody_else(bearer, head):
    inside, leave = [], asyncio.Event()

    async def stays(scope, receive, send):
        inside.append(scope[gate.CALLER].user.username)
        await leave.wait()
        await swallow(scope, receive, send)

    app = Gate(stays, at_once=3, of_one=2)
    slow = [asyncio.create_task(Call(b"x").to(app, **bearer)) for _ in range(6)]
    other = asyncio.create_task(Call(b"x").to(app, authorization=f"Bearer {AccessToken.for_user(head)}"))
    try:
        async with asyncio.timeout(20):
            while "head" not in inside or len(inside) < 3:
                await asyncio.sleep(0.01)
        assert sorted(inside) == ["clerk", "clerk", "head"]
    finally:
        leave.set()
    assert (await other).status == 200
    assert {call.status for call in await asyncio.gather(*slow)} == {200}


async def test_a_download_streams_through_the_loop_without_a_warning(bearer):
    data = samples.pdf() + b"%" * 1_000_000
    said = json.loads((await Call(multipart(data)).to(application, **bearer)).body)
    call = Call()
    task = asyncio.create_task(
        call.to(
            application, f"/api/v1/documents/{said['id']}/download/", method="GET", range="bytes=10-900009", **bearer
        )
    )
    await task
    assert (call.status, call.body) == (206, data[10:900_010])
    assert len(call.sent) > 4  # in several pieces, not as one
