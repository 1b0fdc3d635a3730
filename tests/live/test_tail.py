"""The tail keeps its place whatever breaks."""

import asyncio
import time

from django.db import connection

from realtime import audiences, bell, frames, keeping, tail
from realtime.fanout import Fanout
from realtime.tail import Tail
from realtime.threads import in_thread
from tests.live.conftest import told, told_many


class Ear:
    """A listener that keeps what it is offered."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []
        self.rewinds: list[int] = []

    def offer(self, position: int, frame: str) -> None:
        self.heard.append((position, frame))

    def offer_ephemeral(self, of: str, frame: str) -> None:
        pass

    def rewound(self, position: int) -> None:
        self.rewinds.append(position)

    async def until(self, position: int, seconds: float = 6) -> list[int]:
        async with asyncio.timeout(seconds):
            while not self.heard or self.heard[-1][0] < position:
                await asyncio.sleep(0.01)
        return [number for number, _ in self.heard]


async def tailing(*keys: str) -> tuple[Tail, Ear]:
    ear, fanout = Ear(), Fanout()
    fanout.listen(ear, keys)
    following = Tail(fanout)
    following.start()
    await following.placed()
    return following, ear


async def test_two_tails_tell_the_same(transactional_db):
    (one, ear), (other, second) = await tailing("system"), await tailing("system")
    await asyncio.gather(*(told_many(40) for _ in range(5)))
    assert await ear.until(200) == await second.until(200) == list(range(1, 201))
    assert ear.heard == second.heard
    await one.stop()
    await other.stop()


async def test_without_redis_events_arrive_within_the_poll(transactional_db, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    bell._line.cache_clear()
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.2)
    following, ear = await tailing("system")
    await told("no bell")
    assert await ear.until(1) == [1]
    await following.stop()
    bell._line.cache_clear()


async def test_ringing_without_redis_is_quick_and_then_silent(settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    bell._line.cache_clear()
    tried = []
    monkeypatch.setattr(bell, "channel", lambda: tried.append(1) or "x")
    for _ in range(50):
        bell.ring()
    assert len(tried) == 1
    bell._line.cache_clear()


async def test_the_bell_wakes_long_before_the_poll(transactional_db, monkeypatch):
    monkeypatch.setattr(tail, "POLL_SECONDS", 60)
    following, ear = await tailing("system")
    await asyncio.sleep(0.3)
    await told("ding")
    assert await ear.until(1, seconds=3) == [1]
    await following.stop()


async def test_a_killed_connection_costs_no_event(transactional_db):
    following, ear = await tailing("system")
    pids: set[int] = set()
    for round_ in range(3):
        await told_many(20)
        pids.add(await in_thread(kill_the_tail))
        await told_many(20)
        assert await ear.until(40 * (round_ + 1)) == list(range(1, 40 * (round_ + 1) + 1))
    assert len(pids) == 3
    await following.stop()


def kill_the_tail() -> int:
    """Ends the tail's connection as a restart of PostgreSQL would; its process id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'kmrl-tail' AND datname = current_database()"
        )
        ((pid, ended),) = cursor.fetchall()
    assert ended
    return pid


async def test_a_log_that_goes_back_is_told_as_such(transactional_db):
    following, ear = await tailing("system")
    await told_many(5)
    await ear.until(5)

    def restore() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM realtime_event WHERE position > 2; UPDATE realtime_head SET position = 2")

    await in_thread(restore)
    async with asyncio.timeout(5):
        while not ear.rewinds:
            await asyncio.sleep(0.02)
    assert ear.rewinds == [2]
    await told("again")
    async with asyncio.timeout(5):
        while len(ear.heard) < 6:
            await asyncio.sleep(0.02)
    assert ear.heard[-1][0] == 3
    await following.stop()


async def test_the_tail_reads_without_the_django_connection_and_lets_go_of_its_own(transactional_db):
    following, _ = await tailing("system")
    assert await in_thread(tails_connected) == 1
    await following.stop()
    for _ in range(50):
        if await in_thread(tails_connected) == 0:
            break
        await asyncio.sleep(0.05)
    assert await in_thread(tails_connected) == 0


async def test_a_tail_that_fails_unexpectedly_is_begun_again_where_it_was(transactional_db, monkeypatch, caplog):
    monkeypatch.setattr(keeping, "AGAIN_SECONDS", 0.05)
    following, ear = await tailing("system")
    broken, build = [2, 2], frames.durable

    def sometimes(*, position: int, **others) -> str:
        if position in broken:
            broken.remove(position)
            raise ZeroDivisionError
        return build(position=position, **others)

    monkeypatch.setattr(frames, "durable", sometimes)
    await told_many(4)
    assert await ear.until(4) == [1, 2, 3, 4]
    assert broken == []
    assert caplog.text.count("The tail failed and is begun again") == 2
    await following.stop()


def tails_connected() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'kmrl-tail' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_the_fanout_offers_once_to_who_hears_by_several_keys_and_forgets_who_left():
    fanout, ear = Fanout(), Ear()
    fanout.listen(ear, {"user:1", audiences.SYSTEM})
    assert fanout.deliver(1, ["user:1", "system", "admin"], "a") == 1
    fanout.listen(ear, {audiences.SYSTEM})
    assert fanout.deliver(2, ["user:1"], "b") == 0
    fanout.leave(ear)
    assert fanout.deliver(3, ["system"], "c") == 0
    assert ear.heard == [(1, "a")]
    assert len(fanout) == 0
    assert fanout._by_key == {}


async def test_what_is_told_in_quick_succession_is_looked_for_together(transactional_db, monkeypatch):
    monkeypatch.setattr(tail, "APART", 0.2)
    looks = counted(monkeypatch, "_number")
    following, ear = await tailing("system")
    began, before = time.monotonic(), len(looks)
    for number in range(40):
        await told(f"{number}")
    assert await ear.until(40) == list(range(1, 41))
    assert len(looks) - before <= (time.monotonic() - began) / 0.2 + 1
    await following.stop()


async def test_where_nobody_listens_nothing_is_read(transactional_db, monkeypatch):
    reads = counted(monkeypatch, "_tell")
    fanout = Fanout()
    following = Tail(fanout)
    following.start()
    await following.placed()
    await told_many(5)
    async with asyncio.timeout(6):
        while fanout.position < 5:
            await asyncio.sleep(0.01)
    assert reads == []
    ear = Ear()
    fanout.listen(ear, ["system"])
    await told("somebody is here")
    assert await ear.until(6) == [6]
    await following.stop()


def counted(monkeypatch, name: str) -> list[float]:
    """The moments at which the tail did this."""
    moments, original = [], getattr(Tail, name)

    async def noted(self, *arguments):
        moments.append(time.monotonic())
        return await original(self, *arguments)

    monkeypatch.setattr(Tail, name, noted)
    return moments
