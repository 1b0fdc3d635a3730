"""What a PostgreSQL that was killed leaves in its data folder, and how to start over it safely."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 10.0  # seconds for an old server to end
NOBODY_HAS_IT = 2147483646  # a process id that no system gives out


def clear(data: Path) -> None:
    """End an old server that still runs on `data`; make a lock file that names somebody else's process harmless.

    The lock file itself stays, since PostgreSQL finds in it the shared memory that old sessions may still use, and
    refuses to start until they are gone. Only the process id, which a restarted machine or container may have given
    to another programme, is replaced. The caller holds the lock of the data folder: no other gateway runs on it.
    """
    lock = data / "postmaster.pid"
    try:
        lines = lock.read_text().splitlines(keepends=True)
        pid = int(lines[0])
    except (FileNotFoundError, ValueError, IndexError):
        lock.unlink(missing_ok=True)  # empty: the machine died while it was written
        return
    if not _alive(pid):
        return
    if _is_server_on(data, pid):
        _end(pid)
        return
    lock.write_text(f"{NOBODY_HAS_IT}\n" + "".join(lines[1:]))


def _end(pid: int) -> None:
    """First by an immediate shutdown, which its next start recovers from, then by force."""
    for sign in (signal.SIGQUIT, signal.SIGKILL):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not _alive(pid):
                return
            time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False
    return True


def _is_server_on(data: Path, pid: int) -> bool:
    """Whether that process is a PostgreSQL server which works in `data`."""
    try:
        here = os.stat(f"/proc/{pid}/cwd")
    except PermissionError:
        return False  # another user's
    except OSError:
        said = subprocess.run(["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout
        return "postgres" in said and str(data) in said
    there = data.stat()
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
