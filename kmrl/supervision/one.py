"""`python -m kmrl.supervision.one NAME`: becomes one process of the gateway; for containers and service managers.

NAME is prepare, web, worker-high, worker-default, worker-low or beat; worker-default becomes several processes where
KMRL_WORKERS_MIN and _MAX say so, and a worker that is to have no hands (KMRL_WORKERS_HIGH=0) waits to be stopped.
`seen` is the workers' health check: exit code 0 when a worker of this host reported within 15 s, or none is wanted.
Services are not started here: DATABASE_URL and REDIS_URL name them.
"""

import os
import signal
import socket
import sys
from pathlib import Path

import psycopg

from kmrl import database
from kmrl import environment as env
from kmrl.embedded.runner import CannotRun
from kmrl.supervision import checking, instance, processes

PROJECT = Path(__file__).resolve().parent.parent.parent
GRACE = 8  # seconds; Docker kills after ten
NAMES = ("prepare", "web", "beat", *(processes.worker_name(queue, 1) for queue in processes.QUEUES))


def main(names: list[str]) -> None:
    """Becomes the process, or ends with the check's exit code. Raises BadSetting, Unreadable, Refused, CannotRun."""
    os.chdir(PROJECT)
    data = env.folder("KMRL_DATA", PROJECT / "var")
    if names == ["seen"]:
        sys.exit(0 if _unwanted(data).exists() or _seen() else 1)
    if len(names) != 1 or names[0] not in NAMES:
        sys.exit(f"Name one of: {', '.join(NAMES)}, seen")
    host = env.text("KMRL_HOST", "0.0.0.0").strip()  # noqa: S104
    checking.everything(data, host)
    _make(data)
    command = _command(names[0], data, host)
    if command is None:
        _wait_to_be_stopped(processes.unwanted(names[0].removeprefix("worker-")))
    else:
        os.execv(command[0], command)  # noqa: S606


def _command(name: str, data: Path, host: str) -> list[str] | None:
    """None for a worker that is to have no hands."""
    if name == "prepare":
        return processes.prepare()
    if name == "web":
        instance.check_port(host, processes.port(), died=True)
        return processes.web(host, processes.port(), grace=GRACE)
    if name == "beat":
        return processes.beat(data)
    command = processes.workers(socket.gethostname()).get(name)
    if command is None:
        _unwanted(data).touch()
    elif name == "worker-default" and processes.span()[1] > 1:
        return [sys.executable, "-m", "kmrl.supervision.hands"]
    return command


def _make(data: Path) -> None:
    try:
        (data / "beat").mkdir(parents=True, exist_ok=True)
        _unwanted(data).unlink(missing_ok=True)
    except OSError as problem:
        raise CannotRun(f"{problem.filename} cannot be written ({problem.strerror}): see KMRL_DATA.") from None


def _unwanted(data: Path) -> Path:
    """The mark of a container whose worker is not wanted."""
    return data / "unwanted"


def _wait_to_be_stopped(why: str) -> None:
    """To end would be to be started again, for ever."""
    print(f"{why} This process waits until it is stopped.", file=sys.stderr)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: sys.exit(0))
    while True:
        signal.pause()


def _seen() -> bool:
    query = "SELECT 1 FROM jobs_worker WHERE host = %s AND seen_at > now() - interval '15 seconds' LIMIT 1"
    with psycopg.connect(database.given(), connect_timeout=3) as connection:
        return connection.execute(query, [socket.gethostname()]).fetchone() is not None


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (env.BadSetting, checking.Unreadable, instance.Refused, CannotRun, OSError, psycopg.Error) as problem:
        sys.exit(str(problem))
