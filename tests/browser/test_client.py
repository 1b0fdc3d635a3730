"""`static/realtime.js` in a real browser: what it does at each way in which a connection may go wrong.

The first tests speak the gateway's side of the socket themselves; the others cut the way to the real one. A page must
end with what a reload would show.
"""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from bench.instance import Instance
from tests.browser.conftest import Visit, drop, eventually

START = """async options => {
    const { connect } = await import('/static/realtime.js');
    window.told = { events: [], states: [], resets: [], refused: [], out: [] };
    const told = window.told;
    const live = connect({
        ...options,
        onEvent: (event) => {
            told.events.push(event.position ?? event.type);
            if (event.data.throw) throw new Error('mine');
        },
        onState: (state, why) => told.states.push([state, why.code ?? 0, Boolean(why.polling)]),
        onReset: (position) => told.resets.push(position),
        onRefused: (topics) => told.refused.push(...topics),
        onSignedOut: (why) => told.out.push(why.code),
    });
    window.live = live;
}"""


WATCH = """() => {
    window.drawn = [];
    window.waits = [];
    const [random, later] = [Math.random, setTimeout];
    Math.random = () => { const one = random(); drawn.push(one); return one; };
    window.setTimeout = (work, ms, ...rest) => { waits.push(ms); return later(work, ms, ...rest); };
}"""


