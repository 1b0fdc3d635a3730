"""A gateway of one's own, a browser, and people who are signed in."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect, sync_playwright

from bench.instance import Instance
from tests.browser.people import PASSWORD

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
Visit = Callable[..., Page]


class Network:
    """The network of one browser, sockets included, which `set_offline` alone leaves open."""

    def __init__(self, context: BrowserContext) -> None:
        self._context, self._sockets, self._cut = context, list[WebSocketRoute](), False
        context.route_web_socket("**/ws/**", self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        if self._cut:
            socket.close()
            return
        self._sockets.append(socket)
        socket.connect_to_server()

    def cut(self) -> None:
        self._cut = True
        self._context.set_offline(True)
        while self._sockets:
            self._sockets.pop().close()

    def mend(self) -> None:
        self._cut = False
        self._context.set_offline(False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


def chromium() -> str | None:
    """Where the browser is: as `bin/test` found it, else by name."""
    named = os.environ.get("KMRL_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The real thing: web, workers, PostgreSQL and Valkey, with four people in three departments."""
    if chromium() is None and not os.environ.get("CI"):
        pytest.skip(os.environ.get("KMRL_NO_BROWSER", "there is no Chromium (Debian: apt install chromium)"))
    instance = Instance(tmp_path_factory.mktemp("gateway"))
    try:
        instance.start()
        instance.run("-m", "tests.browser.people")
        yield instance
    finally:
        instance.stop()
        instance.remove()


@pytest.fixture(scope="module")
def browser(gateway: Instance) -> Iterator[Browser]:
    """One for a file of tests: its event loop must not outlive them, other tests have loops of their own."""
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture(scope="session")
def cookies(gateway: Instance) -> dict[str, Any]:
    """The sessions of who has signed in, by name: each person signs in once, which takes a second by design."""
    return {}


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complains about: refused scripts and styles, errors nobody caught. There must be none."""
    said: list[str] = []
    yield said
    assert said == []


@pytest.fixture
def networks() -> dict[BrowserContext, Network]:
    """Each browser's network, by its context."""
    return {}


@pytest.fixture
def visit(
    browser: Browser,
    gateway: Instance,
    cookies: dict[str, Any],
    complaints: list[str],
    networks: dict[BrowserContext, Network],
) -> Iterator[Callable[..., Page]]:
    """`visit("anil", "/documents/", width=390)`: a page of a browser of one's own, signed in; None is nobody."""
    opened: list[BrowserContext] = []

    def open_page(who: str | None, path: str = "/", *, width: int = 1280, live: bool = True, **more: Any) -> Page:
        state = cookies.get(who or "")
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{gateway.port}",
            viewport={"width": width, "height": 860},
            storage_state=state,
            reduced_motion="reduce",
            **{"service_workers": "block", **more},
        )
        opened.append(context)
        networks[context] = Network(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: _complain(complaints, said.text))
        if who and not state:
            sign_in(page, who)
            cookies[who] = context.storage_state()
        page.goto(path)
        if who and live:
            expect(page.locator("[data-link]")).to_have_attribute("data-state", "live")
        return page

    yield open_page
    for context in opened:
        context.close()


def _complain(complaints: list[str], said: str) -> None:
    if "Content Security Policy" in said or "Uncaught" in said:
        complaints.append(said)


def sign_in(page: Page, who: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(who)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Drop files onto the page, as from a folder of the desktop."""
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const [name, bytes] of Object.entries(files)) {
                transfer.items.add(new File([new Uint8Array(bytes)], name));
            }
            return transfer;
        }""",
        {name: list(data) for name, data in files.items()},
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#content", event, {"dataTransfer": transfer})
