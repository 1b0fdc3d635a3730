"""Starts the private services under a supervisor and says where they answer."""

from collections.abc import Callable
from pathlib import Path

from kmrl.embedded import addresses, postgres, services, valkey
from kmrl.embedded.services import Services
from kmrl.supervision.program import Program
from kmrl.supervision.supervisor import Failed, Supervisor

BARE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # services are told nothing of our environment
STARTUP = 60.0  # seconds; a recovery after a crash is part of it


def _nothing(found: Services) -> None:
    """Nothing else is to be begun."""


def start(
    supervisor: Supervisor,
    data: Path,
    *,
    with_postgres: bool,
    with_valkey: bool,
    meanwhile: Callable[[Services], None] = _nothing,
) -> Services:
    """Start what is asked for and wait until it answers; other commands find it by `addresses.read(data)`.

    `meanwhile` is called when the addresses are known and nothing answers there yet: it may begin what can use the
    time, and must not wait. Raises CannotRun where it cannot be run, Failed when it does not answer, StopAsked.
    """
    addresses.forget(data)  # a killed gateway's: whoever waits for the addresses must not take those
    found = services.of(data, with_postgres=with_postgres, with_valkey=with_valkey)
    meanwhile(found)
    if found.valkey:
        ours = Program(
            "valkey", found.valkey.command, BARE, said=found.valkey.configuration(), stop=valkey.STOP, foundation=True
        )
        cache = supervisor.start(ours)
    if found.postgres:
        record = supervisor.start(
            Program(
                "postgres",
                found.postgres.command,
                BARE,
                prepare=found.postgres.prepare,
                stop=postgres.STOP,
                foundation=True,
            )
        )
        server = found.postgres
        if not supervisor.wait_until(lambda: server.is_ready(record.pid), seconds=STARTUP):
            raise Failed(f"The private PostgreSQL does not answer:\n{record.log.tail(15)}")
    if found.valkey and not supervisor.wait_until(found.valkey.is_ready, seconds=STARTUP):
        raise Failed(f"The private Valkey does not answer:\n{cache.log.tail(15)}")
    addresses.write(data, found.addresses())
    return found


def stopped(found: Services, data: Path) -> None:
    """Once they have ended: nobody is to look for them any more."""
    addresses.forget(data)
    found.stopped()
