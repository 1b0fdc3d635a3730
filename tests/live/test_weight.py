"""What a socket that nothing happens to takes: there are thousands of them."""

import asyncio
import tracemalloc

from realtime import audiences, hub
from realtime.fanout import Fanout
from realtime.sockets import Socket
from tests.live.conftest import told

SOCKETS = 200
MOST = 2_500  # bytes of Python's memory; deques, events and their like alone would take as much again


async def test_a_socket_at_rest_takes_little():
    fanout, keys = Fanout(), frozenset({audiences.user(1)})

    async def send(text: str) -> None:
        pass

    async def open_one() -> Socket:
        made = Socket(fanout, send, lambda code, reason: None)
        made.start(keys)
        made.begin()
        return made

    warm = await open_one()
    await asyncio.sleep(0.05)
    tracemalloc.start()
    try:
        opened = [await open_one() for _ in range(SOCKETS)]
        await asyncio.sleep(0.05)
        assert all(one.live for one in opened)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    for one in (warm, *opened):
        await one.stop()
    assert taken / SOCKETS < MOST


async def test_who_was_let_in_is_not_kept_with_how_he_came(live, clerk):
    client = await live(clerk)
    await client.connected()
    (consumer,) = hub.hub()._watched
    assert await client.hears_nothing(0.5)
    assert consumer.scope == {} and consumer._timers == [] and not consumer._arrival.headers
    await told("rain on the viaduct")
    assert (await client.next())["data"]["detail"] == "rain on the viaduct"
