"""Who gets in, what they may hear, and how they are shown out."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.contrib.sessions.backends.cached_db import SessionStore
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from accounts import api_keys
from accounts.models import ApiKey, Membership, User
from realtime import audiences, consumers, hub, seats, tickets
from realtime.models import Ticket
from realtime.threads import in_thread
from tests.live.conftest import SECONDS, told

OURS = {"host": "localhost", "origin": "http://localhost"}


def session_of(user: User) -> str:
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store["_auth_user_backend"] = configured.AUTHENTICATION_BACKENDS[0]
    store["_auth_user_hash"] = user.get_session_auth_hash()
    store.save()
    return store.session_key


async def cookie(user: User) -> dict[str, str]:
    return {"cookie": f"{configured.SESSION_COOKIE_NAME}={await in_thread(session_of, user)}"}


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


def heard() -> set[str]:
    """The audiences that somebody hears here."""
    return {key for listener in hub.hub().fanout.listeners() for key in listener.keys}


async def key_of(user: User, **kwargs) -> str:
    return (await in_thread(api_keys.issue, name="machine", user=user, by=user, **kwargs))[1]


def asked_for_a_ticket(user: User, session: str | None = None, token: str | None = None) -> str:
    """By REST, as a browser (by its session) or a program (by its token) does."""
    client = APIClient()
    if session is None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token or AccessToken.for_user(user)}")
    else:
        client.cookies[configured.SESSION_COOKIE_NAME] = session
    return client.post("/api/v1/auth/ws-ticket/").json()["ticket"]


async def test_a_browser_gets_in_by_its_session_from_our_own_page(live, clerk):
    client = await live(headers={**await cookie(clerk), **OURS})
    assert await client.connected() == 0


@pytest.mark.parametrize(
    "shown",
    [
        {"host": "localhost", "origin": "http://evil.example"},
        {"host": "localhost"},
        {"host": "evil.example", "origin": "http://evil.example"},
    ],
)
async def test_a_session_from_elsewhere_is_not_let_in(live, clerk, shown):
    client = await live(headers={**await cookie(clerk), **shown})
    assert await client.closed() == 4403
    assert client._waiting == []


async def test_a_trusted_origin_counts_as_ours(live, clerk, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://intranet.example"]
    client = await live(headers={**await cookie(clerk), "host": "localhost", "origin": "https://intranet.example"})
    await client.connected()
    assert await client.settled() == []  # it is answered


async def test_a_first_frame_with_a_token_lets_in(live, clerk):
    for token in (str(AccessToken.for_user(clerk)), await key_of(clerk)):
        client = await live()
        await client.say(action="authenticate", token=token)
        await client.connected()
        assert await client.settled() == []  # it is answered


async def test_what_comes_unasked_may_be_asked_for(live, clerk):
    client = await live(headers={**await cookie(clerk), **OURS})
    await client.connected()
    before = heard()
    await client.say(action="subscribe", topics=["system", f"user:{clerk.pk}"])
    assert await client.settled() == []  # it is answered
    assert heard() == before
    await client.say(action="subscribe", topics=["system", "admin"])
    assert await client.closed() == 4403


async def test_an_api_key_that_may_not_read_hears_nothing(live, clerk):
    client = await live()
    await client.say(action="authenticate", token=await key_of(clerk, scopes=["upload"]))
    assert await client.closed() == 4403


@pytest.mark.parametrize(
    "first",
    [
        {"action": "authenticate", "token": "kmrl_no"},
        {"action": "authenticate", "token": "a.b.c"},
        {"action": "resume", "after": 0},
        {"action": "ping"},
    ],
)
async def test_a_first_frame_that_names_nobody_is_asked_who_it_is(live, transactional_db, first):
    client = await live()
    await client.say(**first)
    assert await client.closed() == 4401
    assert client._waiting == []


async def test_who_says_nothing_is_shown_out(live, transactional_db, monkeypatch):
    monkeypatch.setattr(consumers, "SAY_WHO_WITHIN", 0.2)
    assert await (await live()).closed() == 4401


async def test_a_ticket_lets_in_once(live, clerk):
    ticket = await in_thread(tickets.issue, credential=f"user:{clerk.pk}")
    await (await live(query=f"ticket={ticket}")).connected()
    assert await (await live(query=f"ticket={ticket}")).closed() == 4401


async def test_a_ticket_is_too_old_after_thirty_seconds(live, clerk):
    ticket = await in_thread(tickets.issue, credential=f"user:{clerk.pk}")
    await in_thread(Ticket.objects.update, expires_at=timezone.now() - timedelta(seconds=1))
    assert await (await live(query=f"ticket={ticket}")).closed() == 4401


async def test_of_many_who_show_one_ticket_at_once_one_gets_in(transactional_db, clerk):
    ticket = await in_thread(tickets.issue, credential=f"user:{clerk.pk}")
    found = await asyncio.gather(*(in_thread(tickets.redeem, ticket) for _ in range(12)))
    assert [one.credential for one in found if one] == [f"user:{clerk.pk}"]


async def test_one_socket_more_than_allowed_is_refused_until_another_closes(live, clerk, settings):
    settings.SOCKETS_PER_USER = 3
    clients = [await live(clerk) for _ in range(3)]
    for client in clients:
        await client.connected()
    assert await (await live(clerk)).closed() == 4429
    await clients[0].leave()
    await (await live(clerk)).connected()


async def test_one_address_may_have_so_many_sockets_whoever_opens_them(live, clerk, reviewer, settings):
    settings.SOCKETS_PER_ADDRESS = 2
    first = await live(clerk, address="192.0.2.1")
    await first.connected()
    await (await live(reviewer, address="192.0.2.1")).connected()
    refused = await live(clerk, address="192.0.2.1")
    assert await refused.closed() == 4429
    assert refused._waiting == []
    await (await live(clerk, address="192.0.2.2")).connected()
    await first.leave()
    await (await live(clerk, address="192.0.2.1")).connected()


async def test_the_address_behind_our_proxies_counts_and_not_one_that_a_caller_made_up(live, clerk, settings):
    settings.SOCKETS_PER_ADDRESS, settings.PROXIES = 1, 1

    async def opened(said: str):
        token = f"Bearer {AccessToken.for_user(clerk)}"
        return await live(headers={"authorization": token, "x-forwarded-for": said}, address="10.0.0.1")

    await (await opened("192.0.2.1")).connected()
    await (await opened("192.0.2.2")).connected()
    assert await (await opened("203.0.113.9, 192.0.2.1")).closed() == 4429


async def test_the_sockets_of_an_address_are_counted_over_all_processes(live, clerk, settings):
    settings.SOCKETS_PER_ADDRESS = 1
    other = seats.Seats()
    taken = await other.take("address:192.0.2.1", most=1)
    assert taken is not None
    assert await (await live(clerk, address="192.0.2.1")).closed() == 4429
    await other.leave(taken)
    await (await live(clerk, address="192.0.2.1")).connected()
    await other.close()


async def test_only_so_many_of_an_address_may_be_silent_about_who_they_are(live, clerk, transactional_db, monkeypatch):
    monkeypatch.setattr(consumers, "NAMELESS", 2)
    monkeypatch.setattr(consumers, "SAY_WHO_WITHIN", 1.5)
    silent = [await live(address="192.0.2.1") for _ in range(2)]
    await until(lambda: hub.hub().nameless["192.0.2.1"] == 2)
    assert await (await live(address="192.0.2.1")).closed() == 4429
    await (await live(clerk, address="192.0.2.1")).connected()
    assert await silent[0].closed() == await silent[1].closed() == 4401
    for one in silent:
        await one.leave()
    again = await live(address="192.0.2.1")
    await again.say(action="authenticate", token=str(AccessToken.for_user(clerk)))
    await again.connected()
    assert hub.hub().nameless == {}


async def test_who_is_not_heard_is_pinged_once_and_may_stay_by_answering(live, clerk, reviewer, monkeypatch):
    monkeypatch.setattr(consumers, "PING_SECONDS", 0.5)
    monkeypatch.setattr(consumers, "SILENT_SECONDS", 2.0)
    answers, silent = await live(clerk), await live(reviewer)
    for client in (answers, silent):
        await client.connected()
    for _ in range(3):
        assert await answers.next() == {"type": "ping"}
        await answers.say(action="pong")
    assert await silent.closed() == 4408
    assert silent._waiting == [{"type": "ping"}]
    assert await answers.next() == {"type": "ping"}


async def test_a_topic_that_is_not_yours_ends_the_socket(live, clerk, open_topics):
    open_topics.add("1")
    client = await live(clerk)
    await client.connected()
    await client.say(action="subscribe", topics=["document:1", "document:2"])
    assert await client.closed() == 4403
    assert await client.next() == {"type": "refused", "topics": ["document:2"]}


async def test_a_topic_is_heard_from_subscribing_to_unsubscribing(live, clerk, open_topics):
    open_topics.add("1")
    client = await live(clerk)
    await client.connected()
    await told("before", to=("document:1",))
    await told("told")
    assert (await client.next())["data"]["detail"] == "told"
    await client.say(action="subscribe", topics=["document:1"])
    await client.settled()
    await told("during", to=("document:1",))
    assert (await client.next())["data"]["detail"] == "during"
    await client.say(action="unsubscribe", topics=["document:1"])
    await client.settled()
    await told("after", to=("document:1",))
    assert await client.hears_nothing(1.2)


HOUSE = {
    "clerk": {"user", "operations", "system"},
    "reviewer": {"operations", "system"},
    "head": {"operations", "system"},
    "outsider": {"safety", "system"},
    "auditor": {"auditors", "system"},
    "administrator": {"auditors", "admin", "system"},
}


@pytest.fixture
def people(clerk, reviewer, head, outsider, auditor, administrator) -> dict[str, User]:
    return {user.username: user for user in (clerk, reviewer, head, outsider, auditor, administrator)}


@pytest.mark.parametrize("role", HOUSE)
async def test_each_role_hears_its_own_audiences_live_and_replayed(live, people, role, operations, safety):
    clerk, listener = people["clerk"], people[role]
    told_to = {
        "user": audiences.user(clerk.pk),
        "operations": audiences.department(operations.pk),
        "safety": audiences.department(safety.pk),
        "auditors": audiences.AUDITORS,
        "admin": audiences.ADMIN,
        "system": audiences.SYSTEM,
        "topic": "document:9",
    }
    client = await live(listener)
    await client.connected()
    await client.settled()
    for name, key in told_to.items():
        if name != "system":
            await told(name, to=(key,))
    await told("system")
    heard = []
    while "system" not in heard:
        heard.append((await client.next())["data"]["detail"])
    again = await live(listener, query="after=0")
    await again.connected()
    replayed = [event["data"]["detail"] for event in await again.settled()]
    assert set(heard) == set(replayed) == HOUSE[role]
    assert len(heard) == len(replayed) == len(HOUSE[role])


async def test_a_key_that_is_bound_to_a_department_hears_that_alone(live, administrator, operations, safety):
    client = await live(headers={"x-api-key": await key_of(administrator, departments=[safety])})
    await client.connected()
    await client.settled()
    for detail, key in (("admin", "admin"), ("operations", audiences.department(operations.pk)), ("system", "system")):
        await told(detail, to=(key,))
    await told("safety", to=(audiences.department(safety.pk),))
    assert (await client.next())["data"]["detail"] == "safety"


async def test_joining_and_leaving_a_department_is_heard_within_seconds(live, clerk, safety):
    client = await live(clerk)
    await client.connected()
    await client.settled()
    membership = await in_thread(Membership.objects.create, user=clerk, department=safety, role="clerk")
    await until(lambda: audiences.department(safety.pk) in heard())
    await told("in", to=(audiences.department(safety.pk),))
    assert (await client.next())["data"]["detail"] == "in"
    await in_thread(membership.delete)
    await until(lambda: audiences.department(safety.pk) not in heard())
    await told("out", to=(audiences.department(safety.pk),))
    assert await client.hears_nothing(1.2)


async def test_a_document_that_is_closed_to_its_listener_falls_silent(live, clerk, open_topics):
    open_topics.add("1")
    client = await live(clerk)
    await client.connected()
    await client.say(action="subscribe", topics=["document:1"])
    await client.settled()
    open_topics.clear()
    assert await client.next() == {"type": "refused", "topics": ["document:1"]}
    await told("secret", to=("document:1",))
    assert await client.hears_nothing(1.2)


async def test_a_person_who_is_deactivated_is_shown_out(live, clerk):
    client = await live(clerk)
    await client.connected()
    await in_thread(User.objects.filter(pk=clerk.pk).update, is_active=False)
    assert await client.closed() == 4401


async def test_a_revoked_key_is_shown_out(live, clerk):
    client = await live(headers={"x-api-key": await key_of(clerk)})
    await client.connected()
    await in_thread(ApiKey.objects.update, revoked_at=timezone.now())
    assert await client.closed() == 4401


async def test_signing_out_ends_the_socket(live, clerk):
    shown = await cookie(clerk)
    client = await live(headers={**shown, **OURS})
    await client.connected()
    await in_thread(SessionStore(shown["cookie"].partition("=")[2]).delete)
    assert await client.closed() == 4401


@pytest.mark.parametrize("door", ["session", "token", "ticket"])
async def test_a_changed_password_ends_the_sockets_of_who_came_in_by_the_old_one(live, clerk, door):
    if door == "session":
        client = await live(headers={**await cookie(clerk), **OURS})
    elif door == "token":
        client = await live(clerk)
    else:
        client = await live(query=f"ticket={await in_thread(asked_for_a_ticket, clerk)}")
    machine = await live(headers={"x-api-key": await key_of(clerk)})
    await client.connected()
    await machine.connected()
    clerk.set_password("another one 8163")
    await in_thread(clerk.save)
    assert await client.closed() == 4401
    assert await machine.settled() == []  # its key is as good as before


async def test_a_ticket_of_a_session_ends_with_that_session(live, clerk):
    session = await in_thread(session_of, clerk)
    client = await live(query=f"ticket={await in_thread(asked_for_a_ticket, clerk, session)}")
    await client.connected()
    await in_thread(SessionStore(session).delete)
    assert await client.closed() == 4401


async def test_a_ticket_of_a_token_opens_no_longer_stay_than_the_token(live, clerk):
    token = AccessToken.for_user(clerk)
    token.set_exp(lifetime=timedelta(seconds=3))
    client = await live(query=f"ticket={await in_thread(asked_for_a_ticket, clerk, None, str(token))}")
    await client.connected()
    assert await client.closed() == 4401


async def test_a_token_that_expires_ends_the_socket_unless_it_is_renewed(live, clerk):
    def token(seconds: int) -> str:
        made = AccessToken.for_user(clerk)
        made.set_exp(lifetime=timedelta(seconds=seconds))
        return str(made)

    renewed, left = await live(), await live()
    await renewed.say(action="authenticate", token=token(3))
    await renewed.connected()
    await renewed.say(action="authenticate", token=token(60))
    assert await renewed.settled() == []
    await left.say(action="authenticate", token=token(3))
    await left.connected()
    assert await left.closed() == 4401
    assert await renewed.settled() == []


async def test_a_flood_and_a_huge_frame_are_shown_out(live, clerk):
    flood, huge = await live(clerk), await live(clerk)
    await flood.connected()
    for _ in range(260):
        await flood.say(action="ping")
    assert await flood.closed() == 4429
    await huge.send_text('{"action":"ping","x":"' + "x" * 70_000 + '"}')
    assert await huge.closed() == 4429


async def test_who_is_never_heard_is_shown_out(live, clerk, monkeypatch):
    monkeypatch.setattr(consumers, "SILENT_SECONDS", 0.5)
    client = await live(clerk)
    await client.connected()
    assert await client.closed() == 4408
