"""Django behind ASGI with one change of threads a request.

Our views and most middleware are synchronous. Django's own handler runs such a chain by hopping between the event loop
and a thread that it makes for each request, once for every middleware that is not asynchronous: that was most of the
CPU of a small request. Here the whole chain of a request runs in one thread of a fixed pool, whose database
connections are used again.
"""

import asyncio
import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.db import close_old_connections
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from documents.gate import COUNTED

THREADS = 16  # by process; its pool of database connections (KMRL_DB_POOL) holds some more
UPLOADING = 4  # threads for uploads: more of them only wait for each other, and pages must not wait for fifty uploads
SIGNING_IN = 2  # threads for passwords: to look at one is meant to cost much, and anybody may send some
LENGTHS = (b"content-length", b"transfer-encoding")
DOORS = frozenset({"/sign-in/", "/api/v1/auth/token/", "/password/"})

# Django's stubs and the ASGI servers' own types do not agree: hence Any below.


class OneThread(ASGIHandler):
    """An ASGI application like Django's own; make it after `django.setup()`."""

    def __init__(self) -> None:
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(THREADS - UPLOADING - SIGNING_IN, thread_name_prefix="web")
        self._uploading = ThreadPoolExecutor(UPLOADING, thread_name_prefix="upload")
        self._signing_in = ThreadPoolExecutor(SIGNING_IN, thread_name_prefix="sign-in")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Without Django's context for threads, which nothing here changes by."""
        if scope["type"] != "http":
            raise ValueError(f"This application speaks HTTP, not {scope['type']}.")
        await self.handle(scope, receive, send)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        set_script_prefix(get_script_prefix(scope))
        request, refused = self.create_request(_measured(scope, body), body)
        try:
            if request is None:
                if refused is not None:
                    await self.send_response(refused, send)
                return
            response = await self._in_a_thread(self._answer, scope, request, threads=self._threads_for(scope))
            if response.streaming:
                await self._stream(response, receive, send)
            else:
                await self.send_response(response, send)
        finally:
            body.close()

    def _threads_for(self, scope: Any) -> ThreadPoolExecutor:
        if scope["method"] == "POST" and scope["path"] in DOORS:
            return self._signing_in
        return self._uploading if COUNTED in scope else self._threads

    def _answer(self, scope: Any, request: ASGIRequest) -> HttpResponseBase:
        """In a thread of the pool: everything from the first middleware to the last. What is whole is closed here."""
        signals.request_started.send(sender=self.__class__, scope=scope)
        response = self.get_response(request)
        response._handler_class = self.__class__  # type: ignore[attr-defined]  # the sender of request_finished
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if response.streaming:
            close_old_connections()
        else:
            response.close()
        return response

    async def _stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Send it piece by piece, and stop reading when the client has gone."""
        sending = asyncio.ensure_future(self.send_response(response, send))
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            ended = await asyncio.gather(sending, leaving, return_exceptions=True)
            await self._in_a_thread(response.close)
        if isinstance(ended[0], Exception) and not leaving.done():
            raise ended[0]

    async def _in_a_thread(
        self, call: Callable[..., Any], *arguments: Any, threads: ThreadPoolExecutor | None = None
    ) -> Any:
        context, loop = contextvars.copy_context(), asyncio.get_running_loop()
        return await loop.run_in_executor(threads or self._threads, context.run, call, *arguments)


def _measured(scope: Any, body: IO[bytes]) -> Any:
    """A body that came in chunks is told by its length: Django and its parsers take one without for none at all."""
    if not any(name.lower() == b"transfer-encoding" for name, _ in scope["headers"]):
        return scope
    length = body.seek(0, os.SEEK_END)
    body.seek(0)
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in LENGTHS]
    return {**scope, "headers": [*kept, (b"content-length", str(length).encode())]}