class Wire:
    """The gateway's end of each socket that the page opens: `said[n]` is what the nth one heard."""

    def __init__(self, page: Page, *, welcome: Callable[["Wire", WebSocketRoute], None]) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.said: list[list[dict[str, Any]]] = []
        self._welcome = welcome
        self._page = page
        page.route_web_socket("**/ws/**", self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        said: list[dict[str, Any]] = []
        self.sockets.append(socket)
        self.said.append(said)
        socket.on_message(lambda text: said.append(json.loads(text)))
        self._welcome(self, socket)

    def tell(self, *frames: dict[str, Any], to: int = -1) -> None:
        """One frame, or several at once: then they come as an array."""
        self.sockets[to].send(json.dumps(frames[0] if len(frames) == 1 else list(frames)))

    def heard(self, action: str, number: int = 0) -> dict[str, Any]:
        """What the page asked the nth socket for; waits until it did."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            found = [one for one in (self.said[number] if number < len(self.said) else []) if one["action"] == action]
            if found:
                return found[0]
            self._page.wait_for_timeout(20)
        raise AssertionError(f"Socket {number} was never asked to {action}: {self.said}")


def event(position: int | None, **data: Any) -> dict[str, Any]:
    told = {"type": "system.alert", "at": "2026-11-22T10:00:00Z", "data": data}
    return told if position is None else {**told, "position": position}


def lets_in(position: int) -> Callable[[Wire, WebSocketRoute], None]:
    return lambda _wire, socket: socket.send(json.dumps({"type": "connected", "position": position}))


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit(None, "/sign-in/")


def start(page: Page, **options: Any) -> None:
    page.evaluate(START, options)


def told(page: Page, name: str) -> Any:
    return page.evaluate(f"told.{name}")


def wait(page: Page, condition: str) -> None:
    """Asked from outside: a page's policy forbids to evaluate text inside it."""
    until = time.monotonic() + 20
    while not page.evaluate(condition):
        assert time.monotonic() < until, (condition, page.evaluate("told"))
        page.wait_for_timeout(30)


def test_frames_come_one_by_one_or_as_an_array_and_are_acknowledged(page):
    wire = Wire(page, welcome=lets_in(10))
    start(page, after=10)
    assert wire.heard("resume") == {"action": "resume", "after": 10, "topics": []}
    wire.heard("ping")
    wire.tell({"type": "pong"})
    wire.tell(event(11), event(12), event(None))
    wire.tell(event(13))
    assert wire.heard("ack") == {"action": "ack", "position": 13}
    assert told(page, "events") == [11, 12, "system.alert", 13]
    assert [state for state, *_ in told(page, "states")] == ["catching-up", "live"]


def test_what_comes_twice_is_handed_on_once(page):
    wire = Wire(page, welcome=lets_in(10))
    start(page, after=5)
    wire.heard("ping")
    wire.tell(event(6), event(7), {"type": "pong"}, event(7), event(11), event(11))
    wait(page, "told.events.length >= 3")
    assert told(page, "events") == [6, 7, 11]


def test_a_replay_that_came_late_and_was_cut_leaves_nothing_out(page):
    """The socket was live before it was told to resume: 12 came before 8 and 9, and then the line went dead."""
    wire = Wire(page, welcome=lets_in(10))
    start(page, after=7)
    wire.heard("ping")
    wire.tell(event(12), event(8))
    wait(page, "told.events.length === 2")
    wire.sockets[0].close()
    assert wire.heard("resume", 1)["after"] == 8
    wire.heard("ping", 1)
    wire.tell(event(9), event(12), event(13), {"type": "pong"})
    wait(page, "live.state === 'live'")
    assert told(page, "events") == [12, 8, 9, 13]
    assert page.evaluate("live.position") == 13


def test_when_the_missed_is_gone_it_says_so_and_goes_on_from_there(page):
    wire = Wire(page, welcome=lets_in(500))
    start(page, after=3)
    wire.heard("ping")
    wire.tell({"type": "reset", "position": 500}, {"type": "pong"}, event(501))
    wait(page, "told.events.length === 1")
    assert told(page, "resets") == [500]
    wire.sockets[0].close()
    assert wire.heard("resume", 1)["after"] == 501


def test_topics_are_asked_for_again_and_refused_ones_are_not(page):
    wire = Wire(page, welcome=lets_in(1))
    start(page, topics=["document:a", "document:b"])
    assert wire.heard("subscribe")["topics"] == ["document:a", "document:b"]
    wire.heard("ping")
    wire.tell({"type": "pong"})
    wait(page, "live.state === 'live'")
    page.evaluate("live.subscribe(['batch:c', 'document:a'])")
    page.evaluate("live.unsubscribe(['document:a'])")
    wire.heard("unsubscribe")
    assert [one["topics"] for one in wire.said[0] if one["action"] == "subscribe"][-1] == ["batch:c"]
    wire.tell({"type": "refused", "topics": ["document:b"]})
    wire.sockets[0].close(code=4403, reason="There is no such topic that you may listen to.")
    assert wire.heard("resume", 1)["topics"] == ["batch:c"]
    assert told(page, "refused") == ["document:b"]


@pytest.mark.parametrize("code", [4401, 4403])
def test_who_is_not_let_in_three_times_is_told_and_left_alone(page, code):
    wire = Wire(page, welcome=lambda _wire, socket: socket.close(code=code, reason="no"))
    start(page)
    wait(page, "told.out.length === 1")
    page.wait_for_timeout(1200)
    assert told(page, "out") == [code]
    assert len(wire.sockets) == 3
    assert told(page, "states")[-1] == ["offline", code, False]


def test_who_was_too_slow_comes_back_at_once_where_it_was(page):
    wire = Wire(page, welcome=lets_in(10))
    start(page, after=10)
    wire.heard("ping")
    wire.tell({"type": "pong"}, event(11))
    wait(page, "told.events.length === 1")
    wire.sockets[0].close(code=4408, reason="More than 2,000 events were not acknowledged.")
    assert wire.heard("resume", 1)["after"] == 11


def test_who_has_too_many_sockets_asks_instead(page):
    asked = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        found = {"position": 12, "reset": False, "events": [{**event(12)}] if len(asked) == 1 else []}
        route.fulfill(json=found)

    page.route("**/api/v1/events/**", answer)
    wire = Wire(page, welcome=lambda _wire, socket: socket.close(code=4429, reason="too many"))
    start(page, after=11, topics=["document:a"])
    wait(page, "told.events.length === 1")
    assert "after=11" in asked[0] and "topic=document%3Aa" in asked[0]
    assert told(page, "states")[-1][::2] == ["catching-up", True]
    assert len(wire.sockets) == 1


def test_while_asking_one_refused_topic_does_not_silence_the_others(page):
    def answer(route: Any) -> None:
        if "document%3Ab" in route.request.url:
            route.fulfill(status=404, json={})
        else:
            route.fulfill(json={"position": 1, "reset": False, "events": []})

    page.route("**/api/v1/events/**", answer)
    Wire(page, welcome=lambda _wire, socket: socket.close(code=4429, reason="too many"))
    start(page, after=1, topics=["document:a", "document:b"])
    wait(page, "told.states.at(-1)[0] === 'catching-up' && told.refused.length > 0")
    assert told(page, "refused") == ["document:b"]


def test_waits_grow_and_differ_between_pages(page):
    """A thousand pages must not come back in the same moment."""
    opened: list[float] = []

    def refuse(_wire: Wire, socket: WebSocketRoute) -> None:
        opened.append(time.monotonic())
        socket.close(code=1011, reason="")

    page.route("**/api/v1/events/**", lambda route: route.abort())
    Wire(page, welcome=refuse)
    page.evaluate(WATCH)
    start(page)
    wait(page, "waits.filter((ms) => ms < 15000).length >= 6")
    waits, drawn = page.evaluate("waits"), page.evaluate("drawn")
    bases = [500, 1000, 2000]
    for base in bases:
        assert any(abs(wait_ - base * (0.5 + one)) < 1e-6 for wait_ in waits for one in drawn), (base, waits, drawn)


def test_a_listener_that_fails_breaks_nothing(page):
    wire = Wire(page, welcome=lets_in(1))
    start(page)
    wire.heard("ping")
    wire.tell({"type": "pong"}, event(2, throw=True), event(3))
    wait(page, "told.events.length === 2")
    assert wire.heard("ack")["position"] == 3


def test_a_ticket_is_fetched_for_each_socket(page):
    queries: list[str] = []

    def welcome(wire: Wire, socket: WebSocketRoute) -> None:
        queries.append(socket.url.partition("?")[2])
        lets_in(1)(wire, socket)

    wire = Wire(page, welcome=welcome)
    page.evaluate("window.n = 0")
    page.evaluate(START.replace("...options,", "ticket: async () => `t${++window.n}`,"), {})
    wire.heard("ping")
    wire.tell({"type": "pong"})
    wire.sockets[0].close()
    wire.heard("ping", 1)
    assert queries == ["ticket=t1", "ticket=t2"]


# --- against the real gateway

SHOWN = """() => [...document.querySelectorAll('[data-rows] tr')].map(
    (row) => ['[data-open]', '.state'].map((part) => row.querySelector(part).innerText)
)"""


def shown(page: Page) -> list[list[str]]:
    """Title and state of each row, all of one moment."""
    return page.evaluate(SHOWN)


def agrees_with_a_reload(page: Page) -> None:
    live = shown(page)
    page.reload()
    eventually(page, lambda: shown(page) == live)


def test_where_sockets_are_blocked_the_page_follows_by_asking(visit):
    page = visit("meera", "/documents/", live=False)
    page.context.unroute_all()
    page.route_web_socket("**/ws/**", lambda socket: socket.close(code=1011, reason="blocked"))
    page.reload()
    expect(page.locator("[data-link]")).to_have_attribute("data-state", "catching-up")
    sender = visit("anil", "/documents/")
    drop(sender, {"told without sockets.txt": b"A paper that came while sockets were blocked"})
    row = page.locator("[data-rows] tr", has_text="told without sockets")
    expect(row).to_contain_text("Done")
    assert page.locator("[data-link] span").inner_text() == "Catching up"
    agrees_with_a_reload(page)


def test_a_gateway_that_is_killed_under_the_page_costs_it_nothing(visit, gateway: Instance):
    page, sender = visit("meera", "/documents/"), visit("anil", "/documents/")
    page.evaluate("window.untouched = true")
    for process in gateway.of_role("web"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    expect(page.locator("[data-link]")).to_have_attribute("data-state", "offline")
    gateway.wait_until_ready(within=240)
    drop(sender, {f"after the fall {n}.txt": f"Paper {n} sent after the fall".encode() for n in range(3)})
    expect(sender.locator("[data-tray] li.processed")).to_have_count(
        3, timeout=120_000
    )  # it waits up to 45 s between two attempts
    expect(page.locator("[data-link]")).to_have_attribute("data-state", "live", timeout=120_000)
    for n in range(3):
        expect(page.locator("[data-rows] tr", has_text=f"after the fall {n}")).to_contain_text("Done")
    assert page.evaluate("window.untouched") is True
    agrees_with_a_reload(page)


def test_a_document_page_that_was_cut_off_ends_as_a_reload_would(visit, networks):
    page = visit("anil", "/documents/")
    drop(page, {"cut off.txt": b"First words of a paper that is read again"})
    expect(page.locator("[data-tray] li.processed", has_text="cut off")).to_be_visible()
    address = page.locator("[data-tray] li a", has_text="cut off").get_attribute("href")
    reader = visit("meera", address)
    networks[reader.context].cut()
    expect(reader.locator("[data-link]")).to_have_attribute("data-state", "offline")
    colleague = visit("anil", address)
    colleague.get_by_role("button", name="Edit").click()
    colleague.get_by_label("Title").fill("Renamed while she was in the tunnel")
    colleague.get_by_role("button", name="Save").click()
    expect(colleague.get_by_role("heading", level=1)).to_have_text("Renamed while she was in the tunnel")
    networks[reader.context].mend()
    expect(reader.locator("[data-link]")).to_have_attribute("data-state", "live")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Renamed while she was in the tunnel")
