"""Where a private service's Unix socket lies."""

import hashlib
import os
import tempfile
from pathlib import Path

from kmrl.embedded.runner import Runner

LONGEST = 103  # bytes of a socket's path: Linux takes 107, macOS 103


def folder_for(home: Path, name: str, runner: Runner) -> Path:
    """A folder, closed to others, for the socket called `name`: below `home`, or, where that path is too long for a
    socket, a short private one in the system's folder for temporary files, the same at each start."""
    usual = home / "run"
    if len(os.fsencode(usual / name)) <= LONGEST:
        runner.own(usual)
        return usual
    owner = os.geteuid() if runner.user is None else runner.user
    short = Path("/tmp") / f"kmrl-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"  # noqa: S108 (closed below)
    try:
        short.mkdir(mode=0o700)
    except FileExistsError:
        if short.is_symlink() or short.stat().st_uid not in (owner, os.geteuid()):  # somebody else was there first
            short = Path(tempfile.mkdtemp(prefix="kmrl-", dir="/tmp"))
    runner.own(short)
    return short


def forget(folder: Path, home: Path) -> None:
    """Remove a short folder again; the usual one stays."""
    if home in folder.parents:
        return
    for left in folder.glob("*"):
        left.unlink(missing_ok=True)
    folder.rmdir()
