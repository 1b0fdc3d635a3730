"""The sides of the fan-out benchmark: ours, and the others, each with its server and its publisher."""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any, Protocol

from bench import tied
from bench.instance import KEPT, PROJECT, Instance, free_port

MANY = str(1_000_000)
ALONE = {"KMRL_WORKERS_MIN": "1", "KMRL_ALERT_EVERY": "0"}
WITHIN = 60.0  # seconds for a round, the pauses between its events aside, and for opening the sockets


class DidNotEnd(RuntimeError):
    """A side was too slow to be measured to the end; `received` is what had come by then."""

    def __init__(self, what: str, received: float = 0) -> None:
        super().__init__(what)
        self.received = received


class FanOut(Protocol):
    """A server that tells the same to all its sockets."""

    name: str
    port: int
    path: str
    options: list[str]  # of bench.fanout_load

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def tell(self, count: int, between: float) -> None:
        """Publish so many, so many seconds apart; returns at once or when it is done."""

    def servers(self) -> list[int]:
        """The processes that hold sockets."""


class Ours:
    """A private gateway with so many web processes, its events told by a process of their own that commits them."""

    path = "/ws/"

    def __init__(self, web: int) -> None:
        self.name = "ours" if web == 1 else f"ours, {web} processes"
        self._folder = Path(tempfile.mkdtemp(prefix="kmrl-bench-"))
        limits = {"KMRL_SOCKETS_PER_USER": MANY, "KMRL_SOCKETS_PER_ADDRESS": MANY}
        self.instance = Instance(self._folder / "i", settings={**ALONE, **limits, "KMRL_WEB_WORKERS": str(web)})
        self.port = self.instance.port
        self.options: list[str] = []
        self._teller: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.instance.start(within=120)
        self._teller = subprocess.Popen(
            [*tied.to_us(), sys.executable, "-m", "bench.fanout_teller"],
            cwd=PROJECT,
            env={**self.instance.environment(), "DJANGO_SETTINGS_MODULE": "kmrl.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        tokens: dict[str, str] = json.loads(self._answer())
        shown = {name: f"Authorization: Bearer {token}" for name, token in tokens.items()}
        self.options = ["--header", shown["listener"], "--deaf-header", shown["second"]]

    def stop(self) -> None:
        try:
            if self._teller is not None and self._teller.stdin is not None:
                self._teller.stdin.close()
                self._teller.wait(10)
            self.instance.stop()
        finally:
            self.instance.kill_left()
            shutil.rmtree(self._folder, ignore_errors=True)

    def tell(self, count: int, between: float) -> None:
        self._say(f"{count} {between} 0 all")

    def tell_second(self, count: int, pad: int) -> None:
        """Large events for the second person alone, whose sockets are deaf."""
        self._say(f"{count} 0 {pad} second")
        self.told()

    def told(self) -> None:
        """Wait until what was asked for is told."""
        self._answer()

    def servers(self) -> list[int]:
        """The web processes: below the server's own where it has several, else that one."""
        found = self.instance.of_role("web")
        leaders = {process.pid for process in found if process.parent == self.instance.pid}
        return [process.pid for process in found if process.parent in leaders] or list(leaders)

    def _say(self, line: str) -> None:
        assert self._teller is not None and self._teller.stdin is not None, "not started"  # noqa: S101
        self._teller.stdin.write(line + "\n")
        self._teller.stdin.flush()

    def _answer(self) -> str:
        assert self._teller is not None and self._teller.stdout is not None, "not started"  # noqa: S101
        return line_of(self._teller.stdout, 2 * WITHIN)


class Other:
    """A server from the folder of the others; `kind` is ws, sio or channels."""

    def __init__(self, place: Path, name: str, kind: str) -> None:
        self.name, self.port, self._place, self._kind = name, free_port(), place, kind
        self.path = "/socket.io/?EIO=4&transport=websocket" if kind == "sio" else "/ws"
        self.options = ["--engine-io"] if kind == "sio" else []
        self._server: subprocess.Popen[bytes] | None = None
        self._publishers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        python = str(self._place / "venv" / "bin" / "python")
        subprocess.run([python, "infra.py", "start"], cwd=self._place, check=True, capture_output=True, env=_plain())
        if self._kind == "channels":
            daphne = str(self._place / "venv" / "bin" / "daphne")
            command = [daphne, "-b", "127.0.0.1", "-p", str(self.port), "-v", "0", "chanapp:application"]
        else:
            command = ["node", f"srv_{self._kind}.js"]
        self._server = self._begun(command)

    def stop(self) -> None:
        for process in [*self._publishers, self._server]:
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def tell(self, count: int, between: float) -> None:
        milliseconds = str(round(between * 1000))
        if self._kind == "channels":
            command = [str(self._place / "venv" / "bin" / "python"), "chanpub.py", str(count), milliseconds]
        else:
            command = ["node", "pub.js", self._kind, str(count), milliseconds]
        self._publishers.append(self._begun(command))

    def told(self) -> None:
        """Raises DidNotEnd."""
        try:
            self._publishers[-1].wait(WITHIN)
        except subprocess.TimeoutExpired:
            raise DidNotEnd(f"{self.name} still publishes.") from None

    def servers(self) -> list[int]:
        assert self._server is not None, "not started"  # noqa: S101 (a mistake of ours)
        return [self._server.pid]

    def _begun(self, command: list[str]) -> "subprocess.Popen[bytes]":
        settings = {"PORT": str(self.port), "VIA": "redis", "LAYER": "pubsub"}
        return subprocess.Popen(
            command,
            cwd=self._place / "fanout",
            env=_plain() | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


class Side:
    """A started side with so many sockets open. Use as a context manager."""

    def __init__(self, side: Any, sockets: int, *, deaf: int = 0) -> None:
        self.side, self.sockets, self.deaf = side, sockets, deaf

    def __enter__(self) -> "Side":
        more = ["--deaf", str(self.deaf)] if self.deaf else []
        command = [sys.executable, "-m", "bench.fanout_load", str(self.side.port), self.side.path, str(self.sockets)]
        self._load = subprocess.Popen(
            [*command, *self.side.options, *more], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._load.stdout is not None  # noqa: S101 (a pipe)
        try:
            if line_of(self._load.stdout, WITHIN) != "READY\n":
                raise RuntimeError(f"{self.side.name} does not hold {self.sockets} sockets.")
        except BaseException:
            self.__exit__()
            raise
        time.sleep(1)
        return self

    def __exit__(self, *ended: object) -> None:
        self._load.kill()
        self._load.wait()

    def round(self, count: int, between: float, *, idle: float = 4) -> dict[str, float]:
        """Tell so many to all of them and collect. Raises DidNotEnd."""
        assert self._load.stdin is not None and self._load.stdout is not None  # noqa: S101 (pipes)
        within = count * between + WITHIN
        self._load.stdin.write(f"{count} {idle} {within}\n")
        self._load.stdin.flush()
        self.side.tell(count, between)
        figures: dict[str, float] = json.loads(line_of(self._load.stdout, within + idle + 15))
        if not figures.pop("ended"):
            raise DidNotEnd(f"{self.side.name}: {figures['lost']:,.0f} had not come.", figures["received"])
        self.side.told()
        return figures


def line_of(said: IO[str], within: float) -> str:
    """The next line of a process that answers one line at a time. Raises DidNotEnd."""
    if not select.select([said], [], [], within)[0]:
        raise DidNotEnd(f"Nothing was said within {within:.0f} s.")
    return said.readline()


def _plain() -> dict[str, str]:
    """An environment with nothing of our gateway's."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}
