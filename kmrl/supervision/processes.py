"""The commands of the gateway's own processes: the one list that the supervisor runs and the compose file repeats.

The web server is granian (decision: the fastest of the tested ones for requests and for sockets, and never hung when
stopped under load); `KMRL_ASGI_SERVER=daphne` is the tested other choice.
"""

import os
import sys
from pathlib import Path

from kmrl import environment as env

QUEUES = ("high", "default", "low")


def web(host: str, port: int) -> list[str]:
    """Pages, API and sockets on one port."""
    server = env.text("KMRL_ASGI_SERVER", "granian").lower()
    if server == "granian":
        return _granian(host, port)
    if server == "daphne":
        return [sys.executable, "-m", "daphne", "-b", host, "-p", str(port), "kmrl.asgi:application"]
    raise env.BadSetting(f"KMRL_ASGI_SERVER is {server!r}; write granian or daphne.")


def _granian(host: str, port: int) -> list[str]:
    workers = env.number("KMRL_WEB_WORKERS", min(2, os.cpu_count() or 1), least=1)
    return [
        *(sys.executable, "-m", "granian", "--interface", "asginl", "kmrl.asgi:application"),
        *("--host", host, "--port", str(port), "--http", "1", "--workers", str(workers)),
        *("--backlog", "4096", "--backpressure", "4096"),  # an open socket holds a place for as long as it is open
        *("--respawn-failed-workers", "--respawn-interval", "0.4", "--workers-kill-timeout", "3"),
        *("--log-level", "warning"),
    ]


def workers(instance: str) -> dict[str, list[str]]:
    """By name: one Celery worker process for each queue that has hands. `instance` keeps names apart on a host."""
    usual = {"high": 1, "default": max(2, os.cpu_count() or 1), "low": 1}
    hands = {queue: env.number(f"KMRL_WORKERS_{queue.upper()}", usual[queue]) for queue in QUEUES}
    return {f"worker-{queue}": worker(queue, hands[queue], instance) for queue in QUEUES if hands[queue]}


def worker(queue: str, hands: int, instance: str) -> list[str]:
    """Serves `queue` and what is more urgent (QUEUES begins with the most urgent), `hands` jobs at a time.

    Threads: the heavy work is done in child processes of theirs (`jobs.tasks` says more).
    """
    heard = ",".join(reversed(QUEUES[: QUEUES.index(queue) + 1]))
    return [
        *(sys.executable, "-m", "celery", "-A", "kmrl", "worker", "--queues", heard),
        *("--hostname", f"{queue}-{instance}@%h", "--pool", "threads", "--concurrency", str(hands)),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", _level()),
    ]


def beat(data: Path) -> list[str]:
    """The tick."""
    return [
        *(sys.executable, "-m", "celery", "-A", "kmrl", "beat", "--schedule", str(data / "beat" / "schedule")),
        *("--pidfile", "", "--loglevel", _level()),
    ]


def _level() -> str:
    return env.text("KMRL_LOG_LEVEL", "INFO")


def prepare() -> list[str]:
    """Everything that must stand before the first request, in one process."""
    return [sys.executable, "manage.py", "prepare"]
