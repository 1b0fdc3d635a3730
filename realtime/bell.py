"""The bell: a wake-up to every web process through Redis pub/sub. Losing a ring loses nothing: tails poll too.

One synchronous connection a process, 0.2 s at most, and after a failure a second of silence: whoever rings is a worker
or a request that has just committed and must not wait for Redis. (Decision 0010 says why no channel layer.)
"""

import time
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import orjson
import redis
from django.conf import settings
from django.db import connection, transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from realtime import frames

LIMIT_SECONDS = 0.2
SILENT_SECONDS = 1.0
RING = b"ring"


class _Silence:
    """Until when nothing is tried, because Redis did not answer."""

    until = 0.0


def channel() -> str:
    """The name of this gateway's bell: Redis pub/sub knows no database numbers, so two on one server need two names."""
    return f"{settings.REDIS_PREFIX}:bell:{settings.REDIS_URL.rpartition('/')[2]}:{connection.settings_dict['NAME']}"


def ring() -> None:
    """Say that something is there to be told. Never raises and never waits longer than 0.2 s."""
    _publish([RING])


def words() -> tuple[str | bytes, ...]:
    """The Redis command that rings, for who has more to say in the same breath."""
    return "PUBLISH", channel(), RING


def ring_on_commit() -> None:
    """Ring once when the caller's transaction commits, however often it is asked for."""
    if not any(entry[1] is ring for entry in connection.run_on_commit):
        transaction.on_commit(ring)


def publish_ephemeral(*, type: str, at: datetime, audience: list[str], data: dict[str, Any]) -> None:
    """Hand an event without position to every web process. Never raises."""
    frame = frames.ephemeral(type=type, at=at, data=data)
    _publish([orjson.dumps({"to": audience, "of": f"{type} {data.get('id', '')}", "frame": frame})])


@cache
def _line() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=LIMIT_SECONDS,
        socket_timeout=LIMIT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        client_name="kmrl-bell",
    )


def _publish(messages: Iterable[bytes]) -> None:
    if time.monotonic() < _Silence.until:
        return
    try:
        for message in messages:
            _line().publish(channel(), message)
    except (redis.RedisError, OSError):
        _Silence.until = time.monotonic() + SILENT_SECONDS
