"""What pages of other origins may do with the API: those that KMRL_TRUSTED_ORIGINS names, with a token or a key.

Their browsers are told so here (CORS). Cookies are not taken along: a page elsewhere never acts as whoever is signed in
at the gateway. It stands around everything, so that refusals at the door of uploads can be read there, too.
"""

from typing import Any

from django.conf import settings

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
HEADERS = b"Authorization, X-API-Key, Content-Type, Idempotency-Key, Accept-Language, Range, If-None-Match"
EXPOSED = b"Retry-After, Location, ETag, Content-Range, Content-Disposition, Accept-Ranges"
REMEMBERED_SECONDS = b"600"


class OtherOrigins:
    """An ASGI application around `app`; costs a look at the headers where a browser names its origin."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        origin = _origin(scope) if scope["type"] == "http" and scope["path"].startswith("/api/") else b""
        if not origin or origin.decode("latin-1") not in settings.CSRF_TRUSTED_ORIGINS:
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and _asks_first(scope):
            await _allow(origin, send)
        else:

            async def send_with_leave(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [*message.get("headers", ()), *_leave(origin)]}
                await send(message)

            await self._app(scope, receive, send_with_leave)


def _origin(scope: Any) -> bytes:
    return next((bytes(value) for name, value in scope["headers"] if name == b"origin"), b"")


def _asks_first(scope: Any) -> bool:
    return any(name == b"access-control-request-method" for name, _value in scope["headers"])


def _leave(origin: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", EXPOSED),
        (b"vary", b"Origin"),
    ]


async def _allow(origin: bytes, send: Any) -> None:
    headers = [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", HEADERS),
        (b"access-control-max-age", REMEMBERED_SECONDS),
        (b"vary", b"Origin"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
