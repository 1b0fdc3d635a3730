"""Private gateways for these tests: their environment is a stranger's, so they bring services of their own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent.parent
KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What `condition` says as soon as it says something true; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {condition}")
        time.sleep(0.05)
    return found


def environment(data: Path, **more: str) -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {"KMRL_DATA": str(data)} | more


def working_on(data: Path) -> dict[int, str]:
    """The commands, by process id, of everything that runs on `data`: it was told so, or works in it."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            variables = (entry / "environ").read_bytes().split(b"\0")
            there = os.readlink(entry / "cwd")
        except OSError:
            continue
        told = f"KMRL_DATA={data}".encode() in variables or f"{data}/" in command or there.startswith(f"{data}/")
        if told and command:
            found[int(entry.name)] = command
    return found


class Gateway:
    """`python -m kmrl.supervision` on a folder of its own."""

    def __init__(self, data: Path, port: int | None = None, **more: str) -> None:
        self.data = data
        self.port = port or free_port()
        self.environment = environment(data, KMRL_PORT=str(self.port), KMRL_WEB_WORKERS="1", **more)
        self.supervisor: subprocess.Popen[str] | None = None
        self.screen = data.with_name(f"{data.name}.screen")

    def start(self) -> "Gateway":
        """Start it; returns when it has said that it is up."""
        with open(self.screen, "w") as screen:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "kmrl.supervision"],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )
        until(lambda: "Ctrl-C stops" in self.said() or self.supervisor.poll() is not None, 60)
        assert self.supervisor.poll() is None, self.said()
        assert "is ready" in self.said(), self.said() + (self.data / "log" / "web.log").read_text()
        return self

    def said(self) -> str:
        return self.screen.read_text()

    def process(self, name: str) -> int:
        """The process id of the supervisor's child of that name, as its command shows; 0 while there is none."""
        marks = {
            "web": "kmrl.asgi:application",
            "postgres": "bin/postgres -D",
            "valkey": "valkey-server",
            "worker-high": "--queues high ",
            "worker-default": "--queues default,high",
            "beat": "kmrl beat",
            "watchdog": "watchdog.py",
        }
        for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it may be ending just now
                if marks[name] in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode():
                    return int(pid)
        return 0

    @property
    def pid(self) -> int:
        assert self.supervisor is not None
        return self.supervisor.pid

    def ask(self, path: str, data: dict | None = None) -> tuple[int, dict]:
        """Status and JSON of an answer; status 0 when there is no answer."""
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)
        except OSError:
            return 0, {}

    def is_ready(self) -> bool:
        return self.ask("/health/ready")[0] == 200

    def stop(self) -> float:
        """Ask it to stop; the seconds that took."""
        began = time.monotonic()
        if self.supervisor is not None and self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
            self.supervisor.wait(30)
        return time.monotonic() - began
