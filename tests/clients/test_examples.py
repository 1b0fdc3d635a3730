"""What docs/clients.md and docs/examples show works as it stands there, against a gateway that runs."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.instance import Instance
from tests.browser.conftest import NO_BROWSER, chromium, launched
from tests.intake import samples

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
EXAMPLES = dict(
    re.findall(r"<!-- runs: (\S+) -->\n```\w+\n(.*?)^```$", (DOCS / "clients.md").read_text(), re.DOTALL | re.MULTILINE)
)
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(outside: Instance, key: str, tmp_path: Path) -> Run:
    """Run an example as a stranger would: in a folder of its own, with the gateway's address and a key."""

    def run_it(name: str, *arguments: str, by: tuple[str, ...], **environment: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / name).write_text(EXAMPLES[name])
        return subprocess.run(
            [*by, name, *arguments],
            cwd=tmp_path,
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
                "GATEWAY": f"http://127.0.0.1:{outside.port}",
                "KMRL_API_KEY": key,
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=90,
        )

    return run_it


@pytest.fixture
def paper(tmp_path: Path) -> str:
    (tmp_path / "circular.pdf").write_bytes(samples.pdf(f"Circular of {tmp_path.name}"))
    return "circular.pdf"


def test_every_example_is_run_here():
    assert set(EXAMPLES) == {"send_and_follow.py", "poll.py", "send_and_follow.mjs", "decide.py", "decide.mjs"}


def test_the_python_example_sends_a_paper_and_follows_it_to_the_end(run, paper):
    done = run("send_and_follow.py", paper, by=(sys.executable,))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("received as ") and lines[-1] == "processed"


def test_the_python_example_says_why_a_paper_is_refused(run, tmp_path):
    (tmp_path / "empty.pdf").write_bytes(b"")
    done = run("send_and_follow.py", "empty.pdf", by=(sys.executable,))
    assert done.returncode == 1
    assert "holds no bytes" in done.stderr


def test_the_example_without_a_library_prints_what_was_told(run, paper, outside):
    sent = run("send_and_follow.py", paper, by=(sys.executable,))
    assert sent.returncode == 0, sent.stderr
    with outside.database() as database:
        row = database.execute("SELECT max(position) FROM realtime_event WHERE type LIKE 'document.%'").fetchone()
    done = run("poll.py", by=(sys.executable,), AFTER="0", UNTIL=str(row[0]))
    assert done.returncode == 0, done.stderr
    told = [line.split(" ", 2) for line in done.stdout.splitlines()]
    assert ["document.received", "circular"] in [one[1:] for one in told]
    positions = [int(one[0]) for one in told]
    assert positions == sorted(set(positions))


@pytest.fixture
def invoice(outside: Instance, key: str, tmp_path: Path) -> str:
    """An invoice of Finance that waits to be certified: the document's id."""
    api = httpx.Client(base_url=f"http://127.0.0.1:{outside.port}/api/v1", headers={"X-API-Key": key}, timeout=30)
    words = f"Tax invoice of {tmp_path.name}. Total: Rs. 1,180.00"
    sent = api.post(
        "/documents/upload/",
        files={"file": ("invoice.txt", words.encode())},
        data={"source": "api", "department": "finance"},
    )
    document: str = sent.json()["id"]
    until = time.monotonic() + 30
    while not api.get("/workflows/tasks/", params={"document": document}).json()["results"]:
        assert time.monotonic() < until, "nobody is asked"
        time.sleep(0.1)
    return document


def _decide(run: Run, by: str, key: str, *said: str) -> subprocess.CompletedProcess[str]:
    """Run the example in Python or in Node as the reviewer."""
    program = sys.executable if by == "decide.py" else shutil.which("node")
    if program is None:
        pytest.skip("Node is not here (Debian: apt install nodejs)")
    return run(by, *said, by=(program,), KMRL_API_KEY=key)


