"""Runs of workflows and human tasks are topics like documents: asked for, checked, told of, looked at."""

import pytest

from accounts import api_keys
from realtime import audiences
from realtime.threads import in_thread
from tests.live.conftest import told

ID, OTHER = "0198c5d2-0000-7000-8000-00000000000a", "0198c5d2-0000-7000-8000-00000000000b"


@pytest.fixture(autouse=True)
def _one_of_each(monkeypatch) -> None:
    """Everybody may listen to the run and the task with this id; there are no others."""
    for prefix in ("workflow", "task"):
        monkeypatch.setattr(audiences, "_checks", dict(audiences._checks))
        audiences.provide(prefix, lambda _rights, pk: pk == ID)


async def hearing(live, user, topic: str):
    client = await live(user)
    await client.connected()
    await client.say(action="subscribe", topics=[topic])
    return client


@pytest.mark.parametrize("key", [audiences.workflow, audiences.task])
async def test_who_listens_to_a_run_or_a_task_hears_of_that_one_alone(live, clerk, key):
    client = await hearing(live, clerk, key(ID))
    await client.settled()
    await told("of another", to=(key(OTHER),))
    await told("of this", to=(key(ID),))
    assert (await client.next())["data"]["detail"] == "of this"
    assert await client.settled() == []
    stranger = await hearing(live, clerk, key(OTHER))
    assert await stranger.closed() == 4403


async def test_those_who_look_at_a_task_see_each_other_come_and_go(live, clerk, reviewer):
    topic, seen = audiences.task(ID), []
    first, second = await hearing(live, clerk, topic), await hearing(live, reviewer, topic)
    await first.say(action="look", topic=topic)
    seen.append(await first.next())
    await second.say(action="look", topic=topic)
    seen.append(await first.next())
    await second.say(action="look", topic=None)
    seen.append(await first.next())
    assert {(frame["type"], frame["data"]["topic"]) for frame in seen} == {("presence", topic)}
    names = [sorted(one["name"] for one in frame["data"]["people"]) for frame in seen]
    assert names == [["clerk"], ["clerk", "reviewer"], ["clerk"]]


async def test_a_machine_is_not_seen_to_look_at_a_task(live, clerk, administrator):
    _, key = await in_thread(lambda: api_keys.issue(name="scanner", user=clerk, scopes=["read"], by=administrator))
    client = await live(headers={"x-api-key": key})
    await client.connected()
    await client.say(action="subscribe", topics=[audiences.task(ID)])
    await client.say(action="look", topic=audiences.task(ID))
    assert (await client.next())["code"] == "bad_frame"
    assert await client.settled() == []
