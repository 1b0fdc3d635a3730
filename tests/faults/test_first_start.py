"""The first start killed in the middle: whatever it left, the next start mends."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kmrl.embedded.services import Services
from kmrl.supervision import gateway as gateways
from kmrl.supervision import preparing
from kmrl.supervision.supervisor import Failed
from tests.house.gateways import PROJECT, Gateway, free_port, until, working_on

pytestmark = [pytest.mark.chaos, pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")]


def begin(gateway: Gateway) -> subprocess.Popen:
    with open(gateway.screen, "w") as screen:
        return subprocess.Popen(
            [sys.executable, "-m", "kmrl.supervision"],
            cwd=PROJECT,
            env=gateway.environment,
            stdin=subprocess.DEVNULL,
            stdout=screen,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def assert_nothing_is_left(data: Path) -> None:
    end = time.monotonic() + 20
    while left := working_on(data):
        assert time.monotonic() < end, {pid: " ".join(command.split())[:200] for pid, command in left.items()}
        time.sleep(0.1)


def test_a_first_start_that_is_killed_at_any_stage_is_mended_by_the_next(tmp_path):
    gateway = Gateway(tmp_path / "data")
    services = gateway.data / "services"
    stages = {
        "the cluster is being made": lambda: (services / "postgres.new").exists(),
        "the schema is being made": lambda: (gateway.data / "addresses.json").exists(),
        "the web server loads": lambda: "kmrl.asgi:application" in " ".join(working_on(gateway.data).values()),
    }
    try:
        for stage, reached in stages.items():
            process = begin(gateway)
            until(reached, 60)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            assert_nothing_is_left(gateway.data)
            assert "is ready" not in gateway.said(), stage
        gateway.start()
        assert "sign in" in gateway.said()
        assert gateway.is_ready()
    finally:
        gateway.stop()


def test_nothing_opens_while_the_gateway_is_prepared(tmp_path):
    preparing.wait(tmp_path)  # nobody prepares: at once
    opened = threading.Event()

    def open_then() -> None:
        preparing.wait(tmp_path)
        opened.set()

    with preparing.held(tmp_path):
        waiting = threading.Thread(target=open_then)
        waiting.start()
        time.sleep(0.2)
        assert not opened.is_set()
    waiting.join(5)
    assert opened.is_set()
    preparing.wait(tmp_path)  # the file is there still, nobody holds it


class Failing:
    """A supervisor whose preparation comes to nothing."""

    def begin(self, program: object) -> None:
        """It begins."""

    start = begin

    def result(self, task: object) -> str:
        raise Failed("the migrations do not fit")


def test_nothing_opens_where_the_preparation_failed(tmp_path):
    start = gateways.Start(Failing(), gateways.Place(tmp_path, "127.0.0.1", free_port()))
    start.prepare(Services(None, None, tmp_path, tmp_path))
    with pytest.raises(Failed):
        start.everything()
    with open(tmp_path / "preparing") as lock:
        assert not preparing._is_free(lock.fileno())
