"""Sweepers of other apps: what a worker's poll does besides, each in its own rhythm."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, connection

logger = logging.getLogger(__name__)


@dataclass
class Sweeper:
    """One of them; `after` is when it is due next, by this process' monotonic clock."""

    name: str
    function: Callable[[], object]
    every: float
    after: float = 0.0


_sweepers: dict[str, Sweeper] = {}


def register(name: str, function: Callable[[], object], every: float = 2.0) -> None:
    """Have `function` called about every so many seconds in every worker process, as often as the poll comes round.

    Several processes call it side by side: it must bear that, and be done within about two seconds. What it raises is
    logged and stops nobody. Registering a name again replaces it.
    """
    _sweepers[name] = Sweeper(name, function, every)


def sweep() -> None:
    """Call those that are due. Raises InterfaceError and DatabaseError alone, when PostgreSQL is away."""
    for sweeper in list(_sweepers.values()):
        if time.monotonic() < sweeper.after:
            continue
        sweeper.after = time.monotonic() + sweeper.every * 0.9  # the poll's rhythm is not exact
        try:
            sweeper.function()
        except (DatabaseError, InterfaceError):
            if not connection.is_usable():
                raise
            logger.exception("The sweeper %s failed", sweeper.name)
        except Exception:
            logger.exception("The sweeper %s failed", sweeper.name)
