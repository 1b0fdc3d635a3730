"""The last that a worker process of this machine said before it died, from the log that the supervisor keeps of it."""

from pathlib import Path

from django.conf import settings

from jobs import presence

LINES, CHARACTERS = 20, 3_000
LOOKED_AT = 1 << 18  # bytes from the end of a log
MARK = "=== process {pid} ==="  # the supervisor writes it when a worker starts (`kmrl.supervision.child`)


def of(worker: str) -> str:
    """Of the worker with that id (host:pid:start); empty where it ran elsewhere, or said nothing that is kept."""
    host, _, rest = worker.rpartition(":")[0].rpartition(":")
    if host != presence.mine().id.rpartition(":")[0].rpartition(":")[0] or not rest.isdigit():
        return ""
    for place in sorted((settings.KMRL_DATA / "log").glob("worker-*.log")):
        if said := _after(f"{MARK.format(pid=rest)}\n", place):
            return "\n".join(said.splitlines()[-LINES:])[-CHARACTERS:]
    return ""


def _after(mark: str, place: Path) -> str:
    """What stands in the log from that mark to the next."""
    try:
        with place.open("rb") as file:
            file.seek(max(0, place.stat().st_size - LOOKED_AT))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return text.rpartition(mark)[2].partition(MARK.partition("{")[0])[0] if mark in text else ""
