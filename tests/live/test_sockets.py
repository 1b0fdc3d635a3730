"""What a socket gets: in order, once, resumed, and no further behind than it may be."""

import asyncio
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from realtime import audiences, bell, catalogue, events, hub, log, pruning, sequencer, sockets
from realtime.models import Event
from realtime.threads import in_thread
from tests.live.conftest import told, told_many


async def positions(keys: set[str], after: int = 0) -> list[int]:
    """What the log holds for these keys, by a plain query."""
    await in_thread(sequencer.number_events)
    found = Event.objects.filter(position__gt=after, audience__overlap=list(keys)).order_by("position")
    return await in_thread(lambda: list(found.values_list("position", flat=True)))


def numbers(seen: list[dict]) -> list[int]:
    return [frame["position"] for frame in seen]


async def test_an_event_arrives_as_the_contract_writes_it(live, clerk):
    client = await live(clerk)
    start = await client.connected()
    await told("rain on the viaduct")
    event = await client.next()
    assert event == {
        "type": "system.alert",
        "position": start + 1,
        "at": event["at"],
        "data": catalogue.SystemAlert(code="test", level="info", detail="rain on the viaduct").data(),
    }
    assert event["data"]["detail"] == "rain on the viaduct"
    assert event["at"].endswith("Z")


async def test_resuming_replays_exactly_what_was_missed_and_goes_on_live(live, clerk, operations, safety):
    await told_many(1_200, to=(audiences.department(operations.pk),))
    await told_many(30, to=(audiences.department(safety.pk),))
    await told_many(5, to=(audiences.user(clerk.pk),))
    mine = {audiences.department(operations.pk), audiences.user(clerk.pk)}
    expected = await positions(mine, after=100)
    client = await live(clerk)
    await client.say(action="resume", after=100, topics=[])
    await client.connected()
    replayed = await client.until(expected[-1])
    assert numbers(replayed) == expected
    assert client.arrays > 0
    await told("now", to=(audiences.user(clerk.pk),))
    assert (await client.next())["data"]["detail"] == "now"
    assert await client.hears_nothing()


async def test_resuming_while_others_write_has_neither_gap_nor_double(live, clerk):
    await told_many(700)

    async def write() -> None:
        for number in range(60):
            await told(str(number))
            await asyncio.sleep(0.005)

    writing = asyncio.create_task(write())
    clients = []
    for after in (0, 10, 650):
        client = await live(clerk)
        await client.say(action="resume", after=after, topics=[])
        await client.connected()
        clients.append((after, client))
        await asyncio.sleep(0.07)
    await writing
    for after, client in clients:
        assert numbers(await client.until(760)) == list(range(after + 1, 761))


async def test_a_late_resume_gets_only_what_was_not_sent(live, clerk, open_topics):
    await told_many(10)
    client = await live(clerk)
    await client.connected()
    await client.say(action="ping")
    await told("live", to=(audiences.SYSTEM,))
    await told("of a document", to=("document:7",))
    await told("live again", to=(audiences.SYSTEM,))
    assert numbers([frame for frame in await client.until(13) if "position" in frame]) == [11, 13]
    open_topics.add("7")
    await client.say(action="resume", after=4, topics=["document:7"])
    seen = [frame for frame in await client.settled() if "position" in frame]
    assert sorted(numbers(seen)) == [5, 6, 7, 8, 9, 10, 12]
    await told("after", to=("document:7",))
    assert (await client.next())["position"] == 14


async def test_the_address_can_carry_the_resume(live, clerk, open_topics):
    open_topics.add("7")
    await told_many(3, to=("document:7",))
    client = await live(clerk, query="after=1&topic=document:7")
    await client.connected()
    assert numbers(await client.settled()) == [2, 3]


async def test_what_is_pruned_is_reset_and_the_rest_goes_on(live, clerk):
    await told_many(20)
    await in_thread(sequencer.number_events)
    old = Event.objects.filter(position__lte=10)
    await in_thread(old.update, at=timezone.now() - timedelta(days=40))
    assert await in_thread(pruning.prune) == 10
    client = await live(clerk)
    await client.say(action="resume", after=9, topics=[])
    await client.connected()
    assert await client.settled() == [{"type": "reset", "position": 20}]
    await told("on")
    assert (await client.next())["position"] == 21
    whole = await live(clerk, query="after=10")
    await whole.connected()
    assert numbers(await whole.settled()) == list(range(11, 22))


