"""Doing a deed again that PostgreSQL has ended for somebody else's sake: a deadlock's victim has changed nothing.

There is one order of locks (`workflows.locks`), and no path is known that leaves it but those named there. Jobs and the
sweep of timers try again by themselves; what people do at a door is done again here, so that nobody is told of it.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

P = ParamSpec("P")
R = TypeVar("R")

PAUSES = (0.02, 0.1, 0.3)
"""Seconds before the second, third and fourth try."""


def whole(deed: Callable[P, R]) -> Callable[P, R]:
    """One transaction, as `transaction.atomic`, done again when it is a deadlock's victim.

    Within another transaction it is a part of that, and what ends is that: then it is raised.
    """

    @wraps(deed)
    def done(*args: P.args, **more: P.kwargs) -> R:
        for pause in PAUSES:
            try:
                with transaction.atomic():
                    return deed(*args, **more)
            except OperationalError as error:
                if connection.in_atomic_block or not isinstance(error.__cause__, DeadlockDetected):
                    raise
            time.sleep(pause)
        with transaction.atomic():
            return deed(*args, **more)

    return done
