"""One listener's side of the stream: what it still has to get, in what order, and how far it may lie behind.

Nothing here knows about WebSockets: `send` takes text, `close` takes a code. A socket either *catches up* (it reads
stretches of the log) or is *live* (the fan-out offers it each event). It goes live in one step of the event loop, when
it has read up to the position that the fan-out has reached, so there is neither gap nor double.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from django.db import Error as DatabaseError

from realtime import frames
from realtime import log as event_log
from realtime.fanout import Fanout
from realtime.threads import in_thread

UNACKNOWLEDGED = 2_000
PASSING = 500  # ephemeral events of different things that wait at most
READ_AT_ONCE = 500
ACKNOWLEDGED_WITHIN = 15.0  # seconds, while the rest of a replay waits
SENT_WITHIN = 30.0
FRAME_CHARACTERS = 256_000
TOO_FAR_BEHIND = 4408

log = logging.getLogger(__name__)


@dataclass
class Stretch:
    """A part of the log that is to be read: after a position, up to another (None: until live)."""

    after: int
    upto: int | None = None
    without: frozenset[str] = frozenset()
    read: bool = False


class Socket:
    """A listener of the fan-out with a bounded buffer and one pump."""

    def __init__(
        self, fanout: Fanout, send: Callable[[str], Awaitable[None]], close: Callable[[int, str], None]
    ) -> None:
        self.fanout = fanout
        self.keys: frozenset[str] = frozenset()
        self.live = False
        self._send, self._close = send, close
        self._low = self._cursor = fanout.position
        self._generation = 0
        # Lists, since an empty deque takes 600 bytes, an event holds one, and there are thousands of sockets at rest.
        self._stretches: list[Stretch] = []
        self._waiting: list[str] = []
        self._passing: dict[str, str] = {}
        self._owed: list[int] = []  # positions that the client has not acknowledged
        self._resting: asyncio.Future[None] | None = None  # there while the pump waits for something to do
        self._acknowledged: asyncio.Event | None = None  # there while somebody waits for it
        self._pump: asyncio.Task[None] | None = None
        self._pongs = 0
        self._sending_since: float | None = None

    # --- told by the consumer

    def start(self, keys: Collection[str]) -> int:
        """Listen from here on; what is told is held back until `begin` or `resume`. The position it starts at."""
        self._low = self._cursor = self.fanout.position
        self.listen(keys)
        self._waiting.append(frames.connected(self._cursor))
        self._pump = asyncio.create_task(self._pump_for_ever())
        self._pump.add_done_callback(self._pumped)
        return self._cursor

    async def stop(self) -> None:
        self.fanout.leave(self)
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    @property
    def begun(self) -> bool:
        return self.live or bool(self._stretches)

    def begin(self) -> None:
        """Go live from where it started, unless it did already."""
        if not self.begun:
            self._stretches.append(Stretch(self._cursor, read=True))
            self._wake()

    def listen(self, keys: Collection[str]) -> None:
        """Hear exactly these keys from the next event on."""
        if self.keys != frozenset(keys):
            self._generation += 1  # what is being read for the keys of before is read again
        self.keys = frozenset(keys)
        self.fanout.listen(self, self.keys)

    def resume(self, after: int, keys: Collection[str]) -> None:
        """Get all that was told to `keys` after a position and was not sent here, then go on live."""
        fresh, before = frozenset(keys) - self.keys, self.keys
        self.listen(keys)
        self._generation += 1
        if not self.begun:
            self._low = self._cursor = after
            self._stretches.append(Stretch(after))
        else:
            self._resume_late(after, fresh, before)
        self._wake()

    def _resume_late(self, after: int, fresh: frozenset[str], before: frozenset[str]) -> None:
        """Something was sent already: only what was not is read again, although it then comes out of order."""
        again = [stretch for stretch in self._stretches if stretch.upto is not None]
        if fresh and max(after, self._low) < self._cursor:
            again.append(Stretch(max(after, self._low), self._cursor, without=before))
        if after < self._low:
            again.insert(0, Stretch(after, self._low))
            self._low = after
        self.live = False
        self._stretches = [*again, Stretch(self._cursor, read=True)]

    def acknowledge(self, position: int) -> None:
        count = next((n for n, owed in enumerate(self._owed) if owed > position), len(self._owed))
        del self._owed[:count]
        if self._acknowledged is not None:
            self._acknowledged.set()

    def say(self, frame: str) -> None:
        """Send this behind all that waits, whether or not there is anything else."""
        self._waiting.append(frame)
        self._wake()

    def pong(self) -> None:
        """Answer a ping behind everything that was due when it came, a replay included."""
        self._pongs += 1
        self._wake()

    # --- told by the fan-out

    def offer(self, position: int, frame: str) -> None:
        if not self.live or position <= self._cursor:
            return
        self._cursor = position
        self._queue(position, frame)
        if len(self._owed) > UNACKNOWLEDGED:
            self._give_up("More than 2,000 events were not acknowledged. Resume from the last one that you have.")

    def offer_ephemeral(self, of: str, frame: str) -> None:
        self._passing.pop(of, None)
        self._passing[of] = frame
        if len(self._passing) > PASSING:
            del self._passing[next(iter(self._passing))]
        self._wake()

    def rewound(self, position: int) -> None:
        self._generation += 1
        self._waiting.clear()
        self._owed.clear()
        self._stretches.clear()
        self._low = self._cursor = position
        self.live = True
        self.say(frames.reset(position))

    # --- the pump

    async def _pump_for_ever(self) -> None:
        while True:
            if self._stretches:
                await self._catch_up()
            if text := self._taken():
                self._sending_since = time.monotonic()
                await self._send(text)
                self._sending_since = None
            elif not self._stretches:
                self._resting = asyncio.get_running_loop().create_future()
                await self._resting
                self._resting = None

    def _wake(self) -> None:
        if self._resting is not None and not self._resting.done():
            self._resting.set_result(None)

    def looked_after(self, now: float) -> None:
        """Give up a client that does not take what is sent. Asked every few seconds: a timer for each frame is dear."""
        if self._sending_since is not None and now - self._sending_since > SENT_WITHIN:
            self._sending_since = None
            self._give_up("A frame could not be sent in time.")

    def _pumped(self, pump: asyncio.Task[None]) -> None:
        if not pump.cancelled() and (error := pump.exception()) is not None:
            log.info("A socket cannot be sent to: %r", error)
            self._give_up("Sending failed.")

    def _taken(self) -> str:
        """What waits, as one frame of bounded size; passing events first, so that what lasts is seen last."""
        if len(self._waiting) == 1 and not self._passing and not self._pongs:
            return self._waiting.pop()
        taken, size, count = list(self._passing.values()), 0, 0
        self._passing.clear()
        while count < len(self._waiting) and size < FRAME_CHARACTERS:
            size += len(self._waiting[count])
            count += 1
        taken += self._waiting[:count]
        del self._waiting[:count]
        if self._pongs and not self._waiting and not self._stretches:
            taken += [frames.PONG] * self._pongs
            self._pongs = 0
        return frames.joined(taken) if taken else ""

    async def _catch_up(self) -> None:
        """Read the next piece of the first stretch, or go live when all is read."""
        stretch = self._stretches[0]
        if stretch.upto is None and self._joined(stretch):
            return
        if len(self._owed) > UNACKNOWLEDGED - READ_AT_ONCE and not self._waiting:
            await self._acknowledgement()
            return
        if self._waiting:
            return
        generation = self._generation
        missed = await self._read(stretch)
        if generation != self._generation:
            return
        if missed.reset:
            self._waiting.append(frames.reset(missed.position))
        for line in missed.lines:
            self._queue(
                line.position, frames.durable(position=line.position, type=line.type, at=line.at, data=line.data)
            )
        stretch.after, stretch.read = missed.position, True
        if stretch.upto is None:
            self._cursor = missed.position
        elif missed.complete:
            self._stretches.pop(0)

    def _joined(self, stretch: Stretch) -> bool:
        """Go live if the fan-out has told nothing that this socket has not read. No `await` lies in between."""
        if self._cursor == self.fanout.position or (stretch.read and self._cursor > self.fanout.position):
            self._stretches.pop(0)
            self.live = True
        return self.live

    async def _read(self, stretch: Stretch) -> event_log.Missed:
        """Tries until PostgreSQL answers."""
        wait = 0.1
        while True:
            try:
                return await in_thread(
                    event_log.missed,
                    stretch.after,
                    upto=stretch.upto,
                    keys=self.keys,
                    without=stretch.without,
                    limit=READ_AT_ONCE,
                )
            except DatabaseError as error:
                log.warning("A replay after position %s waits for PostgreSQL: %s", stretch.after, error)
                await asyncio.sleep(wait)
                wait = min(2.0, wait * 2)

    async def _acknowledgement(self) -> None:
        self._acknowledged = asyncio.Event()
        try:
            async with asyncio.timeout(ACKNOWLEDGED_WITHIN):
                await self._acknowledged.wait()
            self._acknowledged = None
        except TimeoutError:
            self._give_up("The events of a replay were not acknowledged.")
            await asyncio.Event().wait()  # until the consumer stops the pump

    def _queue(self, position: int, frame: str) -> None:
        self._owed.append(position)
        self._waiting.append(frame)
        self._wake()

    def _give_up(self, reason: str) -> None:
        self.live = False
        self.fanout.leave(self)
        self._close(TOO_FAR_BEHIND, reason)
