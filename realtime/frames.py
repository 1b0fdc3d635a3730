"""What goes over the wire: text that is built once, however many sockets it is for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

OPTIONS = orjson.OPT_UTC_Z


def durable(*, position: int, type: str, at: datetime, data: Any) -> str:
    return _text({"type": type, "position": position, "at": at, "data": data})


def ephemeral(*, type: str, at: datetime, data: Any) -> str:
    return _text({"type": type, "at": at, "data": data})


def connected(position: int) -> str:
    return _text({"type": "connected", "position": position})


def reset(position: int) -> str:
    """What was asked for is gone: fetch everything anew; events go on after `position`."""
    return _text({"type": "reset", "position": position})


def refused(topics: Sequence[str]) -> str:
    """These topics do not exist for the listener (any more)."""
    return _text({"type": "refused", "topics": sorted(topics)})


def error(code: str, detail: str) -> str:
    return _text({"type": "error", "code": code, "detail": detail})


PING = '{"type":"ping"}'
PONG = '{"type":"pong"}'


def joined(waiting: Sequence[str]) -> str:
    """One frame for all that waits: an object, or an array of several."""
    return waiting[0] if len(waiting) == 1 else f"[{','.join(waiting)}]"


def _text(content: dict[str, Any]) -> str:
    return orjson.dumps(content, option=OPTIONS, default=str).decode()