async def test_a_position_from_another_log_is_reset(live, clerk):
    await told_many(2)
    client = await live(clerk, query="after=900")
    await client.connected()
    assert await client.settled() == [{"type": "reset", "position": 2}]
    await told("on")
    assert (await client.next())["position"] == 3


async def test_passing_events_have_no_position_and_the_newest_replaces_the_older(live, clerk, monkeypatch):
    client = await live(clerk)
    await client.connected()
    await client.settled()
    await asyncio.sleep(0.3)  # the bell is heard

    def progress() -> None:
        for percent in range(0, 101, 10):
            told_now = catalogue.DocumentProgress(id="7", percent=percent, step="reading")
            events.tell(told_now, to=[audiences.user(clerk.pk)])

    await in_thread(progress)
    seen = [await client.next()]
    while seen[-1]["data"]["percent"] < 100:
        seen.append(await client.next())
    assert all("position" not in frame and frame["type"] == "document.progress" for frame in seen)
    assert await in_thread(log.position) == 0


async def test_who_acknowledges_nothing_is_closed_and_others_go_on(live, clerk, reviewer):
    silent, reader = await live(clerk), await live(reviewer)
    for client in (silent, reader):
        await client.connected()
        await client.settled()
    for _ in range(5):
        await told_many(450)
        await reader.until(await in_thread(sequencer.number_events))
    assert await silent.closed() == 4408
    await told("still here")
    assert (await reader.next())["data"]["detail"] == "still here"


async def test_a_replay_waits_for_acknowledgements_and_ends_without_them(live, clerk, monkeypatch):
    monkeypatch.setattr(sockets, "ACKNOWLEDGED_WITHIN", 0.3)
    for _ in range(5):
        await told_many(500)
    client = await live(clerk, query="after=0")
    assert await client.closed() == 4408
    assert len(client._waiting) == 1 + 2_000


async def test_a_socket_that_never_reads_does_not_hold_up_the_rest(live, clerk, reviewer):
    """The pump of the one blocks for ever in `send`; the fan-out only fills its buffer."""
    reader = await live(reviewer)
    await reader.connected()
    await reader.settled()
    stuck = await live(clerk)
    await stuck.connected()
    await stuck.settled()

    async def never(text: str) -> None:
        await asyncio.Event().wait()

    for listener in hub.hub().fanout.listeners():
        if audiences.user(clerk.pk) in listener.keys:
            listener._send = never
    for _ in range(5):
        await told_many(450)
        await reader.until(await in_thread(sequencer.number_events))
    assert await stuck.closed() == 4408


async def test_a_frame_that_cannot_be_sent_in_time_ends_the_socket(live, clerk, monkeypatch):
    monkeypatch.setattr(sockets, "SENT_WITHIN", 0.2)
    stuck = await live(clerk)
    await stuck.connected()

    async def never(text: str) -> None:
        await asyncio.Event().wait()

    (listener,) = hub.hub().fanout.listeners()
    listener._send = never
    await told("unsent")
    assert await stuck.closed() == 4408


async def test_nothing_is_told_of_a_transaction_that_is_rolled_back(live, clerk):
    client = await live(clerk)
    await client.connected()

    def broken() -> None:
        with transaction.atomic():
            events.tell(catalogue.SystemAlert(code="x", level="info", detail="no"), to=["system"])
            transaction.set_rollback(True)

    await in_thread(broken)
    await told("yes")
    assert (await client.next())["data"]["detail"] == "yes"


def test_a_transaction_rings_once(transactional_db, monkeypatch):
    rung = []
    monkeypatch.setattr(bell, "_publish", lambda messages: rung.extend(messages))
    with transaction.atomic():
        for _ in range(5):
            events.tell(catalogue.SystemAlert(code="x", level="info", detail=""), to=["system"])
        assert rung == []
    assert rung == [bell.RING]


@pytest.mark.parametrize(
    "text",
    [" ", "[]", "{", '{"action":"dance"}', '{"action":"resume","after":-1}', '{"action":"subscribe","topics":"x"}'],
)
async def test_a_frame_that_is_not_understood_is_answered_not_obeyed(live, clerk, text):
    client = await live(clerk)
    await client.connected()
    await client.send_text(text)
    assert (await client.next())["code"] == "bad_frame"
    assert await client.settled() == []
