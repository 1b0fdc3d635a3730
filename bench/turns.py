"""Sides that are measured in turn, a few seconds each, while the others stand still.

A machine that is shared, or grows slower when it has been busy for a while, is as slow for one as for the other then.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from bench import processes
from bench.sides import Side


class Turns:
    """`for side in turns.taken(3)`: each three times, who began last time is second now."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = list(sides)
        self._backwards = False

    def taken(self, times: int = 1) -> Iterator[Side]:
        """The sides; while one is at hand, nothing of the others runs."""
        for _ in range(times):
            for side in reversed(self._sides) if self._backwards else self._sides:
                with standing_still([one for one in self._sides if one is not side]):
                    yield side
            self._backwards = not self._backwards


@contextmanager
def standing_still(sides: Sequence[Side]) -> Iterator[None]:
    """Stop all processes of these sides, and let them go on in the end."""
    stopped = [process for side in sides for root in side.roots() for process in processes.tree(root)]
    try:
        _tell(stopped, signal.SIGSTOP)
        yield
    finally:
        _tell(stopped, signal.SIGCONT)


def _tell(found: Sequence[processes.Process], what: signal.Signals) -> None:
    for process in processes.still_there(found):
        with suppress(ProcessLookupError):
            os.kill(process.pid, what)
