"""Who looks at a paper now: seen by those who may see it, everywhere, and gone when they are."""

import asyncio

import pytest

from accounts import api_keys
from realtime import audiences, bell, presence
from realtime.fanout import Fanout
from realtime.hub import hub
from realtime.presence import Presence
from realtime.threads import in_thread
from tests.live.conftest import _quick, live, open_topics

__all__ = ["_quick", "live", "open_topics"]

PAPER = "document:0198c5d2-0000-7000-8000-000000000001"
SECONDS = 8


@pytest.fixture(autouse=True)
def _soon(monkeypatch, open_topics) -> None:
    monkeypatch.setattr(presence, "LAPSES", 1.2)
    monkeypatch.setattr(presence, "SAID_EVERY", 0.3)
    open_topics.add(PAPER.partition(":")[2])


async def people(client) -> list[str]:
    """Of the next frame that says who looks."""
    while (frame := await client.next())["type"] != "presence":
        pass
    assert set(frame) == {"type", "at", "data"} and frame["data"]["topic"] == PAPER
    assert all(set(one) == {"id", "name"} for one in frame["data"]["people"])
    return sorted(one["name"] for one in frame["data"]["people"])


async def until(client, names: list[str]) -> None:
    async with asyncio.timeout(SECONDS):
        while await people(client) != names:
            pass


async def looking(live, user, *, look: bool = True):
    client = await live(user)
    await client.connected()
    await client.say(action="subscribe", topics=[PAPER])
    if look:
        await client.say(action="look", topic=PAPER)
    return client


async def test_those_who_look_at_a_paper_see_each_other_come_and_go(live, clerk, reviewer):
    first = await looking(live, clerk)
    assert await people(first) == ["clerk"]
    second = await looking(live, reviewer)
    assert await people(first) == await people(second) == ["clerk", "reviewer"]
    await second.leave()
    assert await people(first) == ["clerk"]


@pytest.mark.parametrize("how", [{"action": "unsubscribe", "topics": [PAPER]}, {"action": "look", "topic": None}])
async def test_who_looks_away_is_gone(live, clerk, reviewer, how):
    first, second = await looking(live, clerk), await looking(live, reviewer)
    await until(first, ["clerk", "reviewer"])
    await second.say(**how)
    assert await people(first) == ["clerk"]


async def test_who_has_it_open_twice_is_one(live, clerk, reviewer):
    first = await looking(live, clerk)
    await until(first, ["clerk"])
    await looking(live, reviewer)
    again = await looking(live, reviewer)
    await until(again, ["clerk", "reviewer"])
    await again.leave()
    assert await people(first) == ["clerk", "reviewer"]


async def test_who_only_listens_sees_who_looks_and_is_not_seen(live, clerk, reviewer):
    listener = await looking(live, reviewer, look=False)
    client = await looking(live, clerk)
    assert await people(client) == await people(listener) == ["clerk"]


async def test_one_looks_only_where_one_may_listen(live, clerk, outsider, open_topics):
    client = await live(outsider)
    await client.connected()
    await client.say(action="look", topic=PAPER)
    assert (await client.next())["type"] == "error"
    assert hub().presence._here == {}


async def test_who_may_no_longer_see_it_is_gone_and_hears_nothing_more(live, clerk, reviewer, open_topics, monkeypatch):
    first, second = await looking(live, clerk), await looking(live, reviewer)
    await until(first, ["clerk", "reviewer"])
    await until(second, ["clerk", "reviewer"])
    hidden_from = {reviewer.pk}
    monkeypatch.setitem(
        audiences._checks, "document", lambda rights, ids: [] if rights.user_id in hidden_from else list(ids)
    )
    await until(first, ["clerk"])
    while (frame := await second.next())["type"] != "refused":
        assert frame["type"] == "presence"
    await first.say(action="look", topic=None)
    await first.say(action="look", topic=PAPER)
    await until(first, ["clerk"])
    assert await second.hears_nothing()


async def test_a_machine_is_not_seen(live, clerk, reviewer):
    _, key = await in_thread(api_keys.issue, name="robot", user=clerk, by=clerk, scopes=["read"])
    client = await live(headers={"x-api-key": key})
    await client.connected()
    await client.say(action="subscribe", topics=[PAPER])
    await client.say(action="look", topic=PAPER)
    assert (await client.next())["type"] == "error"


async def test_another_process_is_seen_and_when_it_dies_its_people_are_gone(live, clerk, reviewer):
    client = await looking(live, clerk)
    await until(client, ["clerk"])
    other = Presence(Fanout())
    await other.look("ffff", PAPER, reviewer.pk)
    await until(client, ["clerk", "reviewer"])
    await asyncio.sleep(2.5)  # it says again and again that they look: they stay
    assert other._keeping is not None
    assert "reviewer" in await here()
    await other._keeping.stop()  # killed: nothing is said any more, nothing taken back
    await until(client, ["clerk"])
    assert "reviewer" not in await here()
    await other._redis.aclose()


async def here() -> str:
    kept = await hub().presence._redis.zrange(presence.name_of(PAPER), 0, -1)
    return b" ".join(kept).decode()


async def test_without_redis_those_of_one_process_see_each_other(live, clerk, reviewer, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(bell._Silence, "until", float("inf"))
    first, second = await looking(live, clerk), await looking(live, reviewer)
    await until(first, ["clerk", "reviewer"])
    await second.leave()
    await until(first, ["clerk"])
