"""Where sockets lead: `/ws/`, and nowhere else."""

from typing import Any

from django.urls import URLPattern, re_path

from realtime.consumers import LiveConsumer


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Refuses the handshake: there is nothing at this address."""
    await receive()
    await send({"type": "websocket.close"})


websocket_urlpatterns: list[URLPattern] = [
    re_path(r"^ws/$", LiveConsumer.as_asgi()),
    re_path(r"", _nowhere),  # type: ignore[arg-type]  # an ASGI application, as Channels wants it
]
