"""What time it is for a run: now, or the moment that a sweep plays.

Handlers of timers, and what they call, ask here and not the system, so that an hour's outage can be played in a moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_played: ContextVar[datetime | None] = ContextVar("workflows_clock", default=None)


def now() -> datetime:
    """The moment of the sweep that runs here; else the present."""
    return _played.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within the block it is that moment, for this thread alone."""
    token = _played.set(moment)
    try:
        yield
    finally:
        _played.reset(token)
