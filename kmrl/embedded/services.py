"""The private services of one data folder: what is not given by DATABASE_URL and REDIS_URL."""

import os
from dataclasses import dataclass
from pathlib import Path

from kmrl import secret
from kmrl.embedded import postgres, sockets, valkey
from kmrl.embedded.postgres import Postgres
from kmrl.embedded.runner import CannotRun, Runner, choose
from kmrl.embedded.valkey import Valkey


@dataclass(frozen=True)
class Services:
    """Each is None where the host was given one."""

    postgres: Postgres | None
    valkey: Valkey | None
    home: Path
    sockets: Path

    def addresses(self) -> dict[str, str]:
        """The environment variables that lead to them."""
        found = {}
        if self.postgres:
            found["DATABASE_URL"] = self.postgres.url()
        if self.valkey:
            found["REDIS_URL"] = self.valkey.url()
        return found

    def stopped(self) -> None:
        """Clear away what lies outside of the data folder."""
        sockets.forget(self.sockets, self.home)


def folder(data: Path) -> Path:
    """`data`, made where it is missing: closed to others. Root leaves a way through it to the services' user.

    Raises CannotRun where nothing can be kept.
    """
    try:
        if not data.exists():
            data.mkdir(parents=True, exist_ok=True)
            data.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as problem:
        raise CannotRun(f"{data} cannot be made ({problem.strerror}): choose another folder with KMRL_DATA.") from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise CannotRun(f"{data} is not writable: choose another folder with KMRL_DATA.")
    return data.resolve()


def of(data: Path, *, with_postgres: bool, with_valkey: bool) -> Services:
    """The services asked for, not started yet. Raises CannotRun where they cannot be run."""
    home = data / "services"
    if not (with_postgres or with_valkey):
        return Services(None, None, home, home / "run")
    trial = postgres.trial(home) if with_postgres else [valkey.program(), "--version"]
    runner: Runner = choose(home=home, programs=postgres.packages(), trial=trial)
    runner.own(home)
    place = sockets.folder_for(home, postgres.SOCKET + ".lock", runner)
    kept = data / "secrets"
    kept.mkdir(mode=0o700, exist_ok=True)
    return Services(
        Postgres(home, runner, place, secret.kept_at(kept / "postgres")) if with_postgres else None,
        Valkey(runner, place, secret.kept_at(kept / "valkey")) if with_valkey else None,
        home,
        place,
    )
