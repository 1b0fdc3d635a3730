"""While the gateway is prepared (schema, static files, administrator) its web server may load, but not open.

The supervisor holds a lock on a file of the data folder meanwhile; the lock ends with it, however it ends. Where nobody
prepares (a container of its own does it, a developer's `runserver`) the file is not there, or nobody holds it.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK = 0.02  # seconds between two looks; no blocking wait, so that a signal is heard


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Nobody opens until this is left."""
    lock = os.open(_place(data), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def wait(data: Path) -> None:
    """Until nobody prepares `data` any more."""
    try:
        lock = os.open(_place(data), os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        while not _is_free(lock):
            time.sleep(LOOK)
    finally:
        os.close(lock)


def _is_free(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _place(data: Path) -> Path:
    return data / "preparing"
