"""How many sockets a person has open, over all web processes: counted in Redis, else in this process alone."""

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
        self._here: Counter[int] = Counter()
        self._taken: dict[str, int] = {}
        self._redis = redis.asyncio.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=0.2,
            socket_timeout=0.5,
            retry=Retry(NoBackoff(), 0),
            client_name="kmrl-seats",
        )

    async def take(self, user_id: int) -> str | None:
        """A seat, to be given back with `leave`; None when the person has too many sockets open."""
        if self._here[user_id] >= settings.SOCKETS_PER_USER:
            return None
        seat = secrets.token_hex(8)
        self._here[user_id] += 1
        self._taken[seat] = user_id
        try:
            args = (seat, time.time(), KEPT_SECONDS, settings.SOCKETS_PER_USER)
            free = await self._redis.eval(TAKE, 1, _name(user_id), *args)
        except (redis.RedisError, OSError) as error:
            log.debug("Sockets are counted in this process only: %s", error)
            return seat
        if not free:
            await self.leave(seat)
            return None
        return seat

    async def leave(self, seat: str) -> None:
        user_id = self._taken.pop(seat)
        self._here[user_id] -= 1
        if not self._here[user_id]:
            del self._here[user_id]
        try:
            await self._redis.zrem(_name(user_id), seat)
        except (redis.RedisError, OSError) as error:
            log.debug("A seat is given back by its age: %s", error)

    async def keep(self) -> None:
        """Say that all seats of this process are still taken."""
        by_user: dict[int, dict[str, float]] = {}
        for seat, user_id in self._taken.items():
            by_user.setdefault(user_id, {})[seat] = time.time() + KEPT_SECONDS
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for user_id, seats in by_user.items():
                    pipe.zadd(_name(user_id), seats)
                    pipe.expire(_name(user_id), KEPT_SECONDS)
                await pipe.execute()
        except (redis.RedisError, OSError) as error:
            log.debug("Seats were not kept in Redis: %s", error)

    async def close(self) -> None:
        await self._redis.aclose()


def _name(user_id: int) -> str:
    return f"{settings.REDIS_PREFIX}:sockets:{user_id}"
