"""The gate before Django: who sends, how much, and whether there is room, before a body is read.

Django spools the whole body before any view runs; without the gate anybody could fill the disk. Uploads need a
credential, pass the throttle, stay below their limit (counted, not only declared), and find room; every other body is
small. A refused body is drained a little, politely, and then cut.
"""

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import orjson
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from accounts import counting, credentials
from accounts.credentials import Identity
from accounts.refusals import NotFound, NotSignedIn, Refusal, TooMany, Unavailable
from accounts.rest import edges, problems
from accounts.rest.throttling import CallerThrottle
from documents.refusals import NoSpace, TooLarge
from documents.storage import originals

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

UPLOAD = re.compile(r"/api/v1/documents/(?:(upload|batch)|[0-9a-f-]{36}/(versions))/", re.I)
COUNTED = "kmrl.counted"  # in the scope: the throttle has counted this request already
CALLER = "kmrl.caller"  # in the scope: the identity of who sends
FORM = 1024 * 1024  # what a form may add to its files
OTHER_BODIES = 2 * 1024 * 1024
RESERVE = 64 * 1024 * 1024  # never filled up: PostgreSQL may live on the same disk
AT_ONCE, OF_ONE, TURN = 64, 32, 30.0
SILENCE = 60.0
SLOWEST = 32 * 1024  # bytes a second, over the whole body
DRAINED, DRAINED_SECONDS = 1024 * 1024, 2.0
LINGER = 0.5  # seconds that a refused sender, or the proxy before it, has to read the answer before the line is cut
REQUEST = "request"


class Busy(Refusal):
    status, code, title = 503, "busy", "Too many uploads at the same moment"

    def __init__(self) -> None:
        super().__init__("Too many files are arriving at the same moment. Send it again.", retry_after=5)


class TooSlow(Refusal):
    status, code, title = 408, "too_slow", "The body came too slowly"


class BadLength(Refusal):
    status, code, title = 400, "invalid", "Content-Length is no number"


class Coded(Refusal):
    status, code, title = 415, "unsupported", "The body is compressed"
    headers = {"Accept-Encoding": "identity"}

    def __init__(self) -> None:
        super().__init__("Send the body as it is, without Content-Encoding.")


@dataclass
class Body:
    """A body as it comes in: counted and timed. What is too long or too slow ends it as if the client had gone."""

    receive: Receive
    limit: int
    what: str
    silence: float
    until: float
    read: int = 0
    complete: bool = False
    refusal: Refusal | None = None

    async def next(self) -> Message:
        if self.complete:
            return await self.receive()
        if self.refusal is not None:
            return {"type": "http.disconnect"}
        left = min(self.silence, self.until - time.monotonic())
        try:
            async with asyncio.timeout(max(left, 0.001)):  # `wait_for` would make a task for every piece
                message = await self.receive()
        except TimeoutError:
            self.refusal = TooSlow(f"Nothing came for {self.silence:.0f} s, or the whole took too long. Send it again.")
            return {"type": "http.disconnect"}
        if message["type"] != "http.request":
            return message
        self.read += len(message.get("body", b""))
        if self.read > self.limit:
            self.refusal = _too_large(self.limit, self.what)
            return {"type": "http.disconnect"}
        self.complete = not message.get("more_body", False)
        return message


