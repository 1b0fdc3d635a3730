"""Brings the whole gateway up: services, preparation, web, workers, beat."""

import hashlib
import http.client
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kmrl import environment as env
from kmrl.embedded import services
from kmrl.supervision import foundations, instance, processes, screen
from kmrl.supervision.program import Program
from kmrl.supervision.supervisor import Supervisor, say

PROJECT = Path(__file__).resolve().parent.parent.parent
GRACE = 5.0  # seconds for a worker to end; it hands its running jobs back after three
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
    """Run the gateway until it is asked to stop. Raises Refused, CannotRun, Failed, BadSetting, StopAsked."""
    began = time.monotonic()
    os.umask(0o077)  # documents, passwords and logs are nobody else's
    os.chdir(PROJECT)
    data = services.folder(env.folder("KMRL_DATA", PROJECT / "var"))
    place = Place(data, env.text("KMRL_HOST", "127.0.0.1"), env.number("KMRL_PORT", 8000, least=1))
    held = instance.lock(data)
    instance.check_port(place.host, place.port)
    processes.web(place.host, place.port)  # a bad setting is told before anything is started
    with Supervisor(data / "log", say) as supervisor:
        found = foundations.start(
            supervisor, data, with_postgres=not env.text("DATABASE_URL"), with_valkey=not env.text("REDIS_URL")
        )
        try:
            prepared = _start(supervisor, place, _environment(place) | found.addresses())
            say(screen.text(place, prepared, [child.program.name for child in supervisor.children], began))
            supervisor.keep()
        finally:
            say("Stopping …")
            supervisor.stop()
            foundations.stopped(found, data)
    os.close(held)


def _start(supervisor: Supervisor, place: Place, environment: dict[str, str]) -> dict[str, Any]:
    """Prepare, start everything, wait for the web server; what the preparation reported."""
    prepare = Program("prepare", processes.prepare, environment, patience=600)
    prepared: dict[str, Any] = json.loads(supervisor.finish(prepare))
    told = {name: value for name, value in environment.items() if name != UNTOLD}
    supervisor.start(Program("web", lambda: processes.web(place.host, place.port), told))
    prepared["ready"] = supervisor.wait_until(lambda: _is_ready(place), seconds=30)
    (place.data / "beat").mkdir(exist_ok=True)
    for name, command in (processes.workers(place.name) | {"beat": processes.beat(place.data)}).items():
        supervisor.start(Program(name, _always(command), told, patience=GRACE))
    return prepared


def _environment(place: Place) -> dict[str, str]:
    return dict(os.environ) | {
        "KMRL_DATA": str(place.data),
        "KMRL_HOST": place.host,
        "KMRL_PORT": str(place.port),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "kmrl.settings",
    }


def _always(command: list[str]) -> Callable[[], list[str]]:
    return lambda: command


def _is_ready(place: Place) -> bool:
    line = http.client.HTTPConnection(place.url.removeprefix("http://"), timeout=2)
    try:
        line.request("GET", "/health/ready", headers={"Host": "localhost"})
        return line.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
