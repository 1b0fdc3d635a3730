"""The desk: a few hands take the uploads that wait, all of them at once, and answer each when it is recorded.

While one hand waits for the disk and for PostgreSQL's commit, others arrive; the next hand takes them together. So the
more there are, the less each costs; a single one waits for nobody.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import connection
from django.utils import translation

HANDS = 2  # of a process: one is at the disk while the other waits for the commit
AT_ONCE = 16
LINGER = 0.2  # seconds that a hand without work waits for more, holding its connection

Errand = TypeVar("Errand")
Answer = TypeVar("Answer")
Serve = Callable[[Sequence[Errand]], tuple[list[Answer], Callable[[], None]]]
"""Does a group; gives an answer to each, and what is left to do when they have gone out."""


class Desk(Generic[Errand, Answer]):
    """`Desk(serve)`: made where there is an event loop, its hands are threads that come when there is work."""

    def __init__(self, serve: "Serve[Errand, Answer]") -> None:
        self._serve = serve
        self._waiting: deque[tuple[Errand, asyncio.Future[Answer]]] = deque()
        self._changed = threading.Condition()
        self._hands = self._idle = 0

    async def hand_in(self, errand: Errand) -> Answer:
        """The answer to this errand. Whoever is cancelled meanwhile gets none; the errand is done all the same."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        with self._changed:
            self._waiting.append((errand, answer))
            if self._idle:
                self._changed.notify()
            elif self._hands < HANDS:
                self._hands += 1
                threading.Thread(target=self._work, name=f"desk_{self._hands}").start()
        return await answer

    def _work(self) -> None:
        translation.activate("en")  # as everywhere below /api/
        used = 0.0
        try:
            while group := self._take():
                if time.monotonic() - used > 2 * LINGER:
                    connection.close()  # the next one comes from the pool, which looks whether it is alive
                self._do(group)
                used = time.monotonic()
                if connection.errors_occurred:  # it may be broken, and the next group is not to meet the same
                    connection.close()
        except BaseException:
            with self._changed:
                self._hands -= 1
            raise
        finally:
            connection.close()

    def _take(self) -> list[tuple[Errand, "asyncio.Future[Answer]"]]:
        with self._changed:
            if not self._waiting:
                self._idle += 1
                self._changed.wait_for(lambda: self._waiting, LINGER)
                self._idle -= 1
            group = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            if not group:
                self._hands -= 1
            return group

    def _do(self, group: list[tuple[Errand, "asyncio.Future[Answer]"]]) -> None:
        futures = [answer for _, answer in group]
        try:
            answers, afterwards = self._serve([errand for errand, _ in group])
        except BaseException as fault:
            _give(futures, [fault] * len(futures))
            raise
        _give(futures, answers)
        afterwards()


def _give(futures: "Sequence[asyncio.Future[Answer]]", answers: Sequence[Answer | BaseException]) -> None:
    """Hand them to the event loops that wait for them."""
    given = list(zip(futures, answers, strict=True))
    for loop in {future.get_loop() for future in futures}:
        loop.call_soon_threadsafe(_settle, [pair for pair in given if pair[0].get_loop() is loop])


def _settle(given: "list[tuple[asyncio.Future[Answer], Answer | BaseException]]") -> None:
    for future, answer in given:
        if future.done():  # whoever waited has gone
            continue
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        else:
            future.set_result(answer)