@dataclass
class Gate:
    """`Gate(django)`: an ASGI application around another one."""

    app: App
    at_once: int = AT_ONCE
    of_one: int = OF_ONE
    turn: float = TURN
    silence: float = SILENCE
    _turns: "_Turns | None" = field(default=None, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        route = UPLOAD.fullmatch(scope["path"]) if scope["method"] == "POST" else None
        if route is None and "content-length" not in headers and "transfer-encoding" not in headers:
            await self.app(scope, receive, send)
            return
        try:
            _plainly_written(headers)
            declared = _declared(headers)
            if route is None:
                _lacks_no_slash(scope)
                await self._pass(scope, receive, send, _bounded(declared, OTHER_BODIES, REQUEST), REQUEST)
                return
            caller = _recognised_lately(headers)
            if caller is None:
                caller = await sync_to_async(_recognise, thread_sensitive=False)(headers)
            what, limit = _limit_of(route)
            _bounded(declared, limit, what)
            _find_room(limit if declared is None else declared)
            async with self._all_turns().one(caller.user.pk, self.turn):
                await self._pass({**scope, COUNTED: True, CALLER: caller}, receive, send, limit, what)
        except Refusal as refusal:
            await _refuse(refusal, headers, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, limit: int, what: str) -> None:
        """Hand the request on with its body watched; what was cut off is answered here."""
        body = Body(receive, limit, what, self.silence, time.monotonic() + self.silence + limit / SLOWEST)
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        await self.app(scope, body.next, note)
        if body.refusal is not None and not started:
            await _answer_and_drain(body.refusal, receive, send)

    def _all_turns(self) -> "_Turns":
        if self._turns is None:
            self._turns = _Turns(asyncio.Semaphore(self.at_once), self.of_one)
        return self._turns


@dataclass
class _Turns:
    """The uploads of a process at a time, `of_one` of one person at most: who dawdles holds up nobody else.

    Who waits too long for a turn is told to come back.
    """

    all: asyncio.Semaphore
    of_one: int
    _own: "WeakValueDictionary[int, asyncio.Semaphore]" = field(default_factory=WeakValueDictionary, init=False)

    @asynccontextmanager
    async def one(self, user_id: int, seconds: float) -> AsyncIterator[None]:
        own = self._own.setdefault(user_id, asyncio.Semaphore(self.of_one))  # kept while one of his uploads is there
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(seconds):
                    for turns in (own, self.all):
                        await held.enter_async_context(turns)
            except TimeoutError:
                raise Busy from None
            yield


def _limit_of(route: re.Match[str]) -> tuple[str, int]:
    if route[1] and route[1].lower() == "batch":
        return "batch", settings.MAX_BATCH_BYTES + FORM
    return "file", settings.MAX_UPLOAD_BYTES + FORM


def _plainly_written(headers: dict[str, str]) -> None:
    """Raises Coded for a compressed body: what it unpacks to could be anything (RFC 9110, 15.5.16)."""
    if headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise Coded


def _lacks_no_slash(scope: Scope) -> None:
    """Who leaves out the last slash is told so, and not that his file is too large for an unknown address."""
    if scope["method"] == "POST" and UPLOAD.fullmatch(scope["path"] + "/"):
        raise NotFound(edges.no_address(scope["path"]))


def _declared(headers: dict[str, str]) -> int | None:
    """The length that the client tells; None when it tells none (chunked)."""
    text = headers.get("content-length")
    if text is None or "transfer-encoding" in headers:
        return None
    if not text.isdecimal():
        raise BadLength
    return int(text)


def _bounded(declared: int | None, limit: int, what: str) -> int:
    if declared is not None and declared > limit:
        raise _too_large(limit, what)
    return limit


def _too_large(limit: int, what: str) -> TooLarge:
    """It tells the limit of the files alone: what a form adds is nobody's concern."""
    return TooLarge(limit if what == REQUEST else limit - FORM, what)


def _caller_limit() -> counting.Limit:
    return counting.limit(CallerThrottle.scope, settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"][CallerThrottle.scope])


def _recognised_lately(headers: dict[str, str]) -> Identity | None:
    """The caller who is known from the last seconds and counted ahead: asks neither database nor Redis."""
    identity = credentials.held(headers, credentials.cookies_of(headers.get("cookie", "")))
    return identity if identity and counting.take_held(_caller_limit(), identity.credential) else None


def _recognise(headers: dict[str, str]) -> Identity:
    """Who it is, counted. Raises NotSignedIn or TooMany. A throttle that cannot be asked lets pass."""
    try:
        identity = credentials.identify(headers, credentials.cookies_of(headers.get("cookie", "")))
    except (OperationalError, InterfaceError):
        raise Unavailable("The gateway's database cannot be reached just now. Send it again.", retry_after=2) from None
    finally:
        close_old_connections()
    if identity is None:
        raise NotSignedIn("Send a credential with the upload: X-API-Key, Authorization: Bearer, or a session.")
    try:
        wait = counting.take(_caller_limit(), identity.credential)
    except counting.CountsAway:
        return identity
    if wait is not None:
        raise TooMany("You send more requests than are taken in a minute. Wait, then go on.", retry_after=int(wait) + 1)
    return identity


def _find_room(size: int) -> None:
    """Raises NoSpace when the body would not fit where it is spooled or kept."""
    spool = shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir()).free
    kept = originals().free_bytes()
    if min(spool, spool if kept is None else kept) < size + RESERVE:
        raise NoSpace


async def _refuse(refusal: Refusal, headers: dict[str, str], receive: Receive, send: Send) -> None:
    """A short body is read first, so that the answer is seen; but who asks first (Expect) is told to send nothing.

    A proxy may hand such a question on and send the body all the same.
    """
    asked_first = headers.get("expect", "").lower() == "100-continue"
    length = headers.get("content-length", "")
    if not asked_first and length.isdecimal() and int(length) <= DRAINED:
        await _drain(receive)
        await _answer(refusal, send)
    else:
        await _answer_and_drain(refusal, receive, send)


async def _answer_and_drain(refusal: Refusal, receive: Receive, send: Send) -> None:
    """The answer ends only when enough was read: some servers cut the connection at once when it has ended."""
    await _answer(refusal, send, ends=False)
    await _drain(receive)
    await send({"type": "http.response.body", "body": b""})


async def _answer(refusal: Refusal, send: Send, *, ends: bool = True) -> None:
    body = orjson.dumps(problems.of_refusal(refusal))
    headers = [
        (b"content-type", problems.CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
    ]
    headers += [(name.lower().encode(), value.encode()) for name, value in problems.headers_of(refusal).items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": not ends})


async def _drain(receive: Receive) -> None:
    """Read on for a moment and throw it away: a client that is still sending would not see the answer else.

    Who sends more than that is not read any more, but not cut off either until he can have read the answer: a proxy
    takes a cut line for no answer at all.
    """
    read, until = 0, time.monotonic() + DRAINED_SECONDS
    while read < DRAINED and (left := until - time.monotonic()) > 0:
        try:
            message = await asyncio.wait_for(receive(), left)
        except TimeoutError:
            return
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        read += len(message.get("body", b""))
    await asyncio.sleep(LINGER)
