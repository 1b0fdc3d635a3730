"""A child process as the system sees it: started clean, spoken to in frames, ended with its folder."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from jobs import presence
from jobs.child import frames

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
LOG_BYTES = 4_000
PIPE_BYTES = 1 << 16  # what a pipe holds: a larger buffer costs more and gets no more
CODE = Path(__file__).resolve().parent.parent


class Offspring:
    """A process that runs `jobs.child`. It is told nothing of our environment but `PASSED_ON`."""

    def __init__(self, packages: Sequence[str], modules: Sequence[str]) -> None:
        place = settings.KMRL_DATA / "children"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=place)
        self._process = _NURSE.submit(_popen, self._folder, packages, modules).result()
        self._in, self._out, self._err = (
            _fd(pipe) for pipe in (self._process.stdin, self._process.stdout, self._process.stderr)
        )
        os.set_blocking(self._out, False)
        os.set_blocking(self._err, False)
        self._news = select.poll()
        self._news.register(self._out, select.POLLIN)
        self._news.register(self._err, select.POLLIN)
        self._reader, self._log = frames.Reader(), bytearray()

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, frame: bytes) -> None:
        """Raises BrokenPipeError when it has ended."""
        frames.write_all(self._in, frame)

    def receive(self, seconds: float) -> Any | None:
        """The next message; None when it has not come in time. Raises EOFError, TooLarge, ValueError."""
        until = time.monotonic() + seconds
        while (message := self._reader.next()) is None:
            left = until - time.monotonic()
            if left <= 0 or not self._read(left):
                return None
        return message

    def ended_by(self) -> int | None:
        """The signal that ended it; None when it left by itself."""
        try:
            status = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        return -status if status < 0 else None

    def log(self) -> str:
        """The last that it wrote to standard error."""
        self._keep_log()
        return bytes(self._log).decode(errors="replace")

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self, seconds: float) -> bool:
        """Whether something came; standard error is read as well, or a talkative child would block."""
        ready = {fd for fd, _ in self._news.poll(min(seconds, 3600.0) * 1000)}
        if self._err in ready:
            ended = self._keep_log()
            if ended and self._out not in ready:
                raise EOFError
        if self._out in ready:
            data = os.read(self._out, PIPE_BYTES)
            if not data:
                raise EOFError
            self._reader.feed(data)
        return bool(ready)

    def _keep_log(self) -> bool:
        """Whether standard error has ended."""
        try:
            while data := os.read(self._err, 1 << 16):
                self._log = (self._log + data)[-LOG_BYTES:]
        except BlockingIOError:
            return False
        return True


def remove_left_folders() -> int:
    """Folders of children whose worker was killed before it could remove them; how many went."""
    left = [
        folder
        for folder in (settings.KMRL_DATA / "children").glob("*-*")
        if (pid := folder.name.partition("-")[0]).isdigit() and not presence.is_alive(int(pid))
    ]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _fd(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise OSError("A child process was started without its pipes.")
    return pipe.fileno()


def _popen(folder: str, packages: Sequence[str], modules: Sequence[str]) -> "subprocess.Popen[bytes]":
    """By one thread that lives as long as this process: a child is killed when the thread that made it ends."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return subprocess.Popen(
        [
            *(sys.executable, "-s", "-B", "-m", "jobs.child"),
            *(str(settings.CHILD_MEMORY_MB), str(os.getpid()), ",".join(packages), *modules),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={
            **kept,
            "PYTHONPATH": str(CODE),
            "PYTHONSAFEPATH": "1",
            "PYTHONUTF8": "1",
            "HOME": folder,
            "TMPDIR": folder,
            "MALLOC_ARENA_MAX": "2",
            "OMP_NUM_THREADS": "1",
        },
        bufsize=0,
        close_fds=True,
        start_new_session=True,
    )


_NURSE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nurse")
