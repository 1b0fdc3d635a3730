"""Presence: who looks at a topic now, over all web processes and machines. Nothing of it is kept.

Each socket that looks stands in a sorted set of Redis, by the time at which it lapses; its process says every few
seconds that it still looks, so that of a process that died nobody is there any more after `LAPSES`. One script of Redis
takes each step, drops who has lapsed, and publishes who is there when that has changed: everybody hears one order.
Without Redis each process tells its own sockets of each other.
"""

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime

import orjson
import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.models import User
from realtime import bell, frames
from realtime.catalogue import Presence as Told
from realtime.fanout import Fanout
from realtime.keeping import Kept
from realtime.threads import in_thread

LAPSES = 9.0  # seconds
SAID_EVERY = 3.0
MOST = 50  # people that are named

STEP = """
local now = redis.call('TIME')
local at = tonumber(now[1]) + tonumber(now[2]) / 1000000
local act, lapses, topic = ARGV[1], tonumber(ARGV[2]), cjson.encode(ARGV[3])
local changed = redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at)
for n = 7, #ARGV do
    if act == 'look' then
        changed = changed + redis.call('ZADD', KEYS[1], at + lapses, ARGV[n])
    else
        changed = changed + redis.call('ZREM', KEYS[1], ARGV[n])
    end
end
redis.call('EXPIRE', KEYS[1], math.ceil(lapses) + 1)
if changed == 0 then return 0 end
local people, seen = {}, {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local person = string.sub(member, string.find(member, ' ', 1, true) + 1)
    if not seen[person] and #people < tonumber(ARGV[5]) then
        seen[person] = true
        people[#people + 1] = person
    end
end
local frame = '{"type":"presence","at":"' .. ARGV[6] .. '","data":{"topic":' .. topic
    .. ',"people":[' .. table.concat(people, ',') .. ']}}'
redis.call('PUBLISH', ARGV[4], '{"to":[' .. topic .. '],"of":' .. cjson.encode('presence ' .. ARGV[3])
    .. ',"frame":' .. cjson.encode(frame) .. '}')
return changed
"""

log = logging.getLogger(__name__)


class Presence:
    """Those who look through the sockets of one process. Belongs to one event loop."""

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._here: dict[str, dict[str, str]] = {}  # topic: socket: the person as JSON
        self._keeping: Kept | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._redis = redis.asyncio.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=0.2,
            socket_timeout=0.5,
            retry=Retry(NoBackoff(), 0),
            client_name="kmrl-presence",
        )

    async def look(self, socket: str, topic: str, user_id: int) -> None:
        """From now on this socket's person is seen to look at the topic. Who may know was asked before."""
        person = await in_thread(_person, user_id)
        self._here.setdefault(topic, {})[socket] = person
        if self._keeping is None:
            self._keeping = Kept("Presence", self._keep_for_ever)
        await self._step("look", topic, [f"{socket} {person}"])

    async def leave(self, socket: str, topics: Collection[str] | None = None) -> None:
        """This socket looks no longer at these topics, or at any."""
        for topic in list(self._here) if topics is None else topics:
            person = self._here.get(topic, {}).pop(socket, None)
            if person is not None:
                if not self._here[topic]:
                    del self._here[topic]
                await self._step("leave", topic, [f"{socket} {person}"])

    def leave_soon(self, socket: str, topics: Collection[str]) -> None:
        """As `leave`, for who cannot wait."""
        task = asyncio.get_running_loop().create_task(self.leave(socket, topics))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Nobody looks through this process any more."""
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            await keeping.stop()
        for topic, sockets in list(self._here.items()):
            del self._here[topic]
            await self._step("leave", topic, [f"{socket} {person}" for socket, person in sockets.items()])
        await self._redis.aclose()

    async def _keep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SAID_EVERY)
            for topic, sockets in list(self._here.items()):
                await self._step("look", topic, [f"{socket} {person}" for socket, person in sockets.items()])

    async def _step(self, act: str, topic: str, members: Collection[str]) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        args: list[str | float] = [act, LAPSES, topic, bell.channel(), MOST, at, *members]
        try:
            await self._redis.eval(STEP, 1, name_of(topic), *args)
        except (redis.RedisError, OSError) as error:
            log.debug("Who looks is known in this process only: %s", error)
            self._tell_here(topic)

    def _tell_here(self, topic: str) -> None:
        people = sorted(set(self._here.get(topic, {}).values()))[:MOST]
        told = Told(topic=topic, people=[orjson.loads(person) for person in people])
        frame = frames.ephemeral(type=told.type, at=datetime.now(UTC), data=told.data())
        self._fanout.deliver_ephemeral([topic], f"presence {topic}", frame)


def name_of(topic: str) -> str:
    """Of the set of those who look, in Redis."""
    return f"{bell.channel()}:looking:{topic}"


def _person(user_id: int) -> str:
    """The name as others see it; nothing else is told of anybody."""
    user = User.objects.get(pk=user_id)
    return orjson.dumps({"id": user.pk, "name": user.get_full_name() or user.get_username()}).decode()
