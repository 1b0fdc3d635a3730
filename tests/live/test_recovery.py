"""kill -9 under load: every client's list of positions equals the log, filtered by its rights.

Redis, a web process and PostgreSQL of a private gateway die in turn while events are written and people listen, by
socket and by the polling endpoint. Only processes that the test started are killed.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from bench import processes, tied
from bench.instance import PROJECT, Instance
from bench.processes import Process
from tests.chaos.listener import Listener

SETTINGS = {"KMRL_WEB_WORKERS": "2", "KMRL_WORKERS_MIN": "1", "KMRL_ALERT_EVERY": "0"}
BACK_WITHIN, HEARD_WITHIN = 90.0, 60.0  # the supervisor waits longer each time for what dies again and again
pytestmark = pytest.mark.chaos


@pytest.fixture
def gateway(tmp_path_factory) -> Iterator[Instance]:
    instance = Instance(tmp_path_factory.mktemp("gateway"), settings=dict(SETTINGS))
    try:
        instance.start(within=90)
        yield instance
    finally:
        instance.kill_left()


class Poller:
    """Asks `GET /events/` again and again for what comes after the last position that it knows."""

    def __init__(self, port: int, key: str) -> None:
        self._address, self._key = f"http://127.0.0.1:{port}/api/v1/events/", key
        self.heard: list[int] = []
        self.resets = self.last = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask_for_ever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(10)

    def _ask_for_ever(self) -> None:
        while not self._over.wait(0.3):
            with contextlib.suppress(OSError, urllib.error.HTTPError, json.JSONDecodeError):
                self._ask()

    def _ask(self) -> None:
        request = urllib.request.Request(f"{self._address}?after={self.last}", headers={"X-API-Key": self._key})
        with urllib.request.urlopen(request, timeout=5) as answer:
            said = json.load(answer)
        self.resets += said["reset"]
        self.heard += [event["position"] for event in said["events"]]
        self.last = said["position"]


class Writer:
    """The process that writes events all the while."""

    def __init__(self, gateway: Instance, seed: int) -> None:
        self._process = subprocess.Popen(
            [*tied.to_us(), sys.executable, "-m", "tests.live.telling", str(seed)],
            cwd=PROJECT,
            env={**gateway.environment(), "DJANGO_SETTINGS_MODULE": "kmrl.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.people: dict[str, dict] = json.loads(self._process.stdout.readline())

    def stop(self) -> int:
        """How many events were surely committed."""
        self._process.stdin.close()
        committed = int(self._process.stdout.readline())
        self._process.wait(10)
        return committed


def killed(gateway: Instance, role: str, dice: random.Random) -> None:
    """Kill -9 one process of that role (of the web a serving one, not its parent); wait until all is there again.

    Without Redis the gateway is ready, too: so the new process is waited for as well.
    """
    before = at_work(gateway, role)
    victim = dice.choice(before)
    os.kill(victim.pid, signal.SIGKILL)
    until = time.monotonic() + BACK_WITHIN
    while processes.still_there([victim]) or len(at_work(gateway, role)) < len(before) or not gateway.is_ready():
        assert time.monotonic() < until, f"{role} did not come back.\n{gateway.said(300)}"
        time.sleep(0.05)


def at_work(gateway: Instance, role: str) -> list[Process]:
    """The processes of that role that may be killed: the leader, or those that serve pages."""
    found = gateway.of_role(role)
    leaders = [process for process in found if process.parent == gateway.pid]
    if role != "web":
        return leaders
    below = [process for process in found if process.parent in {leader.pid for leader in leaders}]
    return [process for process in below if "resource_tracker" not in process.command]  # Python's own, serves nothing


def logged(gateway: Instance, hears: list[str]) -> list[int]:
    with gateway.database() as database:
        rows = database.execute(
            "SELECT position FROM realtime_event WHERE audience && %s::varchar[] ORDER BY position", [hears]
        )
        return [position for (position,) in rows]


def settled(gateway: Instance) -> int:
    """The last position, once everything is numbered."""
    with gateway.database() as database:
        return database.execute("SELECT realtime_number_events()").fetchone()[0]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("rounds", [1, pytest.param(8, marks=pytest.mark.long)])
def test_every_client_hears_exactly_what_its_rights_show_it_of_the_log(gateway, rounds):
    dice = random.Random(4)
    writer = Writer(gateway, 4)
    sockets = {name: [Listener(gateway.port, one["key"]) for _ in range(2)] for name, one in writer.people.items()}
    for listener in (listener for pair in sockets.values() for listener in pair):
        listener.start()
    pollers = {name: Poller(gateway.port, writer.people[name]["key"]) for name in ("north", "auditor")}
    time.sleep(0.5)
    for _ in range(rounds):
        for role in dice.sample(["Redis", "web", "PostgreSQL"], 3):
            killed(gateway, role, dice)
            time.sleep(0.4)
    committed = writer.stop()
    last = settled(gateway)
    expected = {name: logged(gateway, one["hears"]) for name, one in writer.people.items()}
    everybody = [(name, listener) for name, pair in sockets.items() for listener in pair]
    until = time.monotonic() + HEARD_WITHIN
    while time.monotonic() < until and not all(
        listener.last >= expected[name][-1] for name, listener in [*everybody, *pollers.items()]
    ):
        time.sleep(0.1)
    for one in [*(listener for _, listener in everybody), *pollers.values()]:
        one.stop()
    assert last >= committed > 0
    assert logged(gateway, ["system", *{key for one in writer.people.values() for key in one["hears"]}]) == list(
        range(1, last + 1)
    ), "positions have a gap"
    for name, listener in everybody:
        assert [event["position"] for event in listener.heard] == expected[name], f"socket of {name}"
        assert listener.resets == 0
    assert sum(listener.connections for _, listener in everybody) > len(everybody), "no socket was ever cut"
    for name, poller in pollers.items():
        assert poller.heard == expected[name], f"polling of {name}"
        assert poller.resets == 0
    gateway.stop()
