"""Brings the whole gateway up: services, preparation, web, workers, beat."""

import hashlib
import json
import os
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kmrl import environment as env
from kmrl.embedded import services
from kmrl.embedded.services import Services
from kmrl.supervision import checking, foundations, instance, preparing, processes, screen
from kmrl.supervision.hands import GRACE, Hands, tied
from kmrl.supervision.program import Program
from kmrl.supervision.supervisor import Supervisor, say

PROJECT = Path(__file__).resolve().parent.parent.parent
UNTOLD = "DJANGO_SUPERUSER_PASSWORD"  # only the preparation needs it


@dataclass(frozen=True)
class Place:
    """Where this gateway keeps its data and where it listens."""

    data: Path
    host: str
    port: int

    @property
    def reached_at(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 (compared, not bound)

    @property
    def url(self) -> str:
        host = f"[{self.reached_at}]" if ":" in self.reached_at else self.reached_at
        return f"http://{host}:{self.port}"

    @property
    def name(self) -> str:
        """Tells gateways on one host apart."""
        return hashlib.sha256(os.fsencode(self.data)).hexdigest()[:8]


def run() -> None:
    """Run it until it is asked to stop. Raises Refused, CannotRun, Failed, BadSetting, Unreadable, StopAsked."""
    began = time.monotonic()
    os.umask(0o077)  # documents, passwords and logs are nobody else's
    os.chdir(PROJECT)
    data = services.folder(env.folder("KMRL_DATA", PROJECT / "var"))
    place = Place(data, env.text("KMRL_HOST", "127.0.0.1").strip(), processes.port())
    with instance.lock(data) as died:
        instance.check_port(place.host, place.port, died)
        checking.everything(place.data, place.host)
        _keep(place, began)


def _keep(place: Place, began: float) -> None:
    """Start everything, and keep it running until asked to stop."""
    with Supervisor(place.data / "log", say) as supervisor:
        start = Start(supervisor, place)
        found = foundations.start(
            supervisor,
            place.data,
            with_postgres=not env.text("DATABASE_URL"),
            with_valkey=not env.text("REDIS_URL"),
            meanwhile=start.prepare,
        )
        try:
            prepared = start.everything()
            say(screen.text(place, prepared, _names(supervisor), began))
            supervisor.keep()
        finally:
            say("Stopping …")
            supervisor.stop()
            foundations.stopped(found, place.data)


class Start:
    """The order of a start, which uses both cores: preparation and web server load while PostgreSQL is made and
    started; the one waits for its answer, the other opens when the first is done (`preparing`)."""

    def __init__(self, supervisor: Supervisor, place: Place) -> None:
        self._supervisor, self._place = supervisor, place
        self._told: dict[str, str] = {}
        self._closed = ExitStack()

    def prepare(self, found: Services) -> None:
        """Begin the preparation, which waits for a PostgreSQL of ours, and the web server, which waits for that."""
        environment = _environment(self._place) | found.addresses()
        self._told = {name: value for name, value in environment.items() if name != UNTOLD}
        self._closed.enter_context(preparing.held(self._place.data))
        command = tied(processes.prepare(early=found.postgres is not None))
        self._preparation = self._supervisor.begin(Program("prepare", command, environment, patience=600))
        self._supervisor.start(Program("web", tied(processes.web(self._place.host, self._place.port)), self._told))

    def everything(self) -> dict[str, Any]:
        """Wait for preparation and web server, start workers and beat; what the preparation reported."""
        supervisor, place, told = self._supervisor, self._place, self._told
        prepared: dict[str, Any] = json.loads(supervisor.result(self._preparation))
        self._closed.close()  # not where it failed: nothing is to open then in its last moment
        prepared["ready"] = supervisor.wait_until(lambda: _is_ready(place), seconds=30)
        (place.data / "beat").mkdir(exist_ok=True)
        Hands(supervisor, place.name, told).start()
        supervisor.start(Program("beat", tied(processes.beat(place.data)), told, patience=GRACE))
        return prepared


def _names(supervisor: Supervisor) -> list[str]:
    """Of all that runs: first what the others stand on."""
    return [child.program.name for child in sorted(supervisor.children, key=lambda child: not child.program.foundation)]


def _environment(place: Place) -> dict[str, str]:
    return dict(os.environ) | {
        "KMRL_DATA": str(place.data),
        "KMRL_HOST": place.host,
        "KMRL_PORT": str(place.port),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "kmrl.settings",
    }


def _is_ready(place: Place) -> bool:
    try:
        with socket.create_connection((place.reached_at, place.port), timeout=2) as line:
            line.sendall(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return line.makefile("rb").readline(100).split()[1:2] == [b"200"]
    except OSError:
        return False
