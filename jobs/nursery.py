"""The children of this process: as many as hands have asked for, lent to one hand at a time."""

import atexit
import threading

from jobs import kinds
from jobs.children import Child


class Nursery:
    """Lends children; the one that came back last goes out first (it is warm)."""

    def __init__(self) -> None:
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._guard = threading.Lock()

    def take(self) -> Child:
        with self._guard:
            if self._idle:
                return self._idle.pop()
            child = Child(kinds.child_modules())
            self._all.add(child)
            return child

    def give_back(self, child: Child) -> None:
        child.pardon()
        with self._guard:
            self._idle.append(child)

    def prewarm(self, number: int) -> None:
        """Have so many children ready before the first job asks."""
        children = [self.take() for _ in range(number)]
        for child in children:
            child.start()
        for child in children:
            self.give_back(child)

    def close(self) -> None:
        """End all children."""
        with self._guard:
            children, self._all, self._idle = list(self._all), set(), []
        for child in children:
            child.close()


NURSERY = Nursery()
atexit.register(NURSERY.close)
