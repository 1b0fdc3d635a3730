"""Requests change threads once, leave no database connection behind, and stop when the client has gone."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path, reverse

from documents.gate import COUNTED
from kmrl.one_thread import DOORS, SIGNING_IN, THREADS, UPLOADING, OneThread

seen: list[str] = []
given: list[int] = []
leave = threading.Event()


def plain(request: HttpRequest) -> HttpResponse:
    seen.append(threading.current_thread().name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse(f"body of {len(request.body)}")


def faulty(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


def endless(request: HttpRequest) -> StreamingHttpResponse:
    async def chunks() -> AsyncIterator[bytes]:
        for number in range(1_000_000):
            given.append(number)
            yield b"x" * 1000
            await asyncio.sleep(0.001)

    return StreamingHttpResponse(chunks())


def held(request: HttpRequest) -> HttpResponse:
    seen.append(threading.current_thread().name)
    leave.wait(10)
    return HttpResponse("at last")


urlpatterns = [
    path("plain", plain),
    path("held", held),
    path("faulty", faulty),
    path("endless", endless),
    *(path(door.removeprefix("/"), held) for door in DOORS),
]


@pytest.fixture
def application(settings) -> OneThread:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    settings.ALLOWED_HOSTS = ["testserver"]
    seen.clear()
    given.clear()
    return OneThread()


async def ask(
    application: OneThread, address: str, body: bytes = b"", leave_after: float = 60, *, upload: bool = False
) -> list[dict]:
    """The messages that a server would get; `upload` as the gate hands one on."""
    sent: list[dict] = []
    asked = False

    async def receive() -> dict:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": body}
        await asyncio.sleep(leave_after)
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST" if body else "GET",
        "path": address,
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    if upload:
        scope[COUNTED] = True
    await application(scope, receive, send)
    return sent


@pytest.mark.django_db(transaction=True)
async def test_a_request_runs_in_a_thread_of_the_pool(application):
    start, *bodies = await ask(application, "/plain", b"12345")
    assert start["status"] == 200
    assert b"".join(message["body"] for message in bodies) == b"body of 5"
    assert [name.startswith("web_") for name in seen] == [True]


@pytest.mark.django_db(transaction=True)
async def test_a_fault_is_answered_and_the_next_request_is_served(application):
    start, *_ = await ask(application, "/faulty")
    assert start["status"] == 500
    start, *_ = await ask(application, "/plain")
    assert start["status"] == 200


async def test_a_stream_ends_when_the_client_has_gone(application):
    sent = await asyncio.wait_for(ask(application, "/endless", leave_after=0.1), 10)
    assert sent[0]["status"] == 200
    assert 1 <= len(given) < 1000
    after = len(given)
    await asyncio.sleep(0.05)
    assert len(given) == after


@pytest.mark.django_db(transaction=True)
async def test_pages_do_not_wait_for_many_uploads(application):
    leave.clear()
    uploads = [asyncio.create_task(ask(application, "/held", b"1", upload=True)) for _ in range(THREADS + 4)]
    try:
        start, *_ = await asyncio.wait_for(ask(application, "/plain"), 5)
        assert start["status"] == 200 and not any(task.done() for task in uploads)
        assert sum(name.startswith("upload_") for name in seen) == UPLOADING
    finally:
        leave.set()
    assert {messages[0]["status"] for messages in await asyncio.gather(*uploads)} == {200}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", sorted(DOORS))
async def test_nobody_waits_for_many_passwords_but_who_sends_one(application, door):
    leave.clear()
    guesses = [asyncio.create_task(ask(application, door, b"1")) for _ in range(THREADS + 4)]
    try:
        for upload in (False, True):
            start, *_ = await asyncio.wait_for(ask(application, "/plain", upload=upload), 5)
            assert start["status"] == 200
        assert not any(task.done() for task in guesses)
        assert sum(name.startswith("sign-in_") for name in seen) == SIGNING_IN
    finally:
        leave.set()
    assert {messages[0]["status"] for messages in await asyncio.gather(*guesses)} == {200}


def test_the_doors_are_where_passwords_are_looked_at():
    assert {reverse("sign-in"), reverse("token"), reverse("password")} == DOORS
