"""Child processes for parsers: reusable, without secrets, network or other programs, with little memory, killable.

A child that hangs, crashes or eats memory ends one call; the next call gets a fresh one. Functions return plain values
(numbers, text, bytes, lists, dictionaries) and may raise answers (`jobs.child.answers`). Children are told paths and
read the files themselves. They work in an empty folder of their own, which is removed with them.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from signal import Signals
from typing import Any

from jobs.child import frames
from jobs.offspring import Offspring

logger = logging.getLogger(__name__)

ALLOWED = ["documents.extraction"]  # packages whose functions may be called
CALLS = 2_000  # after so many a child is replaced
GROWN_MB = 220  # or when it has kept so much memory

OnProgress = Callable[[int, str], None]


class ChildFailed(Exception):
    """The call ended without an answer. `log` is the last that the child wrote."""

    code = "internal"

    def __init__(self, said: str, log: str = "") -> None:
        self.log = log
        super().__init__(said)


class ChildTimeout(ChildFailed):
    """It took too long and was killed."""

    code = "timeout"

    def __init__(self, seconds: float, log: str = "") -> None:
        self.seconds = seconds
        super().__init__(f"It did not end within {seconds:g} s.", log)


class ChildDied(ChildFailed):
    """It crashed: `signal` is the signal that ended it, or None when it left by itself."""

    code = "crashed"

    def __init__(self, number: int | None, log: str = "") -> None:
        self.signal = number
        how = "ended" if number is None else f"was ended by {Signals(number).name}"
        super().__init__(f"The process that did this {how}.", log)


class ChildOutOfMemory(ChildFailed):
    """It wanted more memory than a child may have."""

    code = "memory"


class ChildError(ChildFailed):
    """The function raised something that is no answer: a fault of ours. `log` is its traceback."""


class ChildRefused(Exception):
    """The function answered no: `code`, `detail` and `data` are its own."""

    def __init__(self, code: str, detail: str, data: dict[str, Any]) -> None:
        self.code, self.detail, self.data = code, detail, data
        super().__init__(f"{code}: {detail}")


class Child:
    """One reusable child process; used by one thread at a time, except `stop`, which any thread may call."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self.limit: Callable[[], float] = _without_limit
        self._modules = tuple(modules)
        self._process: Offspring | None = None
        self._calls = self._resident = 0
        self._stopped: Exception | None = None
        self._guard = threading.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def is_worn(self) -> bool:
        return self._calls >= CALLS or self._resident >= GROWN_MB

    def call(
        self,
        function: str,
        *args: Any,
        timeout: float,
        at_most: float | None = None,
        on_progress: OnProgress | None = None,
    ) -> Any:
        """Run `package.module:function(*args)` there and return its value.

        `timeout` in seconds, cut to what is left of the job's own time. With `at_most` it is counted anew from each
        news of progress, and all of it takes no longer than so many seconds. A parameter named `progress` of the
        function gets a listener, whose news reach `on_progress(percent, step)` here; what that raises ends the call.
        Raises ChildRefused, ChildTimeout, ChildDied, ChildOutOfMemory, ChildError, and what `stop` was given.
        """
        left = self.limit()
        seconds, longest = min(timeout, left), min(at_most or timeout, left)
        process, ended = self._ready(), False
        try:
            message = self._answer(process, frames.packed([function, args]), (seconds, longest), on_progress)
            ended = message[0] != "memory"
        finally:
            self._calls += 1
            if not ended:
                self.close()
        return self._value(message)

    def start(self) -> None:
        """Make sure that a process is there; it gets ready on its own, while we do something else."""
        self._ready()

    def stop(self, error: Exception) -> None:
        """Kill it; the call that runs raises `error`, and so do later ones until `pardon`."""
        with self._guard:
            self._stopped = error
            if self._process is not None:
                self._process.kill()

    def pardon(self) -> None:
        """The next user starts anew."""
        self._stopped = None
        self.limit = _without_limit

    def close(self) -> None:
        """End the process and remove its folder."""
        with self._guard:
            process, self._process = self._process, None
            self._calls = self._resident = 0
            if process is not None:
                process.close()

    def _ready(self) -> Offspring:
        if self._process is not None and (self.is_worn or not self._process.is_alive()):
            self.close()
        process = self._process or Offspring(ALLOWED, self._modules)
        with self._guard:
            self._process = process
            if self._stopped is None:
                return process
        self.close()
        raise self._stopped

    def _answer(
        self, process: Offspring, request: bytes, limits: tuple[float, float], on_progress: OnProgress | None
    ) -> list[Any]:
        """The last frame of the exchange: a value, an answer, an error or "memory".

        `limits`: seconds without news, and seconds in all.
        """
        seconds, longest = limits
        began = time.monotonic()
        until = began + seconds
        try:
            process.send(request)
            while (message := process.receive(until - time.monotonic())) is not None:
                if message[0] == "progress":
                    until = min(began + longest, max(until, time.monotonic() + seconds))
                if message[0] == "progress" and on_progress is not None:
                    on_progress(message[1], message[2])
                elif message[0] == "ready":
                    _say_once(message[1])
                elif message[0] != "progress":
                    return message
        except (EOFError, BrokenPipeError):
            if self._stopped is not None:
                raise self._stopped from None
            raise ChildDied(process.ended_by(), process.log()) from None
        except (frames.TooLarge, ValueError) as error:
            raise ChildDied(None, f"It wrote what is no answer: {error!r}") from None
        if self._stopped is not None:
            raise self._stopped
        process.kill()
        raise ChildTimeout(seconds, process.log())

    def _value(self, message: list[Any]) -> Any:
        what, *rest = message
        if what == "value":
            self._resident = rest[1]
            return rest[0]
        if what == "answer":
            raise ChildRefused(rest[0], rest[1], rest[2])
        if what == "memory":
            raise ChildOutOfMemory("It wanted more memory than one document may use.")
        raise ChildError(rest[0], rest[1])


def _without_limit() -> float:
    return float("inf")


_said: set[str] = set()


def _say_once(sentences: list[str]) -> None:
    for sentence in set(sentences) - _said:
        _said.add(sentence)
        logger.warning(sentence)
