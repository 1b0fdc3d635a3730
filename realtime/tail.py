"""The tail: one task a web process that reads the event log's end and hands each event, built once, to the fan-out.

Woken by the bell, or by itself every second when Redis is away. Its position is a cursor: whatever breaks, it goes on
from there, so nothing is skipped and nothing is told twice.

It looks at once when nothing was told lately, and then not again for a moment: what is told meanwhile is numbered and
read together. Where nobody listens nothing is read, and the log is numbered for others a little later.
"""

import asyncio
import logging
import time
from datetime import UTC
from typing import Any

import orjson
import psycopg
import redis
import redis.asyncio
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.types.json import set_json_loads

from realtime import bell, frames, sequencer
from realtime.fanout import Fanout
from realtime.keeping import Kept

POLL_SECONDS = 1.0
APART, APART_UNHEARD = 0.02, 0.1  # seconds from look to look while the bell rings on; the second where nobody listens
BATCH = 200
OFFERS = 10_000  # a few milliseconds: so long events are put side by side, to go out in one frame for each socket
BACKOFF_SECONDS = (0.1, 0.3, 1.0, 2.0)
READ = (
    "SELECT position, type, at, audience, data FROM realtime_event"
    " WHERE position > %s AND position <= %s ORDER BY position LIMIT %s"
)

log = logging.getLogger(__name__)


class Tail:
    """Follows the log for one fan-out. `start` and `stop` belong to one event loop."""

    def __init__(self, fanout: Fanout) -> None:
        self.fanout = fanout
        self._placed = asyncio.Event()
        self._wake = asyncio.Event()
        self._kept: list[Kept] = []
        self._database = {**connections[DEFAULT_DB_ALIAS].get_connection_params()}

    def start(self) -> None:
        self._kept = [Kept("The tail", self._follow_for_ever), Kept("The tail's ear", self._hear_for_ever)]

    async def stop(self) -> None:
        """Ends both tasks and their connections."""
        kept, self._kept = self._kept, []
        for one in kept:
            await one.stop()

    async def placed(self) -> int:
        """The position that the fan-out has reached, as soon as there is one."""
        await self._placed.wait()
        return self.fanout.position

    # --- the log

    async def _follow_for_ever(self) -> None:
        failures = 0
        while True:
            try:
                async with await self._connect() as connection:
                    failures = 0
                    await self._follow(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("The tail lost PostgreSQL at position %s and tries again: %s", self.fanout.position, error)
                await asyncio.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
                failures += 1

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        params = {**self._database, "cursor_factory": psycopg.AsyncCursor, "context": None, "prepare_threshold": 1}
        connection = await psycopg.AsyncConnection.connect(
            **params, autocommit=True, application_name="kmrl-tail", connect_timeout=5
        )
        set_json_loads(orjson.loads, connection)
        return connection

    async def _follow(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            self._wake.clear()
            looked = time.monotonic()
            last = await self._number(connection)
            if not self._placed.is_set():
                self.fanout.position = last
                self._placed.set()
            elif last < self.fanout.position:
                self.fanout.rewind(last)
            elif not self.fanout:
                self.fanout.position = last  # who comes now asks the log for what was before
            while self.fanout.position < last:
                await self._tell(connection, last)
            try:
                async with asyncio.timeout(POLL_SECONDS):  # not wait_for: Python 3.11's may swallow a cancellation
                    await self._wake.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(looked + (APART if self.fanout else APART_UNHEARD) - time.monotonic())

    async def _number(self, connection: psycopg.AsyncConnection[Any]) -> int:
        found = await (await connection.execute(sequencer.NUMBER)).fetchone()
        return int(found[0]) if found else 0

    async def _tell(self, connection: psycopg.AsyncConnection[Any], last: int) -> None:
        rows = await (await connection.execute(READ, (self.fanout.position, last, BATCH))).fetchall()
        offered = 0
        for position, kind, at, audience, data in rows:
            frame = frames.durable(position=position, type=kind, at=at.astimezone(UTC), data=data)
            offered += self.fanout.deliver(position, audience, frame)
            if offered > OFFERS:
                offered = 0
                await asyncio.sleep(0)  # let the sockets' pumps run
        if len(rows) < BATCH:
            self.fanout.position = last
        await asyncio.sleep(0)

    # --- the bell

    async def _hear_for_ever(self) -> None:
        failures = 0
        while True:
            try:
                async with (
                    redis.asyncio.Redis.from_url(
                        settings.REDIS_URL, socket_connect_timeout=2, health_check_interval=15, client_name="kmrl-tail"
                    ) as client,
                    client.pubsub() as pubsub,
                ):
                    await pubsub.subscribe(bell.channel())
                    failures = 0
                    await self._hear(pubsub)
            except (redis.RedisError, OSError) as error:
                log.warning("The tail cannot hear the bell and looks every second instead: %s", error)
                await asyncio.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
                failures += 1

    async def _hear(self, pubsub: Any) -> None:
        async for message in pubsub.listen():
            self._wake.set()
            if message["type"] == "message" and message["data"] != bell.RING:
                told = orjson.loads(message["data"])
                self.fanout.deliver_ephemeral(told["to"], told["of"], told["frame"])
