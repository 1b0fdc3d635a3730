"""Whether PostgreSQL and Redis answer: the preparation waits for them, and says in a sentence why it waits no more."""

import sys
import time
from collections.abc import Callable

import psycopg
import redis
from django.conf import settings
from django.db import connections

from kmrl import environment as env

PATIENCE = 30.0  # seconds; what restarts beside us is back by then
PAUSE = 0.5
GUESS = "Is the server running on that host and accepting TCP/IP connections?"  # libpq's; we end with better advice


class CannotReach(RuntimeError):
    """A service does not answer, or does not let us in."""


def everything(patience: float = PATIENCE) -> None:
    """Wait until both let us in. Raises CannotReach."""
    until = time.monotonic() + patience
    _wait("PostgreSQL", "DATABASE_URL", settings.DATABASE_URL, _ask_record, until)
    _wait("Redis", "REDIS_URL", settings.REDIS_URL, _ask_bus, until)


def _wait(name: str, variable: str, url: str, ask: Callable[[], None], until: float) -> None:
    said = ""
    while problem := _problem(ask):
        sentence = f"{name} cannot be reached at {env.shown(url)}: {problem}"
        if time.monotonic() > until:
            raise CannotReach(f"{sentence}. Look at {variable}, and whether it runs there.")
        if problem != said:
            print(f"{sentence}; trying again.", file=sys.stderr, flush=True)
        said = problem
        time.sleep(PAUSE)


def _problem(ask: Callable[[], None]) -> str:
    try:
        ask()
    except (psycopg.Error, redis.RedisError, OSError) as problem:
        said = " ".join(str(problem).replace(GUESS, "").split()).rstrip(".")
        return said or type(problem).__name__
    return ""


def _ask_record() -> None:
    with psycopg.connect(**connections["default"].get_connection_params() | {"connect_timeout": 5}):
        pass


def _ask_bus() -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5) as bus:
        bus.ping()