@pytest.mark.parametrize("by", ["decide.py", "decide.mjs"])
def test_the_examples_decide_what_waits_once(run, invoice, reviewers_key, by):
    missing = _decide(run, by, reviewers_key, invoice, "certified", "")
    assert missing.returncode == 1
    assert missing.stdout.splitlines()[:2] == [
        "Certify the invoice: Was it delivered as billed, in quantity, rate and tax?"
        " Write the amount as it is to be paid.",
        "one of certified, disputed",
    ]
    assert missing.stdout.splitlines()[2].startswith("amount: ")
    done = _decide(run, by, reviewers_key, invoice, "certified", "", "amount=1180")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "certified by asha"
    again = _decide(run, by, reviewers_key, invoice, "certified", "", "amount=1180")
    assert again.returncode == 1  # four eyes: the payment is somebody else's to approve
    assert again.stderr.strip() == "Nothing about this document waits for you."


@pytest.mark.parametrize("sockets", [True, False])
def test_the_node_example_does_the_same_with_sockets_and_without(run, paper, outside, tmp_path, sockets):
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not here (Debian: apt install nodejs)")
    version = int(
        subprocess.run([node, "-p", "parseInt(process.versions.node)"], capture_output=True, text=True).stdout
    )
    if version < 20:
        pytest.skip(f"Node {version} has no fetch and FormData as the example uses them")
    with urllib.request.urlopen(f"http://127.0.0.1:{outside.port}/static/realtime.js") as answer:
        (tmp_path / "realtime.mjs").write_bytes(answer.read())
    flag = "--experimental-websocket" if version < 22 else "--no-warnings"
    without = flag if sockets else "--no-warnings" if version < 22 else "--no-experimental-websocket"
    done = run("send_and_follow.mjs", paper, by=(node, without))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("received as ") and lines[-1] == "processed"
    said = done.stderr.splitlines()  # without sockets it is offline first, then asks
    assert (said[0], said[-1], said.count("catching-up")) == ("catching-up", "offline", 1 if sockets else 2)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip(os.environ.get("KMRL_NO_BROWSER", NO_BROWSER))
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()


@pytest.fixture
def stranger(browser: Browser, elsewhere: str) -> Iterator[Page]:
    """Somebody else's page, in a browser that knows nothing yet."""
    page = browser.new_page()
    page.goto(f"{elsewhere}/live.html")
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("by", ["key", "ticket", "asking"])
def test_a_page_of_another_origin_sends_a_paper_and_follows_it(stranger: Page, outside, key, tmp_path, by):
    expect.set_options(timeout=20_000)
    if by == "asking":
        stranger.route_web_socket("**/ws/**", lambda socket: socket.close(code=1011, reason="blocked"))
    stranger.get_by_label("Gateway").fill(f"http://127.0.0.1:{outside.port}")
    stranger.get_by_label("API key or token").fill(key)
    if by == "ticket":
        stranger.get_by_label("show a ticket").check()
    stranger.get_by_role("button", name="Connect").click()
    state = stranger.locator("[data-state]")
    expect(state).to_have_text("asking every few seconds: sockets cannot be had" if by == "asking" else "live")
    (tmp_path / f"sent by {by}.txt").write_text(f"A paper that a page elsewhere sent by {by}")
    stranger.get_by_label("Send a paper").set_input_files(tmp_path / f"sent by {by}.txt")
    stranger.get_by_role("button", name="Send", exact=True).click()
    expect(stranger.locator("tbody tr", has_text=f"sent by {by}")).to_contain_text("processed")
    assert stranger.locator("[data-wrong]").inner_text() == ""


@pytest.mark.browser
def test_a_page_of_another_origin_is_told_when_its_key_is_not_taken(stranger: Page, outside):
    stranger.get_by_label("Gateway").fill(f"http://127.0.0.1:{outside.port}")
    stranger.get_by_label("API key or token").fill("kmrl_nobodys_key")
    stranger.get_by_role("button", name="Connect").click()
    expect(stranger.locator("[data-wrong]")).to_contain_text("key")
