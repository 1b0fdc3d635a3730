"""The worker processes of a supervisor: those that always run, and those that come and go with the backlog.

`python -m kmrl.supervision.hands` runs the workers of `default` alone, for a container whose number of processes
follows the backlog; elsewhere they belong to the gateway's supervisor (`kmrl.supervision.gateway`).
"""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from kmrl import environment as env
from kmrl.embedded.runner import CannotRun, Runner
from kmrl.supervision import processes
from kmrl.supervision.child import Child
from kmrl.supervision.logs import Log
from kmrl.supervision.program import Program
from kmrl.supervision.supervisor import StopAsked, Supervisor, say

GRACE = 5.0  # seconds for a worker to end; it hands its running jobs back after three
DEFAULT = "worker-default"


class Hands:
    """Starts workers under `supervisor`, and obeys the scaler where the host wants one."""

    def __init__(
        self, supervisor: Supervisor, instance: str, environment: dict[str, str], log: Log | None = None
    ) -> None:
        self._supervisor, self._instance, self._environment, self._log = supervisor, instance, environment, log
        self._heard = b""

    def start(self, names: Callable[[str], bool] = lambda name: True) -> None:
        """Those of the host's choice whose name is wanted, and the scaler if their number is to follow the backlog."""
        for name, command in processes.workers(self._instance).items():
            if names(name):
                self._start(name, command)
        if processes.scales():
            place = Program("scaling", tied(processes.scaling()), self._environment)
            self._supervisor.start(place, Orders(self._obey))

    def _start(self, name: str, command: list[str]) -> None:
        self._supervisor.start(Program(name, tied(command), self._environment, patience=GRACE, marked=True), self._log)

    def _obey(self, said: bytes) -> None:
        """Whole lines only: `more`, or `stop PID`. Anything else it says (a traceback) is told."""
        *lines, self._heard = (self._heard + said).split(b"\n")
        for line in lines:
            match line.decode(errors="replace").split():
                case ["more"]:
                    self._one_more()
                case ["stop", pid] if pid.isdigit():
                    self._one_less(int(pid))
                case _:
                    say(f"scaling: {line.decode(errors='replace')}")

    def _one_more(self) -> None:
        _, most = processes.span()
        taken = {child.program.name for child in self._ours()}
        free = [number for number in range(1, most + 1) if processes.worker_name("default", number) not in taken]
        if len(taken) >= most or not free:
            return
        name = processes.worker_name("default", free[0])
        say(f"Much waits: {name} is started ({len(taken) + 1} of {most})")
        self._start(name, processes.worker("default", processes.hands("default"), self._instance, free[0]))

    def _one_less(self, pid: int) -> None:
        least, _ = processes.span()
        staying = [child for child in self._ours() if not child.leaving]
        for child in staying:
            if child.pid == pid and len(staying) > least:
                say(f"Nothing waits: {child.program.name} ends ({len(staying) - 1} left)")
                self._supervisor.retire(child)

    def _ours(self) -> list[Child]:
        return [child for child in self._supervisor.children if child.program.name.startswith(DEFAULT)]


class Orders(Log):
    """Hands on what a child says instead of keeping it."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear

    def write(self, said: bytes) -> None:
        self._hear(said)

    def tail(self, lines: int) -> str:
        return ""


def tied(command: list[str]) -> Callable[[], list[str]]:
    """It is asked to end when we are killed, even in the moment before the watchdog has heard of it."""
    return lambda: Runner().command(command)


def to_the_screen(said: bytes) -> None:
    """As containers want it."""
    sys.stdout.buffer.write(said)
    sys.stdout.flush()


def main() -> None:
    """The workers of `default` in this container, until we are asked to stop."""
    data = env.folder("KMRL_DATA", Path.cwd() / "var")
    with Supervisor(data / "log", say) as supervisor:
        hands = Hands(supervisor, socket.gethostname(), dict(os.environ), Orders(to_the_screen))
        hands.start(lambda name: name.startswith(DEFAULT))
        supervisor.keep()


if __name__ == "__main__":
    try:
        main()
    except StopAsked:
        sys.exit(0)
    except (CannotRun, env.BadSetting, OSError) as problem:
        sys.exit(str(problem))
