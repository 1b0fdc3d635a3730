"""What the supervisor is told about each child."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Program:
    """A child to keep running. `command` is asked for at each start, after `prepare`."""

    name: str
    command: Callable[[], list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    said: str = ""  # to its standard input
    prepare: Callable[[], None] | None = None
    stop: signal.Signals = signal.SIGTERM
    patience: float = 4.0  # seconds between `stop` and being killed
    foundation: bool = False  # others stand on it: stopped after them
    marked: bool = False  # its log says where each process of it began (`jobs.last_words` looks for that)
