"""Keeps children running, in one thread: starts them, keeps what they say, starts them again, stops them in order."""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from kmrl.embedded.runner import CannotRun
from kmrl.supervision.child import Child
from kmrl.supervision.logs import Log
from kmrl.supervision.program import Program
from kmrl.supervision.watchdog import Watchdog

TOLD = 69  # the exit code of a task whose last line is a sentence for people
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(Exception):
    """Somebody asked the supervisor to stop while it waited for something."""


class Failed(RuntimeError):
    """A task that must succeed did not; the message holds the end of what it said."""


@dataclass(frozen=True)
class Task:
    """A command that runs to its end."""

    program: Program
    process: "subprocess.Popen[str]"
    log: Log


class Supervisor:
    """Use as a context manager: leaving it stops every child."""

    def __init__(self, logs: Path, tell: Callable[[str], None] = print) -> None:
        self.children: list[Child] = []
        self._tasks: list[Task] = []
        self._logs = logs
        self._tell = tell
        self._asked = 0
        self._watchdog = Watchdog()
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()

    def __enter__(self) -> "Supervisor":
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._ringer.fileno(), warn_on_full_buffer=False)
        for sign in STOP_SIGNALS:
            if signal.getsignal(sign) is not signal.SIG_IGN:  # as `nohup` wants it
                signal.signal(sign, self._ask)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._watchdog.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._watchdog.stop()

    def start(self, program: Program, log: Log | None = None) -> Child:
        """Start a child and keep it running; what it says goes to `log`. Raises CannotRun, OSError."""
        child = Child(program, log or Log(self._logs / f"{program.name}.log"), self._watchdog)
        child.start()
        self.children.append(child)
        self._listen(child)
        return child

    def retire(self, child: Child) -> None:
        """Ask a child to end, and do not start it again."""
        if not child.leaving:
            child.leaving = time.monotonic() + child.program.patience
            child.ask_to_stop()

    def finish(self, program: Program) -> str:
        """Run a command to its end beside the children; what it printed. Raises Failed, StopAsked."""
        return self.result(self.begin(program))

    def begin(self, program: Program) -> "Task":
        """Start a command that runs to its end beside the children; it is killed when we stop before."""
        log = Log(self._logs / f"{program.name}.log")
        with open(log.place, "ab") as errors:
            process = self._watchdog.launch(
                program.command(),
                signal.SIGKILL,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=program.environment,
                text=True,
            )
        task = Task(program, process, log)
        self._tasks.append(task)
        return task

    def result(self, task: "Task") -> str:
        """Wait for its end; what it printed (little: it waits in a pipe). Raises Failed, StopAsked."""
        name, patience = task.program.name, task.program.patience
        try:
            if not self.wait_until(lambda: task.process.poll() is not None, seconds=patience):
                raise Failed(f"{name} was not done within {patience:.0f} s:\n{task.log.tail(15)}")
        finally:
            said = self._end(task)
        if task.process.returncode == TOLD:
            raise Failed(task.log.tail(1).removeprefix("CommandError: "))
        if task.process.returncode != 0:
            raise Failed(f"{name} failed ({_ending(task.process.returncode)}):\n{task.log.tail(15)}")
        return said

    def _end(self, task: "Task") -> str:
        """Nothing of it runs on; what it printed."""
        self._tasks.remove(task)
        if task.process.poll() is None:
            os.killpg(task.process.pid, signal.SIGKILL)
        said, _ = task.process.communicate()
        self._watchdog.forget(task.process.pid)
        return said

    def wait_until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Keep house until `condition` holds; False when it does not within `seconds`. Raises StopAsked."""
        until = time.monotonic() + seconds
        while not condition():
            if self._asked:
                raise StopAsked
            if time.monotonic() > until:
                return False
            self._pass(0.02)
        return True

    def keep(self) -> None:
        """Keep house until somebody asks to stop."""
        while not self._asked:
            self._watchdog.start()
            self._pass(1.0)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1

    def _listen(self, child: Child) -> None:
        if child.process and child.process.stdout:
            self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _unlisten(self, child: Child) -> None:
        if child.process and child.process.stdout:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(child.process.stdout)

    def _pass(self, longest: float) -> None:
        """One turn: hear children, notice the dead, start again who is due."""
        for key, _ in self._selector.select(self._pause(longest)):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    self._bell.recv(4096)
            elif not key.data.drain():
                self._unlisten(key.data)
        for child in list(self.children):
            if child.has_died():
                self._bury(child)
            elif child.leaving and time.monotonic() >= child.leaving:
                child.kill()
            elif child.due is not None and time.monotonic() >= child.due and not self._asked:
                self._restart(child)

    def _pause(self, longest: float) -> float:
        now = time.monotonic()
        return max(0.0, min([longest, *(child.due - now for child in self.children if child.due is not None)]))

    def _bury(self, child: Child) -> None:
        code = child.process.returncode if child.process else 0
        self._unlisten(child)
        pause = child.again_later()
        if child.leaving:
            self.children.remove(child)
        elif self._asked:
            child.due = None
        else:
            self._tell(f"{child.program.name} ended ({_ending(code)}); starting it again in {pause:.1f} s")

    def _restart(self, child: Child) -> None:
        try:
            child.start()
        except (CannotRun, OSError) as problem:
            self._tell(f"{child.program.name} cannot be started: {problem}")
            child.again_later()
            return
        self._listen(child)

    def stop(self) -> None:
        """End every child: those who stand on others first. Impatience (theirs, or a third request) kills."""
        self._asked = max(self._asked, 1)
        for task in list(self._tasks):
            self._end(task)
        for foundation in (False, True):
            group = [child for child in self.children if child.program.foundation is foundation]
            for child in group:
                child.ask_to_stop()
            for waited in self._turns():
                alive = [child for child in group if child.process is not None]
                if not alive:
                    break
                for child in alive:
                    if waited > child.program.patience or self._asked > 2:
                        child.kill()

    def _turns(self) -> Iterator[float]:
        began = time.monotonic()
        while True:
            yield time.monotonic() - began
            self._pass(0.05)


def _ending(code: int) -> str:
    """How a process ended, for people."""
    if code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def say(text: str) -> None:
    """To the terminal, at once; where nobody listens any more, to nobody."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stdout, flush=True)
