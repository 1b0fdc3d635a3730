"""Ends every child, with its family, when the supervisor was killed.

Run as a script, it imports nothing of the project. The supervisor writes to its standard input: `watch PID SIGNAL` and
`forget PID`. When the input ends, the supervisor is gone: each family still watched gets its signal, and is killed when
it has not ended within PATIENCE. (On Linux the kernel tells the direct children as well; the watchdog is for their own
children, and for other systems.)
"""

import os
import signal
import subprocess
import sys
import time

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
        for pid, sign in self._watched.items():
            self._say(f"watch {pid} {sign}")

    def watch(self, pid: int, sign: int) -> None:
        self._watched[pid] = int(sign)
        self._say(f"watch {pid} {int(sign)}")

    def forget(self, pid: int) -> None:
        self._watched.pop(pid, None)
        self._say(f"forget {pid}")

    def stop(self) -> None:
        """Everything that it watched has ended."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
            self._process.wait()

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
        verb, pid, *number = line.split()
        if verb == "watch":
            watched[int(pid)] = int(number[0])
        else:
            watched.pop(int(pid), None)
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
