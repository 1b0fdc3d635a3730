"""A PostgreSQL or Valkey of the test's own, which it can take away from a running gateway for as long as it likes."""

import json
import os
import subprocess
import sys
from pathlib import Path

from kmrl.embedded.runner import Runner
from tests.house.gateways import PROJECT, environment

SERVE = """
import sys
from pathlib import Path
from kmrl.embedded import addresses, services
from kmrl.supervision import foundations
from kmrl.supervision.supervisor import Supervisor
data = services.folder(Path(sys.argv[1]))
with Supervisor(data / "log") as supervisor:
    foundations.start(supervisor, data, with_postgres=sys.argv[2] == "postgres", with_valkey=sys.argv[2] == "valkey")
    print(addresses.read(data), flush=True)
    supervisor.keep()
    supervisor.stop()
"""


class Served:
    """`what` is postgres or valkey. Its data stays while it is away, and it comes back at the same address."""

    def __init__(self, data: Path, what: str) -> None:
        self.data, self.what = data, what
        self.process: subprocess.Popen[str] | None = None

    def come(self) -> dict[str, str]:
        """Start it; the environment variable that leads to it."""
        self.process = subprocess.Popen(
            Runner().command([sys.executable, "-c", SERVE, str(self.data), self.what]),  # it ends with this process
            cwd=PROJECT,
            env=environment(self.data),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said, f"{self.what} did not start"
        found: dict[str, str] = json.loads(said.replace("'", '"'))
        return found

    def go(self) -> None:
        """Stop it, as an administrator does."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def __enter__(self) -> "Served":
        os.makedirs(self.data.parent, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.go()
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()
