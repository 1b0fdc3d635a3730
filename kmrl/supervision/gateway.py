"""Brings the whole gateway up: services, preparation, web, workers, beat."""

import hashlib
import http.client
import json
import os
import time
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
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 (compared, not bound)
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
            say(screen.text(place, prepared, [child.program.name for child in supervisor.children], began))
            supervisor.keep()
        finally:
            say("Stopping …")
            supervisor.stop()
            foundations.stopped(found, place.data)


class Start:
    """The order of a start, which uses both cores: Django loads and static files are packed while PostgreSQL is made
    and started; the web server loads while the schema is made, and opens after that (`preparing`)."""

    def __init__(self, supervisor: Supervisor, place: Place) -> None:
        self._supervisor, self._place = supervisor, place
        self._environment: dict[str, str] = {}

    def prepare(self, found: Services) -> None:
        """Begin the preparation; where PostgreSQL is ours, it waits itself until that answers."""
        self._environment = _environment(self._place) | found.addresses()
        command = tied(processes.prepare(early=found.postgres is not None))
        self._preparation = self._supervisor.begin(Program("prepare", command, self._environment, patience=600))

    def everything(self) -> dict[str, Any]:
        """Start web, workers and beat, wait for the web server; what the preparation reported."""
        supervisor, place = self._supervisor, self._place
        told = {name: value for name, value in self._environment.items() if name != UNTOLD}
        with preparing.held(place.data):
            supervisor.start(Program("web", tied(processes.web(place.host, place.port)), told))
            prepared: dict[str, Any] = json.loads(supervisor.result(self._preparation))
        prepared["ready"] = supervisor.wait_until(lambda: _is_ready(place), seconds=30)
        (place.data / "beat").mkdir(exist_ok=True)
        Hands(supervisor, place.name, told).start()
        supervisor.start(Program("beat", tied(processes.beat(place.data)), told, patience=GRACE))
        return prepared


def _environment(place: Place) -> dict[str, str]:
    return dict(os.environ) | {
        "KMRL_DATA": str(place.data),
        "KMRL_HOST": place.host,
        "KMRL_PORT": str(place.port),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "kmrl.settings",
    }


def _is_ready(place: Place) -> bool:
    line = http.client.HTTPConnection(place.url.removeprefix("http://"), timeout=2)
    try:
        line.request("GET", "/health/ready", headers={"Host": "localhost"})
        return line.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
