"""The design that the gateway replaces: FastAPI, synchronous SQLAlchemy, Celery, sockets in the web process.

Its programmes are not part of this project. `lay_out` takes the folder that holds them (given by `--peers` or
PEERS_SOURCE); its own setup installs them in a scratch folder where they are not installed yet.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import psycopg
import redis

from bench import httpload, papers, processes
from bench.instance import free_port
from bench.sides import Corpus

DATABASE = "postgresql://postgres@127.0.0.1:5490/seed"
BROKER = "redis://127.0.0.1:6390/1"


def lay_out(source: Path, scratch: Path) -> Path:
    """The folder in which the other design is installed, its corpus made. Raises CalledProcessError."""
    if not (source / "venv" / "bin" / "python").exists():
        if not (scratch / "venv" / "bin" / "celery").exists() or not any((scratch / "corpus").glob("*.pdf")):
            print(f"Installing the replaced design in {scratch} …", flush=True)
            with (scratch.parent / "peers-setup.log").open("wb") as log:
                env = {**os.environ, "PEERS": str(scratch)}
                subprocess.run(["bash", str(source / "setup.sh")], env=env, check=True, stdout=log, stderr=log)
        return scratch
    return source


class Replaced:
    """One way of running it: `mode` is "async" (as it is) or "threadpool" (the mildest repair)."""

    accepted = "201"
    socket_path = "/ws"

    def __init__(self, place: Path, mode: str) -> None:
        self.name = f"replaced, {mode}"
        self.port = free_port()
        self._place, self._mode = place, mode
        self._web: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None
        self._database: psycopg.Connection[tuple[Any, ...]] | None = None

    def start(self) -> None:
        self._python("infra.py", "start")
        self._python("-c", "import infra; infra.createdb('seed')")
        self._python("seedapp.py", folder="seed")
        self._database = psycopg.connect(DATABASE, autocommit=True)
        self._database.execute("TRUNCATE documents RESTART IDENTITY")
        redis.Redis.from_url(BROKER).flushdb()
        shutil.rmtree(self._place / "run" / "store", ignore_errors=True)
        (self._place / "run" / "store").mkdir(parents=True)
        self._web = self._spawn(
            ["uvicorn", "seedapp:app", "--host", "127.0.0.1", "--port", str(self.port)]
            + ["--no-access-log", "--log-level", "warning"]
        )
        self._wait_for_port()

    def stop(self) -> None:
        for process in (self._worker, self._web):
            _end(process)
        if self._database is not None:
            self._database.close()
        self._python("infra.py", "stop")

    def hold_work(self) -> None:
        _end(self._worker)
        self._worker = None

    def let_work(self) -> None:
        if self._worker is None:
            self._worker = self._spawn(["celery", "-A", "seedapp.celery_app", "worker", "-c", "2", "-l", "WARNING"])
            time.sleep(4)
        until = time.monotonic() + 120
        while self.unfinished() and time.monotonic() < until:
            time.sleep(0.05)

    def requests(self, corpus: Corpus, mark: str) -> list[bytes]:
        fields = {"source": "bench", "metadata": '{"bench": true}'}
        return [
            httpload.upload("/api/v1/documents/upload", name, papers.distinct(content, mark), fields, {})
            for name, content in corpus.contents()
        ]

    def settled(self) -> int:
        return self._count("SELECT count(*) FROM documents WHERE status IN ('processed', 'failed')")

    def failed(self) -> int:
        return self._count("SELECT count(*) FROM documents WHERE status = 'failed'")

    def unfinished(self) -> int:
        return self._count("SELECT count(*) FROM documents WHERE status IN ('queued', 'processing')")

    def is_settled(self, answer: bytes) -> bool:
        pk = int(answer.split(b'"id":', 1)[1].split(b",", 1)[0])
        return (
            self._count("SELECT count(*) FROM documents WHERE status IN ('processed', 'failed') AND id = %s", pk) == 1
        )

    def roots(self) -> list[int]:
        postmaster = int((self._place / "run" / "pgdata" / "postmaster.pid").read_text().splitlines()[0])
        ours = [process.pid for process in (self._web, self._worker) if process is not None]
        broker = [p.pid for p in processes.everybody() if p.command.startswith("redis-server 127.0.0.1:6390")]
        return [*ours, postmaster, *broker]

    def greeting(self, number: int) -> str | None:
        return None

    def tell(self, count: int, between: float) -> None:
        """From the web process itself, uncommitted: what its workers tell reaches no socket at all."""
        address = f"http://127.0.0.1:{self.port}/bench/broadcast?n={count}&interval_ms={between * 1000:.0f}"
        with urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=120) as answer:
            answer.read()

    def _count(self, query: str, *values: object) -> int:
        assert self._database is not None, "not started"  # noqa: S101 (a mistake of ours)
        row = self._database.execute(query.encode(), values or None).fetchone()
        return int(row[0]) if row else 0

    def _python(self, *arguments: str, folder: str = "") -> None:
        command = [str(self._place / "venv" / "bin" / "python"), *arguments]
        subprocess.run(command, cwd=self._place / folder, check=True, capture_output=True, env=self._environment())

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        programme = str(self._place / "venv" / "bin" / command[0])
        with (self._place / "run" / "bench.log").open("ab") as log:
            return subprocess.Popen(
                [programme, *command[1:]],
                cwd=self._place / "seed",
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "SEED_MODE": self._mode, "SEED_BROKER": BROKER, "PYTHONPATH": ""}

    def _wait_for_port(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/docs", timeout=1):
                return
            time.sleep(0.05)
        raise TimeoutError("The replaced design's web server did not start.")


def _end(process: subprocess.Popen[bytes] | None) -> None:
    """Ask it to end, then make it: hanging, it does not listen."""
    if process is None or process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(8)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(8)
