"""A gateway of one's own, a browser, and people who are signed in."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, WebSocketRoute, expect, sync_playwright

from bench.instance import PROJECT, Instance
from tests.browser.people import PASSWORD

WITHOUT = (  # the last such flag counts: what Playwright's own leaves out, and pages of an address bar that nobody sees
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    *("PreconnectToSearch", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
)
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NO_BROWSER = "there is no Chromium (Debian: apt install chromium-headless-shell)"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    f"--disable-features={','.join(WITHOUT)}",
)
SHARED, ROOM = "/dev/shm", 512 * 1024 * 1024
Visit = Callable[..., Page]
PATIENCE = 30_000  # ms; a machine that does other things besides is no fault
SLOWNESS = float(os.environ.get("KMRL_TEST_SLOW_BROWSER", "0"))  # how many times slower Chromium computes
UNFINISHED = """
SELECT kind, state FROM jobs_job WHERE state IN ('queued', 'waiting', 'running', 'failed') AND run_after IS NULL LIMIT 1
"""


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


class Errands:
    """What a test wants done inside its gateway, by one process that stays: `errands("rows", "old", "1", document)`.

    The first word is a module of this folder, or `manage`, then a management command follows. It answers what was
    printed.
    """

    def __init__(self, gateway: Instance) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.errands"],
            cwd=PROJECT,
            env={**gateway.environment(), "DJANGO_SETTINGS_MODULE": "kmrl.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, what: str, *arguments: str) -> str:
        module = what if what == "manage" else f"tests.browser.{what}"
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([module, *arguments]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return str(answer["said"])

    def end(self) -> None:
        self._process.communicate()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(600))  # the first of all waits for a gateway to start


def chromium() -> str | None:
    """Where the browser is: as `bin/test` found it, else by name."""
    named = os.environ.get("KMRL_CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def launched(playwright: Playwright) -> Browser:
    """Chromium. What its processes share lies in memory where that has room; else in files, as Playwright has it.

    Files are written to the disk: that takes a tenth of these tests' time.
    """
    has_room = os.access(SHARED, os.W_OK) and shutil.disk_usage(SHARED).free >= ROOM
    without = ["--disable-dev-shm-usage"] if has_room else []
    return playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS), ignore_default_args=without)


@pytest.fixture(scope="package")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The real thing: web, workers, PostgreSQL and Valkey, with four people in three departments."""
    if chromium() is None and not os.environ.get("CI"):
        pytest.skip(os.environ.get("KMRL_NO_BROWSER", NO_BROWSER))
    instance = Instance(tmp_path_factory.mktemp("gateway"))
    try:
        instance.start(within=240)
        yield instance
    finally:
        instance.stop(within=120)
        instance.remove()


@pytest.fixture(scope="package")
def errands(gateway: Instance) -> Iterator[Errands]:
    """Who does things inside the gateway. The people are there from now on."""
    found = Errands(gateway)
    try:
        found("people")
        yield found
    finally:
        found.end()


@pytest.fixture(scope="package")
def browser(gateway: Instance) -> Iterator[Browser]:
    """One for this folder: its event loop must not outlive these tests, others have loops of their own."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()


@pytest.fixture(scope="package")
def cookies(errands: Errands) -> dict[str, Any]:
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
    """Each browser's network, by its context: for tests that cut it. What is sent goes through us, which takes time."""
    return {}


@pytest.fixture
def visit(
    request: pytest.FixtureRequest,
    browser: Browser,
    gateway: Instance,
    cookies: dict[str, Any],
    complaints: list[str],
) -> Iterator[Callable[..., Page]]:
    """`visit("anil", "/documents/", width=390)`: a page of a browser of one's own, signed in; None is nobody.

    It is ready, and unless told otherwise its connection is live.
    """
    opened: list[BrowserContext] = []
    networks = request.getfixturevalue("networks") if "networks" in request.fixturenames else None

    def open_context(**more: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{gateway.port}",
            reduced_motion="reduce",
            **{"service_workers": "block", **more},
        )
        opened.append(context)
        context.set_default_timeout(PATIENCE)
        return context

    def open_page(who: str | None, path: str = "/", *, width: int = 1280, live: bool = True, **more: Any) -> Page:
        if who and who not in cookies:
            door = open_context()
            sign_in(door.new_page(), who)
            cookies[who] = door.storage_state()
            door.close()
        context = open_context(viewport={"width": width, "height": 860}, storage_state=cookies.get(who or ""), **more)
        if networks is not None:
            networks[context] = Network(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: _complain(complaints, said.text))
        if SLOWNESS:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWNESS})
        arrive(page, path, live=bool(who) and live)
        return page

    yield open_page
    for context in opened:
        context.close()


def _complain(complaints: list[str], said: str) -> None:
    if "Content Security Policy" in said or "Uncaught" in said:
        complaints.append(said)


def sign_in(page: Page, who: str) -> None:
    """Who has been let in is on the home page."""
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r":\d+/$"))


def arrive(page: Page, path: str, *, live: bool = False) -> None:
    """To a page whose scripts listen, and which hears of what happens, where that is asked for."""
    page.goto(path)
    ready(page, live=live)


def ready(page: Page, *, live: bool = False) -> None:
    """Its scripts listen to presses and keys; with `live` its connection stands too."""
    expect(page.locator("html[data-early]")).to_have_count(0)
    if live:
        expect(page.locator("[data-link]")).to_have_attribute("data-state", "live")


def eventually(page: Page, condition: Callable[[], bool], *, within: float = 30) -> None:
    """What no `expect` can ask comes true, while the page lives on."""
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, "It did not come true."
        page.wait_for_timeout(50)


def at_rest(gateway: Instance, *, within: float = 60) -> None:
    """No job waits or runs: what was sent before has had all its effects, and tells nobody anything more."""
    until = time.monotonic() + within
    with gateway.database() as database:
        while row := database.execute(UNFINISHED).fetchone():
            assert time.monotonic() < until, f"Still to be done: {row}"
            time.sleep(0.05)


def read_all(page: Page, gateway: Instance) -> None:
    """Nothing is unread, and nothing more comes by itself: what comes next is not counted together with older news."""
    at_rest(gateway)
    arrive(page, "/notifications/", live=True)
    button = page.locator("[data-read-all] button")
    if button.count():
        button.click()
    expect(page.locator(".notice.unread")).to_have_count(0)


DROPPED = """(place, { type, dataTransfer }) =>
    !place.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true, composed: true }))"""


def drop(page: Page, files: dict[str, bytes], *, events: tuple[str, ...] = ("dragenter", "dragover", "drop")) -> bool:
    """Drop files onto the page, as from a folder of the desktop; whether the page took them from the browser."""
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
    place = page.locator("#content")
    return bool([place.evaluate(DROPPED, {"type": event, "dataTransfer": transfer}) for event in events][-1])
