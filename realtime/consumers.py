"""`/ws/`: lets people in, does what they ask, shows them out. What they get is `realtime.sockets`' business."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error as DatabaseError

from accounts.refusals import NotAllowed, NotSignedIn, Refusal, TooMany
from realtime import asking, audiences, door, frames
from realtime.asking import Asked
from realtime.door import Arrival, Guest
from realtime.hub import Hub, hub
from realtime.sockets import TOO_FAR_BEHIND, Socket
from realtime.standing import Listening, Standing
from realtime.threads import in_thread

WHO_ARE_YOU, NOT_YOURS, TOO_MANY = 4401, 4403, 4429
SAY_WHO_WITHIN = 10.0
HELD_SECONDS = 0.3  # so long a client has for its `resume` before it is live from where it came in
PING_SECONDS, SILENT_SECONDS = 60.0, 150.0  # nothing heard: asked once, then shown out
NAMELESS = 100  # sockets of one address, in one process, that may still have to say who they are
CLOSED_WITHIN = 2.0
LET_GO_SECONDS = 0.02  # until the server has noticed that nobody waits for a message any more

FORGOTTEN = Arrival({}, {})

log = logging.getLogger(__name__)


def code_of(refusal: Refusal) -> int:
    if isinstance(refusal, NotSignedIn):
        return WHO_ARE_YOU
    return TOO_MANY if isinstance(refusal, TooMany) else NOT_YOURS


class LiveConsumer(AsyncWebsocketConsumer):
    """One WebSocket. It uses no channel layer: events come through the fan-out of the process (decision 0010)."""

    channel_layer_alias = "none"

    hub: Hub
    guest: Guest | None = None
    socket: Socket | None = None
    topics: frozenset[str] = frozenset()
    _listening: Listening | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.base_send, self.hub = scope, send, hub()
        self._task = asyncio.current_task()
        self._timers: list[asyncio.TimerHandle] = []
        self._ending: asyncio.Task[None] | None = None
        self._hearing: asyncio.Future[Any] | None = None
        self._seat: str | None = None
        self._place: str | None = None
        self._nameless = False
        self._looks: frozenset[str] = frozenset()
        self._patience, self._heard_at, self._pinged_at = asking.Patience(), time.monotonic(), 0.0
        try:
            while True:  # Channels' own makes more tasks a socket, to wait for several sources; here is one
                await self.dispatch(await self._hear(receive))
        except StopConsumer:
            return
        except asyncio.CancelledError:
            if self._ending is None:
                raise
        finally:
            await self._leave()

    async def _hear(self, receive: Any) -> dict[str, Any]:
        """The next message. Granian sends no close while somebody waits for one, so `_end` ends the waiting first."""
        if self._ending is None:
            self._hearing = asyncio.ensure_future(receive())
            try:
                return cast(dict[str, Any], await self._hearing)
            except asyncio.CancelledError:
                if self._ending is None:
                    raise
        await self._ending
        return {"type": "websocket.disconnect"}

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels' own asks a thread to close database connections at every frame; none are used here."""
        if message["type"] == "websocket.disconnect":
            raise StopConsumer
        if self._ending is not None:
            return
        try:
            if message["type"] == "websocket.connect":
                await self._arrive()
            else:
                await self._asked(message.get("text") or message.get("bytes") or "")
        except Refusal as refusal:
            self.end(code_of(refusal), refusal.detail)
        except DatabaseError as error:
            log.warning("A socket was closed because PostgreSQL did not answer: %s", error)
            self.end(TOO_FAR_BEHIND, "The gateway's record does not answer. Try again.")

    # --- coming in

    async def _arrive(self) -> None:
        await self.accept()
        self._arrival = Arrival.of(self.scope)
        self._later(SAY_WHO_WITHIN, self._nobody)
        await self._take_place()
        guest = await in_thread(door.by_handshake, self._arrival)
        if guest is not None:
            await self._let_in(guest)
        elif self.hub.nameless[self._arrival.address] >= NAMELESS:
            raise TooMany("Too many connections of your network have not said who they are.")
        else:
            self._nameless = True
            self.hub.nameless[self._arrival.address] += 1

    async def _take_place(self) -> None:
        """Count this socket to its address; one that came by a socket file has none."""
        if not self._arrival.address:
            return
        self._place = await self.hub.seats.take(f"address:{self._arrival.address}", most=settings.SOCKETS_PER_ADDRESS)
        if self._place is None:
            raise TooMany("Your network has too many live connections open.")

    def _named(self) -> None:
        if self._nameless:
            self._nameless = False
            self.hub.nameless -= Counter({self._arrival.address: 1})

    def _nobody(self) -> None:
        if self.guest is None:
            self.end(WHO_ARE_YOU, "Nobody said in time who this is.")
        elif self.socket is None:
            self.end(TOO_FAR_BEHIND, "The gateway's record does not answer. Try again.")

    async def _let_in(self, guest: Guest) -> None:
        self._named()
        self._seat = await self.hub.seats.take(f"user:{guest.rights.user_id}", most=settings.SOCKETS_PER_USER)
        if self._seat is None:
            raise TooMany(f"You have {settings.SOCKETS_PER_USER} live connections open. Close some first.")
        self.guest = guest
        await self.hub.join(self)
        self.socket = Socket(self.hub.fanout, self._send_text, self.end)
        self.socket.start(self._keys())
        after = self._arrival.query.get("after", [""])[0]
        topics = asking.topics_of(self._arrival.query.get("topic", []))
        self._forget_arrival()
        if after.isdecimal() or topics:
            await self._resume(Asked("resume", topics, int(after) if after.isdecimal() else self.hub.fanout.position))
        else:
            self._later(HELD_SECONDS, self._begin)

    def _begin(self) -> None:
        self._timers.clear()
        if self.socket is not None:
            self.socket.begin()

    def _forget_arrival(self) -> None:
        """Thousands of sockets need not keep how they came."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._arrival = FORGOTTEN
        self.scope["headers"].clear()  # the server has the same list
        self.scope.clear()

    # --- what clients ask for

    async def _asked(self, text: str | bytes) -> None:
        try:
            asked = asking.read(text)
        except asking.BadFrame as refusal:
            self._patience.spend(None)
            if self.socket is None:
                raise NotSignedIn("The first frame must be `authenticate`.") from refusal
            self.socket.say(frames.error(refusal.code, refusal.detail))
            return
        self._patience.spend(asked)
        self._heard_at = time.monotonic()
        if asked.action == "authenticate":
            await self._authenticate(asked)
        elif self.socket is None:
            raise NotSignedIn("The first frame must be `authenticate`.")
        else:
            await self._obey(self.socket, asked)

    async def _obey(self, socket: Socket, asked: Asked) -> None:
        if asked.action == "ack":
            socket.acknowledge(asked.position)
            return
        if asked.action == "pong":
            return
        if asked.action == "resume":
            await self._resume(asked)
        elif asked.action == "subscribe":
            await self._subscribe(asked.topics)
            socket.listen(self._keys())
        elif asked.action == "unsubscribe":
            self.topics -= asked.topics
            socket.listen(self._keys())
            await self.hub.presence.leave(str(self._seat), asked.topics)
            self._looks -= asked.topics
        elif asked.action == "look":
            await self._look(socket, asked.topics)
        else:
            socket.pong()
        socket.begin()

    async def _authenticate(self, asked: Asked) -> None:
        """The first time it lets in; afterwards it renews a stay that hangs on a token."""
        guest = await in_thread(door.by_token, asked.token)
        if self.guest is None:
            await self._let_in(guest)
        elif guest.credential != self.guest.credential:
            raise NotAllowed("This socket belongs to somebody else.")
        else:
            self.guest = guest

    async def _resume(self, asked: Asked) -> None:
        await self._subscribe(asked.topics)
        if self.socket is not None:
            self.socket.resume(asked.position, self._keys())

    async def _subscribe(self, topics: frozenset[str]) -> None:
        """What comes unasked anyway may be asked for, and changes nothing."""
        if self.guest is None or not (topics := topics - audiences.keys_of(self.guest.rights)):
            return
        if len(self.topics | topics) > asking.TOPICS:
            raise TooMany(f"A socket may have {asking.TOPICS} topics at most.")
        allowed = await in_thread(audiences.audible, self.guest.rights, topics)
        if refused := topics - allowed:
            self.end(NOT_YOURS, "There is no such topic that you may listen to.", last=frames.refused(sorted(refused)))
        self.topics |= allowed

    async def _look(self, socket: Socket, topics: frozenset[str]) -> None:
        """People are seen, machines are not; and only where they listen, which was asked for then."""
        if self.guest is None or self.guest.rights.key_id is not None or topics - self.topics:
            socket.say(frames.error("bad_frame", "People look at topics that they have subscribed to."))
            return
        await self.hub.presence.leave(str(self._seat), self._looks - topics)
        for topic in topics - self._looks:
            await self.hub.presence.look(str(self._seat), topic, self.guest.rights.user_id)
        self._looks = topics

    def _keys(self) -> frozenset[str]:
        return (audiences.keys_of(self.guest.rights) if self.guest else frozenset()) | self.topics

    # --- watched by the hub

    def listening(self) -> Listening:
        """The same object as long as nothing changes: it is asked for every few seconds, of thousands."""
        assert self.guest is not None  # noqa: S101 - only guests join the hub
        guest, now = self.guest, self._listening
        asked = Listening(guest.credential, guest.session, self.topics, guest.stamp)
        if now is None or now != asked:
            self._listening = now = asked
        return now

    def stands(self, standing: Standing) -> None:
        if standing.rights is None:
            self.end(WHO_ARE_YOU, "Your session, key, password or account is no longer what it was. Sign in again.")
            return
        lost = self.topics - standing.topics
        if self.guest is None or self.socket is None or not (lost or standing.rights != self.guest.rights):
            return
        self.guest = replace(self.guest, rights=standing.rights)
        self.topics = standing.topics
        self.socket.listen(self._keys())
        if lost:
            self.hub.presence.leave_soon(str(self._seat), lost)
            self._looks -= lost
            self.socket.say(frames.refused(sorted(lost)))

    def looked_after(self) -> None:
        if self.socket is not None:
            self.socket.looked_after(time.monotonic())
        if self.guest is not None and self.guest.until is not None and self.guest.until <= time.time():
            self.end(WHO_ARE_YOU, "Your token has expired. Send a new one.")
        silent = time.monotonic() - self._heard_at
        if silent > SILENT_SECONDS:
            self.end(TOO_FAR_BEHIND, "Nothing was heard from you. Answer a ping, or send one once a minute.")
        elif silent > PING_SECONDS and self._pinged_at < self._heard_at and self.socket is not None:
            self._pinged_at = time.monotonic()
            self.socket.say(frames.PING)

    # --- going out

    def end(self, code: int, reason: str, *, last: str = "") -> None:
        """Show the client out; the first code counts. Returns at once."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end(code, reason, last))

    async def _end(self, code: int, reason: str, last: str) -> None:
        if self.socket is not None:
            await self.socket.stop()
        if self._hearing is not None and not self._hearing.done():
            self._hearing.cancel()
            await asyncio.sleep(LET_GO_SECONDS)
        try:
            async with asyncio.timeout(CLOSED_WITHIN):
                if last:
                    await self.send(text_data=last)
                await self.close(code=code, reason=reason[:120])
        except (TimeoutError, RuntimeError, OSError) as error:
            log.debug("A socket was gone before it was closed: %r", error)
        if self._task is not None:  # a client that does not answer the close is not waited for
            self._timers.append(asyncio.get_running_loop().call_later(CLOSED_WITHIN, self._task.cancel))

    async def _leave(self) -> None:
        for timer in self._timers:
            timer.cancel()
        if self.socket is not None:
            await self.socket.stop()
        self.hub.part(self)
        self._named()
        if self._seat is not None:
            await self.hub.presence.leave(self._seat)
        for seat in (self._seat, self._place):
            if seat is not None:
                await self.hub.seats.leave(seat)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(seconds, call))

    def _send_text(self, text: str) -> Awaitable[None]:
        """Straight to the server: two coroutines of Channels' less for each frame."""
        return self.base_send({"type": "websocket.send", "text": text})
