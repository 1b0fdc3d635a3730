"""Ends every child, with its family, when the supervisor was killed.

Run as a script, it imports nothing of the project. It is told on its standard input: `watch PID SIGNAL` by the child
itself, before its command begins, `forget PID` and `anew` by the supervisor. When the input ends, the supervisor is
gone: each family still watched gets its signal, and is killed when it has not ended within PATIENCE. (On Linux the
kernel tells the direct children as well; the watchdog is for their own children, and for other systems.)
"""

import os
import signal
import subprocess
import sys
import time
from typing import Any

PATIENCE = 2.0  # seconds


class Watchdog:
    """The supervisor's end."""

    def __init__(self) -> None:
        self._watched: dict[int, int] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again when it died."""
        if self._process and self._process.poll() is None:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", os.path.abspath(__file__)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            env={},
        )
        self._say_all()

    def launch(self, command: list[str], sign: int, **how: Any) -> subprocess.Popen[Any]:
        """Start the leader of a family that is watched before it does anything. Raises OSError."""
        try:
            process = subprocess.Popen(
                command,
                start_new_session=True,
                preexec_fn=lambda: self._announce(int(sign)),  # the supervisor has one thread
                **how,
            )
        except OSError:
            self._say("anew")  # without the one that announced itself and came to nothing
            self._say_all()
            raise
        self._watched[process.pid] = int(sign)
        return process

    def forget(self, pid: int) -> None:
        self._watched.pop(pid, None)
        self._say(f"forget {pid}")

    def stop(self) -> None:
        """Everything that it watched has ended."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
            self._process.wait()

    def _announce(self, sign: int) -> None:
        """Said by the child: the supervisor may be killed before it learns the number."""
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        self._say(f"watch {os.getpid()} {sign}")
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    def _say_all(self) -> None:
        for pid, sign in self._watched.items():
            self._say(f"watch {pid} {sign}")

    def _say(self, line: str) -> None:
        if self._process and self._process.stdin:
            try:
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()
            except BrokenPipeError:  # it is started again at the next look, and told everything
                pass


def guard() -> None:
    """The watchdog itself."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    watched: dict[int, int] = {}
    for line in sys.stdin:
        verb, *numbers = line.split()
        if verb == "watch":
            watched[int(numbers[0])] = int(numbers[1])
        elif verb == "forget":
            watched.pop(int(numbers[0]), None)
        else:
            watched.clear()
    for pid, asked in watched.items():
        _send(pid, asked)
    until = time.monotonic() + PATIENCE
    while watched and time.monotonic() < until:
        time.sleep(0.02)
        watched = {pid: asked for pid, asked in watched.items() if _send(pid, 0)}
    for pid in watched:
        _send(pid, signal.SIGKILL)


def _send(pid: int, sign: int) -> bool:
    """To the whole family that `pid` leads. False when nobody is left of it."""
    try:
        os.killpg(pid, sign)
    except ProcessLookupError:
        return False
    except PermissionError:
        return sys.platform == "linux"  # elsewhere: a group of zombies
    return True


if __name__ == "__main__":
    guard()
