"""`python -m kmrl.supervision.alongside COMMAND…`: runs a command beside a private PostgreSQL and Valkey of its own.

Both live in a temporary folder and are gone afterwards, unless DATABASE_URL or REDIS_URL name others. The command
finds them by these variables; its exit code is ours. `bin/test` runs pytest with it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from kmrl import environment as env
from kmrl.embedded import services
from kmrl.embedded.runner import CannotRun
from kmrl.supervision import foundations
from kmrl.supervision.supervisor import Failed, StopAsked, Supervisor


def main(command: list[str]) -> int:
    """The command's exit code; 1 when the services cannot be run."""
    os.umask(0o077)
    room = Path(tempfile.mkdtemp(prefix="kmrl-test-"))
    room.rmdir()  # made again in the way that lets the services' user pass
    data = services.folder(room)
    try:
        return _run(command, data)
    except StopAsked:
        return 128 + signal.SIGTERM
    except (CannotRun, Failed, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _run(command: list[str], data: Path) -> int:
    with Supervisor(data / "log", lambda text: print(text, file=sys.stderr)) as supervisor:
        found = foundations.start(
            supervisor, data, with_postgres=not env.text("DATABASE_URL"), with_valkey=not env.text("REDIS_URL")
        )
        environment = dict(os.environ) | found.addresses() | {"KMRL_DATA": str(data)}
        process = subprocess.Popen(command, env=environment)
        try:
            supervisor.wait_until(lambda: process.poll() is not None, seconds=24 * 3600)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=30)
        supervisor.stop()
        foundations.stopped(found, data)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
