"""Becomes a service: drops rights where asked, ties its life to the supervisor's, then executes the command.

Run as a script by `python -I -S`, so it imports nothing of the project. Only Linux needs most of it: elsewhere the
watchdog alone ends what a killed supervisor leaves.

    launch.py --parent PID [--death SIGNAL] [--user UID --group GID] [--way WAY] [--reach FOLDER]... -- COMMAND...

The ways for root to start what refuses root, below folders that only root may enter:
    plain      the path is open to that user
    namespace  a mount namespace of its own, in which the closed folders are replaced by open ones that hold nothing
               but what the service must reach, at the same path (needs CAP_SYS_ADMIN)
    search     the user keeps CAP_DAC_READ_SEARCH, and nothing else
    override   the user keeps CAP_DAC_OVERRIDE, and nothing else (what an ordinary container grants)
"""

import argparse
import ctypes
import os
import signal
import stat
import sys

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 28, 47, 2
NO_SETUID_FIXUP = 1 << 2  # without it access(2), which PostgreSQL asks, ignores the capabilities of who is not root
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x00020000, 0x1000, 0x4000, 0x40000
CAPABILITY_VERSION_3 = 0x20080522
CAPABILITIES = {"override": 1, "search": 2}


def main() -> None:
    asked = _asked()
    os.umask(0o022)  # folders made in a namespace of our own hold nothing, and must be open
    if asked.user is not None:
        os.chdir("/")
        _drop(asked.way, asked.user, asked.group, asked.reach)
    os.umask(0o077)
    if sys.platform == "linux":
        _call("prctl", PR_SET_PDEATHSIG, int(signal.Signals[f"SIG{asked.death}"]), 0, 0, 0)
        if os.getppid() != asked.parent:  # it died before the kernel was told
            sys.exit("The supervisor is gone.")
    try:
        os.execv(asked.command[0], asked.command)  # noqa: S606
    except OSError as problem:
        sys.exit(f"{asked.command[0]} cannot be started: {problem.strerror}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--death", default="TERM")
    parser.add_argument("--user", type=int)
    parser.add_argument("--group", type=int)
    parser.add_argument("--way", choices=["plain", "namespace", *CAPABILITIES], default="plain")
    parser.add_argument("--reach", action="append", default=[])
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _drop(way: str, user: int, group: int, reach: list[str]) -> None:
    """From root to `user`, for good."""
    if way == "namespace":
        _open_in_a_namespace(user, reach)
    if way in CAPABILITIES:
        _call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
        _call("prctl", PR_SET_SECUREBITS, NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    if way in CAPABILITIES:
        _keep_only(CAPABILITIES[way])


def _keep_only(capability: int) -> None:
    """The one capability survives `exec` (ambient), the others are given up."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    mask = 1 << capability
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable; then the high words
    _call("capset", ctypes.byref(header), ctypes.byref(data))
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def _open_in_a_namespace(user: int, reach: list[str]) -> None:
    """Give `user` a way to every folder of `reach`, at its own path, in a mount namespace of this process."""
    _call("unshare", CLONE_NEWNS)
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    closed = {folder: _topmost_closed(folder, user) for folder in reach}
    kept = {folder: os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in reach if closed[folder]}
    for folder in sorted({place for place in closed.values() if place}):
        _mount("tmpfs", folder, "tmpfs", 0, "mode=755,size=1m")
    for folder, descriptor in kept.items():
        os.makedirs(folder, mode=0o755, exist_ok=True)
        _mount(f"/proc/self/fd/{descriptor}", folder, None, MS_BIND | MS_REC)
        os.close(descriptor)


def _topmost_closed(folder: str, user: int) -> str | None:
    """The first folder on the way to `folder` (itself left out) that `user` may not enter."""
    way = ""
    for part in folder.strip("/").split("/")[:-1]:
        way += "/" + part
        found = os.stat(way)
        if not found.st_mode & (stat.S_IXUSR if found.st_uid == user else stat.S_IXOTH):
            return way
    return None


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    texts = [text.encode() if text is not None else None for text in (source, target, kind)]
    _call("mount", *texts, ctypes.c_ulong(flags), options.encode() or None)


def _call(name: str, *arguments: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(library, name)(*words) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        main()
    except OSError as problem:
        sys.exit(f"The service cannot be started this way: {problem}")
