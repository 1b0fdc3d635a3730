"""The commands of the gateway's own processes: the one list that the supervisor runs and the compose file repeats.

The web server is uvicorn (decision 14: as quick as granian, and a socket costs it a sixth of the memory);
`KMRL_ASGI_SERVER=granian` and `daphne` are the tested other choices.
"""

import os
import sys
from pathlib import Path

from kmrl import environment as env

QUEUES = ("high", "default", "low")
KINDS = {"high": "urgent", "default": "normal", "low": "unhurried"}
SERVERS = ("uvicorn", "granian", "daphne")
MOST_WEB, MOST_HANDS, MOST_WORKERS = 256, 1000, 256  # more than any machine has use for
CELERY = ("-m", "celery", "--skip-checks", "-A", "kmrl")  # Django's checks would load all pages into every worker


def web(host: str, port: int, *, grace: int = 2) -> list[str]:
    """Pages, API and sockets on one port; `grace`: seconds that requests have to end when it is stopped (uvicorn)."""
    server = env.choice("KMRL_ASGI_SERVER", "uvicorn", SERVERS)
    if server == "uvicorn":
        return _uvicorn(host, port, grace)
    if server == "granian":
        return _granian(host, port)
    return [sys.executable, "-m", "daphne", "-b", host, "-p", str(port), "kmrl.asgi:application"]


def port() -> int:
    """Where the web server listens."""
    return env.number("KMRL_PORT", 8000, least=1, most=65_535)


def _web_workers() -> str:
    return str(env.number("KMRL_WEB_WORKERS", min(2, os.cpu_count() or 1), least=1, most=MOST_WEB))


def _uvicorn(host: str, port: int, grace: int) -> list[str]:
    ours = (sys.executable, "-m", "kmrl.supervision.serving", "kmrl.asgi:application")
    return [*ours, host, str(port), _web_workers(), str(grace)]


def _granian(host: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "kmrl.asgi:application", "--interface", "asginl", "--loop", "asyncio"),
        *("--host", host, "--port", str(port), "--http", "1", "--workers", _web_workers()),
        *("--backlog", "4096", "--backpressure", "4096"),  # an open socket holds a place for as long as it is open
        *("--respawn-failed-workers", "--respawn-interval", "0.4", "--workers-kill-timeout", "3"),
        *("--log-level", "warning"),
    ]


def workers(instance: str) -> dict[str, list[str]]:
    """By name: a Celery worker process for each queue that has hands, of `default` as many as KMRL_WORKERS_MIN says.

    `instance` keeps names apart on a host.
    """
    least, _ = span()
    found = {}
    for queue in QUEUES:
        if hands(queue):
            for number in range(1, 1 + (least if queue == "default" else 1)):
                found[worker_name(queue, number)] = worker(queue, hands(queue), instance, number)
    return found


def hands(queue: str) -> int:
    """Jobs at a time of a worker process of `queue`."""
    if queue == "high":
        return env.number("KMRL_WORKERS_HIGH", 1, most=MOST_HANDS)
    if queue == "low":
        return env.number("KMRL_WORKERS_LOW", 1, most=MOST_HANDS)
    return env.number("KMRL_WORKERS_DEFAULT", max(2, os.cpu_count() or 1), most=MOST_HANDS)


def without() -> list[str]:
    """A sentence for each queue that has no worker of its own here, or one for all of them."""
    missing = [queue for queue in QUEUES if not hands(queue)]
    if len(missing) == len(QUEUES):
        return ["KMRL_WORKERS_HIGH, _DEFAULT and _LOW are 0: no worker runs here, papers wait for one elsewhere."]
    return [unwanted(queue) for queue in missing]


def unwanted(queue: str) -> str:
    return f"KMRL_WORKERS_{queue.upper()} is 0: {KINDS[queue]} work has no worker of its own here."


def span() -> tuple[int, int]:
    """The least and the most worker processes of `default`. Raises BadSetting."""
    least = env.number("KMRL_WORKERS_MIN", 1, least=1, most=MOST_WORKERS)
    most = env.number("KMRL_WORKERS_MAX", least, least=1, most=MOST_WORKERS)
    if most < least:
        raise env.BadSetting(
            f"KMRL_WORKERS_MAX is {most}, and KMRL_WORKERS_MIN is {least}; write a KMRL_WORKERS_MAX that is not less."
        )
    return least, most


def scales() -> bool:
    """Whether the number of worker processes follows the backlog."""
    least, most = span()
    return most > least and hands("default") > 0


def scaling() -> list[str]:
    """Looks how much waits and says what is to be done."""
    return [sys.executable, "-m", "kmrl.supervision.scaling"]


def worker_name(queue: str, number: int) -> str:
    return f"worker-{queue}" if number == 1 else f"worker-{queue}-{number}"


def worker(queue: str, hands: int, instance: str, number: int = 1) -> list[str]:
    """Serves `queue` and what is more urgent (QUEUES begins with the most urgent), `hands` jobs at a time.

    Threads: the heavy work is done in child processes of theirs (`jobs.tasks` says more).
    """
    heard = ",".join(reversed(QUEUES[: QUEUES.index(queue) + 1]))
    return [
        *(sys.executable, *CELERY, "worker", "--queues", heard),
        *(
            "--hostname",
            f"{worker_name(queue, number).removeprefix('worker-')}-{instance}@%h",
            "--pool",
            "threads",
            "--concurrency",
            str(hands),
        ),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", _level()),
    ]


def _level() -> str:
    return env.choice("KMRL_LOG_LEVEL", "INFO", env.LEVELS)


def beat(data: Path) -> list[str]:
    """The tick."""
    return [
        *(sys.executable, *CELERY, "beat", "--schedule", str(data / "beat" / "schedule")),
        *("--pidfile", "", "--loglevel", _level()),
    ]


def prepare(*, early: bool = False) -> list[str]:
    """Everything that must stand before the first request, in one process; `early`: before PostgreSQL answers."""
    return [sys.executable, "manage.py", "prepare", *(["--early"] if early else [])]
