"""The live part of one process: fan-out, tail and the watch over rights, which run while there are sockets."""

import asyncio
import gc
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Protocol
from weakref import WeakKeyDictionary

from django.db import Error as DatabaseError

from realtime.fanout import Fanout
from realtime.keeping import Kept
from realtime.presence import Presence
from realtime.seats import Seats
from realtime.standing import Listening, Standing, Watch
from realtime.tail import Tail
from realtime.threads import in_thread

LINGER_SECONDS = 10.0  # a browser that goes to the next page finds everything still running
WATCH_SECONDS = 3.0
SEATS_SECONDS = 20.0
WATCHED_AT_ONCE = 100
YOUNG = 20_000  # objects; with a thousand sockets Python's 700 are made and gone many times an event

log = logging.getLogger(__name__)


class Watched(Protocol):
    """Somebody in the house whose rights are looked up again."""

    def listening(self) -> Listening: ...

    def stands(self, standing: Standing) -> None:
        """Go on with these rights, or leave."""

    def looked_after(self) -> None:
        """Called at each round: a good moment to look at the clock."""


class Hub:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self.fanout = Fanout()
        self.seats = Seats()
        self.nameless: Counter[str] = Counter()  # by address: sockets that have not said yet who they are
        self.presence = Presence(self.fanout)
        self._watched: set[Watched] = set()
        self._tail: Tail | None = None
        self._watching: Kept | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._stops: set[asyncio.Task[None]] = set()

    async def join(self, one: Watched) -> int:
        """Count one more socket, and wait until the tail has its place. `part` may be called in any case."""
        self._watched.add(one)
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if self._tail is None:
            _calm_collector()
            self._tail = Tail(self.fanout)
            self._tail.start()
            self._watching = Kept("The watch over rights", self._watch_for_ever)
        return await self._tail.placed()

    def part(self, one: Watched) -> None:
        self._watched.discard(one)
        if not self._watched and self._tail is not None and self._closing is None:
            self._closing = asyncio.get_running_loop().call_later(LINGER_SECONDS, self._close)

    async def stop(self) -> None:
        """End what runs; the next socket starts it again."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        tail, self._tail = self._tail, None
        watching, self._watching = self._watching, None
        if tail is not None:
            await tail.stop()
        if watching is not None:
            await watching.stop()
        if self._tail is None:
            await self.presence.close()
            await self.seats.close()

    def _close(self) -> None:
        self._closing = None
        task = asyncio.get_running_loop().create_task(self.stop())
        self._stops.add(task)
        task.add_done_callback(self._stops.discard)

    async def _watch_for_ever(self) -> None:
        watch, kept = Watch(), time.monotonic()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self._watch_once(watch)
            except DatabaseError as error:
                log.warning("Rights could not be looked up again: %s", error)
            if time.monotonic() - kept > SEATS_SECONDS:
                kept = time.monotonic()
                await self.seats.keep()

    async def _watch_once(self, watch: Watch) -> None:
        async for one in self._in_turn():
            one.looked_after()
        asked = {one: one.listening() async for one in self._in_turn()}
        found = await in_thread(watch.look, set(asked.values())) if asked else {}
        async for one in self._in_turn():
            if one.listening() is asked.get(one):  # else it came, or changed, meanwhile: next time
                one.stands(found[asked[one]])

    async def _in_turn(self) -> AsyncIterator[Watched]:
        """Everybody who is there, a few at a time: what is told meanwhile does not wait for thousands."""
        for number, one in enumerate(list(self._watched), start=1):
            if number % WATCHED_AT_ONCE == 0:
                await asyncio.sleep(0)
            if one in self._watched:
                yield one


def _calm_collector() -> None:
    """What the process loaded is not looked through again for garbage, and the rest less often.

    A third of the time in which 1,000 sockets were told something went there.
    """
    if gc.get_threshold()[0] < YOUNG:
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, 20, 20)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
