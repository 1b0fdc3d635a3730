"""Who runs a private service: ourselves, or, where we are root and the service refuses root, an unprivileged user."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")
WAYS = ("plain", "namespace", "search", "override")
PREFERRED = ("kmrl", "postgres", "nobody")


class CannotRun(RuntimeError):
    """The private services cannot be run here; the message says what to do."""


@dataclass(frozen=True)
class Runner:
    """How to start a command. `user` is None where we are not root: then it runs as we are."""

    user: int | None = None
    group: int | None = None
    way: str = "plain"
    reach: tuple[str, ...] = ()

    def command(self, command: Sequence[str], *, death: str = "TERM") -> list[str]:
        """`command` (an absolute path first), launched so that it ends by SIG`death` when this process ends."""
        launched = [sys.executable, "-I", "-S", str(LAUNCH), "--parent", str(os.getpid()), "--death", death]
        if self.user is not None and self.group is not None:
            launched += ["--user", str(self.user), "--group", str(self.group), "--way", self.way]
            launched += [word for folder in self.reach for word in ("--reach", folder)]
        return [*launched, "--", *command]

    def own(self, folder: Path) -> None:
        """Make `folder` where it is missing, closed to everybody but the service's user (and root)."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)
        folder.chmod(0o700)


def choose(*, home: Path, programs: Path, trial: Sequence[str]) -> Runner:
    """Who runs the services whose data lies in `home` (which may not exist yet) and whose programs lie in `programs`.

    As root every way is tried with the command `trial` until one works: not guessed, because containers differ.
    Raises CannotRun.
    """
    if os.geteuid() != 0:
        return Runner()
    user = _user_for(home)
    said = ""
    for way in WAYS:
        runner = Runner(user.pw_uid, user.pw_gid, way, (str(home.resolve()), str(programs.resolve())))
        runner.own(home)
        said = _problem(runner, home, trial)
        if not said:
            return runner
    raise CannotRun(
        f"PostgreSQL refuses to run as root, and {user.pw_name} cannot run it here ({said}). Start the gateway as an "
        "ordinary user, put the clone where everybody may enter, or set DATABASE_URL and REDIS_URL."
    )


def _user_for(home: Path) -> pwd.struct_passwd:
    """The owner of data that exists, else the first unprivileged user that the machine knows."""
    owner = home.stat().st_uid if home.exists() else 0
    if owner:
        try:
            return pwd.getpwuid(owner)
        except KeyError:
            raise CannotRun(f"{home} belongs to user {owner}, whom /etc/passwd does not know: chown it.") from None
    for name in PREFERRED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotRun("PostgreSQL refuses to run as root, and there is no user kmrl, postgres or nobody: add one.")


def _problem(runner: Runner, home: Path, trial: Iterable[str]) -> str:
    """What went wrong when `runner` tried to write below `home` and to run `trial`, or nothing."""
    script = 'test -w "$0" && cd "$0" && exec "$@" >/dev/null'
    done = subprocess.run(
        runner.command(["/bin/sh", "-c", script, str(home.resolve()), *trial]), capture_output=True, text=True
    )
    return "" if done.returncode == 0 else (done.stderr.strip() or f"its folder {home} is closed").splitlines()[-1]
