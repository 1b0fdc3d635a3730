"""What the processes of a running gateway are and what they cost, read from /proc (Linux)."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """One process. `started` (ticks since boot) tells it from a later one that got the same number."""

    pid: int
    parent: int
    started: int
    command: str
    state: str
    cpu: float

    @property
    def key(self) -> tuple[int, int]:
        return self.pid, self.started


def look(pid: int) -> Process | None:
    """The process with that number, or None when there is none. `cpu` counts its reaped children too (seconds)."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
        command = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (OSError, ProcessLookupError):
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    spent = sum(int(fields[n]) for n in (11, 12, 13, 14)) / TICKS
    return Process(pid, int(fields[1]), int(fields[19]), command, fields[0], spent)


def everybody() -> list[Process]:
    found = (look(int(entry.name)) for entry in PROC.iterdir() if entry.name.isdigit())
    return [process for process in found if process is not None]


def tree(root: int) -> list[Process]:
    """`root` and everything below it that has not ended, parents first."""
    children: dict[int, list[Process]] = {}
    for process in everybody():
        children.setdefault(process.parent, []).append(process)
    top = look(root)
    found, waiting = [], [top] if top else []
    while waiting:
        process = waiting.pop(0)
        if process.state != "Z":
            found.append(process)
        waiting += children.get(process.pid, [])
    return found


def still_there(processes: Iterable[Process]) -> list[Process]:
    """Those of `processes` that have not ended (a zombie has)."""
    now = ((process, look(process.pid)) for process in processes)
    return [old for old, new in now if new is not None and new.started == old.started and new.state != "Z"]


def environment(pid: int) -> dict[str, str]:
    """The environment that the process was started with."""
    raw = (PROC / str(pid) / "environ").read_bytes().decode(errors="surrogateescape")
    return dict(part.split("=", 1) for part in raw.split("\0") if "=" in part)


def cpu(roots: Iterable[int]) -> float:
    """Seconds of CPU that the trees below `roots` have used, those of ended and reaped children included."""
    return sum(process.cpu for root in roots for process in tree(root))


def busy() -> float:
    """Seconds of CPU that the whole machine has spent working since it started."""
    spent = [int(part) for part in (PROC / "stat").read_text().splitlines()[0].split()[1:]]
    return (sum(spent[:3]) + sum(spent[5:8])) / TICKS


@dataclass(frozen=True)
class Memory:
    """`together` counts shared pages once (proportional set size), `largest` is one process's resident set. MB."""

    together: float
    largest: float


def memory(roots: Iterable[int]) -> Memory:
    together = largest = 0.0
    for process in (process for root in roots for process in tree(root)):
        try:
            lines = (PROC / str(process.pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        figures = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
        together += figures.get("Pss", 0.0)
        largest = max(largest, figures.get("Rss", 0.0))
    return Memory(together, largest)
