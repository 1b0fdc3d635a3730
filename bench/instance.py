"""A private gateway in a folder of its own, started as `bin/up` starts one, and ended with everything below it."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench import processes
from bench.processes import Process

PROJECT = Path(__file__).resolve().parent.parent
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV")
ROLES = {
    "PostgreSQL": ("/postgres ",),
    "Redis": ("valkey-server", "redis-server"),
    "worker": ("-A kmrl worker",),
    "web": ("kmrl.asgi:application",),
}


class NotReady(RuntimeError):
    """The gateway did not come up in time; the message holds the end of what it said."""


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


@dataclass
class Instance:
    """One gateway. `home` holds its data and its log; nothing outside is touched.

    `settings` are added to its environment, which otherwise is a stranger's: no variable of the caller's gateway.
    """

    home: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    supervisor: subprocess.Popen[bytes] | None = None
    seen: dict[tuple[int, int], Process] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def pid(self) -> int:
        if self.supervisor is None:
            raise NotReady("The gateway was not started.")
        return self.supervisor.pid

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        kept["PATH"] = f"{Path(sys.executable).parent}:{kept.get('PATH', os.defpath)}"
        return {
            **kept,
            "KMRL_DATA": str(self.data),
            "KMRL_PORT": str(self.port),
            "DJANGO_SUPERUSER_USERNAME": "root",
            "DJANGO_SUPERUSER_PASSWORD": "a private 1nstance",
            "DJANGO_SUPERUSER_EMAIL": "root@example.org",
            **self.settings,
        }

    def start(self, *, within: float = 60) -> float:
        """Start it and wait until it is ready; the seconds that took. Raises NotReady."""
        self.home.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with (self.home / "log").open("ab") as log:
            self.supervisor = subprocess.Popen(
                [*self._tied_to_us(), sys.executable, "manage.py", "up"],
                cwd=PROJECT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_until_ready(within=within)
        self.note_processes()
        return time.monotonic() - began

    def _tied_to_us(self) -> list[str]:
        """It is asked to stop when this process dies, so that a test or a measurement that is killed leaves nothing."""
        launch = str(PROJECT / "kmrl" / "embedded" / "launch.py")
        return [sys.executable, "-I", "-S", launch, "--parent", str(os.getpid()), "--death", "TERM", "--"]

    def wait_until_ready(self, *, within: float) -> None:
        until = time.monotonic() + within
        while time.monotonic() < until:
            if self.supervisor is not None and self.supervisor.poll() is not None:
                raise NotReady(f"It ended with {self.supervisor.returncode}.\n{self.said()}")
            if self.is_ready():
                return
            time.sleep(0.05)
        raise NotReady(f"Not ready after {within:.0f} s.\n{self.said()}")

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def said(self, lines: int = 30) -> str:
        return "\n".join((self.home / "log").read_text(errors="replace").splitlines()[-lines:])

    def note_processes(self) -> list[Process]:
        """The processes of now; all that were ever noted are remembered in `seen`."""
        found = processes.tree(self.pid)
        self.seen |= {process.key: process for process in found}
        return found

    def of_role(self, role: str) -> list[Process]:
        """The processes of that role (see ROLES): those that the supervisor started, and all below them."""
        self.note_processes()
        leaders = [process for process in processes.tree(self.pid) if process.parent == self.pid]
        return [
            process
            for leader in leaders
            if any(word in leader.command for word in ROLES[role])
            for process in processes.tree(leader.pid)
        ]

    def stop(self, *, within: float = 20) -> float:
        """Ask it to stop, as Ctrl-C does; the seconds until it had. What is left then is killed and raises NotReady."""
        began = time.monotonic()
        self.note_processes()
        if self.supervisor is not None and self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.supervisor.wait(within)
        if left := self.left_running(within=3):
            self.kill_left()
            raise NotReady("Left running: " + "; ".join(f"{p.pid} {p.command[:80]}" for p in left))
        return time.monotonic() - began

    def left_running(self, *, within: float) -> list[Process]:
        """Of all processes ever noted, those that still run after at most `within` seconds."""
        until = time.monotonic() + within
        while (left := processes.still_there(self.seen.values())) and time.monotonic() < until:
            time.sleep(0.05)
        return left

    def kill_left(self) -> None:
        for process in processes.still_there(self.seen.values()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        if self.supervisor is not None:
            self.supervisor.wait(10)

    def remove(self) -> None:
        """Remove its folder; it has stopped."""
        shutil.rmtree(self.home, ignore_errors=True)

    def addresses(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL of its services, as it notes them for other commands."""
        if "DATABASE_URL" in self.settings:
            return self.settings
        found: dict[str, str] = json.loads((self.data / "addresses.json").read_text())
        return found

    def database(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection of one's own, each statement committed at once."""
        return psycopg.connect(self.addresses()["DATABASE_URL"], autocommit=True)

    def run(self, *arguments: str, timeout: float = 600) -> str:
        """Run a Python command in the instance's environment and project; what it printed. Raises on failure."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env={**self.environment(), "DJANGO_SETTINGS_MODULE": "kmrl.settings"},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout
