"""This process as one that runs jobs: its name, what it serves, how many hands it has, whether it is stopping."""

import os
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Presence:
    """One by process. `concurrency` hands may run jobs at once; `knocks` counts wake-ups that found no free hand."""

    id: str
    host: str
    pid: int
    space: str
    queue: str = "low"
    helping: bool = False
    concurrency: int = 1
    draining: bool = False
    jobs_done: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    _busy: int = 0
    _knocks: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def may_claim(self) -> bool:
        return not self.draining and not self.stopping.is_set()

    @property
    def serves(self) -> str:
        """The queue whose work it takes, with all that is more urgent: its own, or all while nobody else would."""
        return "low" if self.helping else self.queue

    @property
    def busy_hands(self) -> int:
        with self._guard:
            return self._busy

    @property
    def free_hands(self) -> int:
        with self._guard:
            return max(self.concurrency - self._busy, 0)

    def take_hand(self) -> bool:
        """Whether a hand was free. If none was, a hand that is about to rest looks once more (`rest_hand`)."""
        with self._guard:
            if self._busy >= self.concurrency:
                self._knocks += 1
                return False
            self._busy += 1
            return True

    def knocks(self) -> int:
        with self._guard:
            return self._knocks

    def rest_hand(self, heard: int) -> bool:
        """Give the hand back, unless somebody has knocked since `heard`: then False, and the hand must look again."""
        with self._guard:
            if self._knocks != heard and not self.stopping.is_set() and not self.draining:
                return False
            self._busy -= 1
            return True

    def drop_hand(self) -> None:
        """Give the hand back whatever happened (its thread is ending by an error)."""
        with self._guard:
            self._busy -= 1


_mine: Presence | None = None
_guard = threading.Lock()


def mine() -> Presence:
    """This process' presence; a forked child gets one of its own."""
    global _mine
    if _mine is None or _mine.pid != os.getpid():
        with _guard:
            if _mine is None or _mine.pid != os.getpid():
                host, pid = socket.gethostname(), os.getpid()
                _mine = Presence(id=f"{host[:48]}:{pid}:{int(time.time())}", host=host[:120], pid=pid, space=_space())
    return _mine


def _space() -> str:
    """Which boot and pid namespace our pid belongs to; empty where that cannot be known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """Whether a process of our pid namespace runs. One that has ended but was not collected counts as dead."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return state not in "ZX"
