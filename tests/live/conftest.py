"""A socket client within the test's own event loop, and writers of events."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.db import connection, transaction
from rest_framework_simplejwt.tokens import AccessToken

from realtime import audiences, bell, events, hub, tail
from realtime.catalogue import JobDead, SystemAlert
from realtime.routing import websocket_urlpatterns
from realtime.threads import in_thread

SECONDS = 8


class Client:
    """What a browser's socket would see. `frames` are single frames, arrays taken apart."""

    def __init__(self, headers: list[tuple[bytes, bytes]], query: str, address: str) -> None:
        path = f"/ws/?{query}" if query else "/ws/"
        self._wire = WebsocketCommunicator(URLRouter(websocket_urlpatterns), path, headers=headers)
        if address:
            self._wire.scope["client"] = (address, 40_000)
        self._waiting: list[dict[str, Any]] = []
        self.arrays = 0

    async def connect(self) -> "Client":
        accepted, _ = await self._wire.connect(timeout=SECONDS)
        assert accepted
        return self

    async def say(self, **content: Any) -> None:
        await self._wire.send_to(text_data=orjson.dumps(content).decode())

    async def send_text(self, text: str) -> None:
        await self._wire.send_to(text_data=text)

    async def next(self, timeout: float = SECONDS) -> dict[str, Any]:
        while not self._waiting:
            message = await self._wire.receive_output(timeout)
            assert message["type"] == "websocket.send", message
            content = orjson.loads(message["text"])
            self.arrays += isinstance(content, list)
            self._waiting += content if isinstance(content, list) else [content]
        return self._waiting.pop(0)

    async def connected(self) -> int:
        frame = await self.next()
        assert frame["type"] == "connected"
        return frame["position"]

    async def settled(self) -> list[dict[str, Any]]:
        """All events up to the answer of a ping, which comes behind what was due."""
        await self.say(action="ping")
        seen = []
        while (frame := await self.next())["type"] != "pong":
            seen.append(frame)
            if "position" in frame and len(seen) % 100 == 0:
                await self.say(action="ack", position=frame["position"])
        return seen

    async def until(self, position: int) -> list[dict[str, Any]]:
        """Events up to and including a position; acknowledged as they come."""
        seen = []
        while not seen or seen[-1].get("position", 0) < position:
            seen.append(await self.next())
            if len(seen) % 100 == 0:
                await self.say(action="ack", position=seen[-1]["position"])
        return seen

    async def closed(self) -> int:
        """The code that the server closes with; frames before it are kept."""
        while True:
            message = await self._wire.receive_output(SECONDS)
            if message["type"] == "websocket.close":
                return message["code"]
            content = orjson.loads(message["text"])
            self._waiting += content if isinstance(content, list) else [content]

    async def hears_nothing(self, seconds: float = 0.4) -> bool:
        return not self._waiting and await self._wire.receive_nothing(seconds)

    async def leave(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._wire.disconnect(timeout=SECONDS)


@pytest.fixture
async def live(transactional_db) -> AsyncIterator[Callable[..., Any]]:
    """`await live(user)` opens a socket by JWT header; `headers=` and `query=` instead of it."""
    clients: list[Client] = []

    async def opened(
        user: Any = None, *, headers: dict[str, str] | None = None, query: str = "", address: str = ""
    ) -> Client:
        shown = dict(headers or {})
        if user is not None:
            shown["authorization"] = f"Bearer {AccessToken.for_user(user)}"
        client = Client([(name.encode(), value.encode()) for name, value in shown.items()], query, address)
        clients.append(client)
        return await client.connect()

    yield opened
    for client in clients:
        await client.leave()
    await hub.hub().stop()


@pytest.fixture(autouse=True)
def _quick(monkeypatch) -> None:
    monkeypatch.setattr(hub, "WATCH_SECONDS", 0.2)
    monkeypatch.setattr(tail, "BACKOFF_SECONDS", (0.05, 0.1))
    monkeypatch.setattr(bell._Silence, "until", 0.0)


@pytest.fixture(autouse=True)
def open_topics(monkeypatch) -> set[str]:
    """The documents that everybody may listen to; all others nobody."""
    opened: set[str] = set()
    monkeypatch.setitem(audiences._checks, "document", lambda rights, ids: [pk for pk in ids if pk in opened])
    return opened


def alert(detail: str = "", to: tuple[str, ...] = (audiences.SYSTEM,)) -> None:
    """Tell one durable event, in a transaction of its own."""
    with transaction.atomic():
        events.tell(SystemAlert(code="test", level="info", detail=detail), to=to)


def alerts(count: int, to: tuple[str, ...] = (audiences.SYSTEM,)) -> None:
    with transaction.atomic():
        events.tell_many([(SystemAlert(code="test", level="info", detail=str(n)), to) for n in range(count)])


async def told(*args: Any, **kwargs: Any) -> None:
    await in_thread(alert, *args, **kwargs)


async def told_many(*args: Any, **kwargs: Any) -> None:
    await in_thread(alerts, *args, **kwargs)


def close_connections() -> None:
    connection.close()


__all__ = ["JobDead", "alert", "alerts", "told", "told_many"]
