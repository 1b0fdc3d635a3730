"""`python -m kmrl.supervision.one NAME`: becomes one process of the gateway; for containers and service managers.

NAME is prepare, web, worker-high, worker-default, worker-low or beat; worker-default becomes several processes where
KMRL_WORKERS_MIN and _MAX say so. `seen` is the workers' health check: exit code 0 when a worker of this host reported
within 15 s. Services are not started here: DATABASE_URL and REDIS_URL name them.
"""

import os
import socket
import sys
from pathlib import Path

import psycopg

from kmrl import environment as env
from kmrl.supervision import processes

PROJECT = Path(__file__).resolve().parent.parent.parent


def main(names: list[str]) -> None:
    """Becomes the process, or ends with the exit code of the check."""
    os.chdir(PROJECT)
    if names == ["seen"]:
        sys.exit(0 if _seen() else 1)
    data = env.folder("KMRL_DATA", PROJECT / "var")
    commands = {
        "prepare": processes.prepare(),
        "web": processes.web(env.text("KMRL_HOST", "0.0.0.0"), env.number("KMRL_PORT", 8000, least=1)),  # noqa: S104
        "beat": processes.beat(data),
    } | processes.workers(socket.gethostname())
    if len(names) != 1 or names[0] not in commands:
        sys.exit(f"Name one of: {', '.join(commands)}, seen")
    (data / "beat").mkdir(parents=True, exist_ok=True)
    command = commands[names[0]]
    if names[0] == "worker-default" and (processes.scales() or processes.span()[0] > 1):
        command = [sys.executable, "-m", "kmrl.supervision.hands"]
    os.execv(command[0], command)  # noqa: S606


def _seen() -> bool:
    query = "SELECT 1 FROM jobs_worker WHERE host = %s AND seen_at > now() - interval '15 seconds' LIMIT 1"
    with psycopg.connect(env.text("DATABASE_URL"), connect_timeout=3) as connection:
        return connection.execute(query, [socket.gethostname()]).fetchone() is not None


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (env.BadSetting, OSError, psycopg.Error) as problem:
        sys.exit(str(problem))
