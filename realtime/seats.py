"""How many sockets a person, or an address, has open over all web processes: counted in Redis, else here alone.

A holder is `user:<id>` or `address:<address>`.
"""

import logging
import secrets
import time
from collections import Counter

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

KEPT_SECONDS = 60  # a process that died gives its seats back after this
TAKE = """
local now = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[3]))
return 1
"""

log = logging.getLogger(__name__)


class Seats:
    """The seats of one process. Belongs to one event loop."""

    def __init__(self) -> None:
        self._here: Counter[str] = Counter()
        self._taken: dict[str, str] = {}
        self._redis = redis.asyncio.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=0.2,
            socket_timeout=0.5,
            retry=Retry(NoBackoff(), 0),
            client_name="kmrl-seats",
        )

    async def take(self, holder: str, *, most: int) -> str | None:
        """A seat, to be given back with `leave`; None when the holder has as many sockets open as allowed."""
        if self._here[holder] >= most:
            return None
        seat = secrets.token_hex(8)
        self._here[holder] += 1
        self._taken[seat] = holder
        try:
            free = await self._redis.eval(TAKE, 1, _name(holder), seat, time.time(), KEPT_SECONDS, most)
        except (redis.RedisError, OSError) as error:
            log.debug("Sockets are counted in this process only: %s", error)
            return seat
        if not free:
            await self.leave(seat)
            return None
        return seat

    async def leave(self, seat: str) -> None:
        holder = self._taken.pop(seat)
        self._here[holder] -= 1
        if not self._here[holder]:
            del self._here[holder]
        try:
            await self._redis.zrem(_name(holder), seat)
        except (redis.RedisError, OSError) as error:
            log.debug("A seat is given back by its age: %s", error)

    async def keep(self) -> None:
        """Say that all seats of this process are still taken."""
        by_holder: dict[str, dict[str, float]] = {}
        for seat, holder in self._taken.items():
            by_holder.setdefault(holder, {})[seat] = time.time() + KEPT_SECONDS
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for holder, seats in by_holder.items():
                    pipe.zadd(_name(holder), seats)
                    pipe.expire(_name(holder), KEPT_SECONDS)
                await pipe.execute()
        except (redis.RedisError, OSError) as error:
            log.debug("Seats were not kept in Redis: %s", error)

    async def close(self) -> None:
        await self._redis.aclose()


def _name(holder: str) -> str:
    return f"{settings.REDIS_PREFIX}:sockets:{holder}"
