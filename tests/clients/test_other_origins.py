"""Pages of other origins: those that the house trusts may use the API with a token, and never with a cookie."""

import asyncio
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from kmrl.other_origins import OtherOrigins

TRUSTED = "https://intranet.example"


async def refused_at_the_door(scope: Any, receive: Any, send: Any) -> None:
    """What the gate of uploads says no with, before Django is asked."""
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"too large"})


@pytest.fixture(autouse=True)
def trusted(settings):
    settings.CSRF_TRUSTED_ORIGINS = [TRUSTED]


async def ask(method: str = "GET", path: str = "/api/v1/me/", **headers: str) -> tuple[int, dict[str, str]]:
    named = [(name.replace("_", "-").encode(), said.encode()) for name, said in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": named}
    talk = ApplicationCommunicator(OtherOrigins(refused_at_the_door), scope)
    await talk.send_input({"type": "http.request", "body": b""})
    began = await talk.receive_output(5)
    await talk.receive_output(5)
    await asyncio.wait_for(talk.wait(5), 6)
    return began["status"], {name.decode(): said.decode() for name, said in began["headers"]}


async def test_a_trusted_page_may_read_what_is_answered_a_refusal_at_the_door_too():
    status, headers = await ask("POST", "/api/v1/documents/upload/", origin=TRUSTED)
    assert status == 413
    assert headers["access-control-allow-origin"] == TRUSTED
    assert "Retry-After" in headers["access-control-expose-headers"]


async def test_a_trusted_page_is_told_what_it_may_send():
    status, headers = await ask("OPTIONS", origin=TRUSTED, access_control_request_method="POST")
    assert status == 204
    assert headers["access-control-allow-origin"] == TRUSTED
    for name in ("Authorization", "X-API-Key", "Idempotency-Key"):
        assert name in headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    ("path", "origin"),
    [("/api/v1/me/", "https://evil.example"), ("/api/v1/me/", "null"), ("/documents/", TRUSTED), ("/admin/", TRUSTED)],
)
async def test_others_and_other_addresses_are_told_nothing(path, origin):
    for method in ("GET", "OPTIONS"):
        status, headers = await ask(method, path, origin=origin, access_control_request_method="POST")
        assert status == 413  # the application answered, as without an origin
        assert not [name for name in headers if name.startswith("access-control")]


async def test_no_page_elsewhere_acts_with_a_cookie():
    for method in ("GET", "OPTIONS"):
        _status, headers = await ask(method, origin=TRUSTED, access_control_request_method="POST")
        assert "access-control-allow-credentials" not in headers
