"""One child process: started, watched, started again, stopped."""

import os
import signal
import subprocess
import time

from kmrl.supervision.logs import Log
from kmrl.supervision.program import Program
from kmrl.supervision.watchdog import Watchdog

FIRST_PAUSE, LONGEST_PAUSE = 0.4, 10.0  # seconds between a death and the next start
SETTLED = 20.0  # seconds of life after which the pauses begin anew


class Child:
    """Leads a session of its own, so that its whole family can be ended with it and a Ctrl-C reaches only us."""

    def __init__(self, program: Program, log: Log, watchdog: Watchdog) -> None:
        self.program = program
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self.due: float | None = None  # when to start again
        self.leaving = 0.0  # asked to end for good: when it is to be killed
        self._watchdog = watchdog
        self._pause = FIRST_PAUSE
        self._began = 0.0

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def start(self) -> None:
        """Raises what `prepare` raises, OSError where the command does not exist."""
        if self.program.prepare:
            self.program.prepare()
        self.process = self._watchdog.launch(
            self.program.command(),
            self.program.stop,
            stdin=subprocess.PIPE if self.program.said else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.program.environment,
        )
        if self.program.marked:
            self.log.write(f"=== process {self.process.pid} ===\n".encode())
        if self.process.stdin:
            try:
                self.process.stdin.write(self.program.said.encode())
                self.process.stdin.close()
            except BrokenPipeError:  # it died at once: its log says why
                pass
        if self.process.stdout:
            os.set_blocking(self.process.stdout.fileno(), False)
        self.starts += 1
        self.due = None
        self._began = time.monotonic()

    def has_died(self) -> bool:
        """Whether it ended since the last look; then what is left of its family is ended, too."""
        if self.process is None or self.process.poll() is None:
            return False
        self.drain()
        self._end_family()
        self._watchdog.forget(self.process.pid)
        return True

    def again_later(self) -> float:
        """Plan the next start; the pause grows while it keeps dying young."""
        if time.monotonic() - self._began > SETTLED:
            self._pause = FIRST_PAUSE
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        self.due = time.monotonic() + pause
        self._close()
        return pause

    def drain(self) -> bool:
        """Move what it said to its log. False when there will be no more."""
        if self.process is None or self.process.stdout is None or self.process.stdout.closed:
            return False
        try:
            said = os.read(self.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return True
        if said:
            self.log.write(said)
        return bool(said)

    def ask_to_stop(self) -> None:
        self.due = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.program.stop)

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self._end_family()

    def _end_family(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            pass

    def _close(self) -> None:
        if self.process and self.process.stdout:
            self.process.stdout.close()
        self.process = None
