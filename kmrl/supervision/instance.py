"""One gateway per data folder, one per port."""

import contextlib
import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

LEAVING = 5.0  # seconds: what a killed gateway's web server may still take to end (its watchdog kills it after two)


class Refused(RuntimeError):
    """The gateway cannot be started like this; the message says why and what to do."""


@contextlib.contextmanager
def lock(data: Path) -> Iterator[bool]:
    """Hold `data`: whether the gateway before this one did not stop but died. Raises Refused when another holds it."""
    held = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(held, data)
        died = os.fstat(held).st_size > 0
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
        try:
            yield died
        finally:
            os.ftruncate(held, 0)  # whatever happened, nothing was left running
    finally:
        os.close(held)


def _lock(held: int, data: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pid = os.read(held, 20).decode().strip() or "unknown"
        raise Refused(
            f"A gateway already runs on {data} (process {pid}). Stop it, or choose another folder with KMRL_DATA "
            "and another port with KMRL_PORT."
        ) from None


def check_port(host: str, port: int, died: bool = False) -> None:
    """Raises Refused when another programme listens there. The web server could not tell: it shares its port.

    After a gateway that `died` its web server may still be ending: it is waited for.
    """
    end = time.monotonic() + (LEAVING if died else 0)
    while True:
        try:
            return _bind(host, port)
        except Refused:
            if time.monotonic() >= end:
                raise
            time.sleep(0.05)


def _bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                raise Refused(f"Port {port} is in use by another programme: choose one with KMRL_PORT.") from None
            raise Refused(f"{host}:{port} cannot be listened on ({problem.strerror}): see KMRL_HOST.") from None
