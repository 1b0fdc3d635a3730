"""One gateway per data folder, one per port."""

import errno
import fcntl
import os
import socket
from pathlib import Path


class Refused(RuntimeError):
    """The gateway cannot be started like this; the message says why and what to do."""


def lock(data: Path) -> int:
    """Hold `data` for this process until it ends. Raises Refused when another gateway holds it."""
    held = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pid = os.read(held, 20).decode().strip() or "unknown"
        os.close(held)
        raise Refused(
            f"A gateway already runs on {data} (process {pid}). Stop it, or choose another folder with KMRL_DATA "
            "and another port with KMRL_PORT."
        ) from None
    os.ftruncate(held, 0)
    os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
    return held


def check_port(host: str, port: int) -> None:
    """Raises Refused when another programme listens there. The web server could not tell: it shares its port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                raise Refused(f"Port {port} is in use by another programme: choose one with KMRL_PORT.") from None
            raise Refused(f"{host}:{port} cannot be listened on ({problem.strerror}): see KMRL_HOST.") from None
