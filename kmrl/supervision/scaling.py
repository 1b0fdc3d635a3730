"""How many worker processes serve `default`: between KMRL_WORKERS_MIN and KMRL_WORKERS_MAX, by backlog.

**The rule.** One more is started when at every look for 6 s more than 4 jobs (emergency to normal, of queues that are
not paused) have waited for each hand, counting the hands of all workers of `default` on every machine. The 6 s begin
anew after each start, so that a new worker shows first what it can do. One less is kept when nothing has waited for
60 s: the newest of ours that runs nothing is drained: it ends what it may just have begun, takes nothing more, and is
stopped once it runs nothing. If work comes back meanwhile, it stays. So no work is cut.

`python -m kmrl.supervision.scaling` is the process that looks (one statement a second, no Django) and says on its
standard output what is to be done: `more`, or `stop PID`. The supervisor that started it obeys. It is started only
where the two variables differ.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from kmrl import database
from kmrl import environment as env
from kmrl.supervision import processes

EVERY = 1.0  # seconds between two looks
WAITING_A_HAND = 4
MORE_AFTER = 6.0  # seconds
LESS_AFTER = 60.0
COUNTED_TO = 10_000

LOOK = f"""
SELECT (SELECT count(*) FROM (
            SELECT 1 FROM jobs_job WHERE state = 'queued' AND run_after IS NULL AND urgency <= 2
            AND queue NOT IN (SELECT name FROM jobs_queue WHERE paused) LIMIT {COUNTED_TO}) AS waiting),
       w.id, w.pid, w.host, w.concurrency, w.draining, w.seen_at,
       (SELECT count(*) FROM jobs_job j WHERE j.state = 'running' AND j.worker = w.id)
FROM (SELECT 1) AS always LEFT JOIN jobs_worker w
    ON w.queues ->> 0 = 'default' AND w.seen_at > now() - interval '20 seconds'
"""  # noqa: S608 (a number of ours)


@dataclass(frozen=True)
class Worker:
    """A worker process of `default` as it last reported; `ours` is a child of our supervisor."""

    id: str
    pid: int
    hands: int
    draining: bool
    running: int
    ours: bool
    knows: bool = True  # that it is draining


@dataclass(frozen=True)
class Look:
    waiting: int
    workers: Sequence[Worker]

    @property
    def ours(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.ours]


@dataclass(frozen=True)
class Deed:
    """What is to be done: `more`, `drain`, `keep` (drain no more) or `stop`, the last three with a worker."""

    name: str
    worker: Worker | None = None


@dataclass
class Rule:
    """Remembers since when there was too much to do, or nothing. Times are seconds of any clock."""

    least: int
    most: int
    drained: str = ""  # the worker that we have drained
    _pressed: float | None = None
    _idle: float | None = None

    def decide(self, look: Look, now: float) -> Deed | None:
        """What is to be done after this look; nothing, mostly."""
        present = [worker for worker in look.ours if not worker.draining]
        hands = sum(worker.hands for worker in look.workers if not worker.draining)
        pressed = look.waiting > WAITING_A_HAND * max(hands, 1)
        self._pressed = (self._pressed if self._pressed is not None else now) if pressed else None
        self._idle = (self._idle if self._idle is not None else now) if not look.waiting else None
        leaving = next((worker for worker in look.ours if worker.id == self.drained), None)
        if leaving is not None:
            return self._of_leaving(leaving)
        self.drained = ""
        if len(look.ours) > self.least and (others := [w for w in look.ours if w.draining and not w.running]):
            return Deed("stop", others[0])  # somebody else has drained it
        if self._lasts(self._pressed, now, MORE_AFTER) and self.least <= len(present) < self.most:
            self._pressed = None
            return Deed("more")
        if self._lasts(self._idle, now, LESS_AFTER) and len(present) > self.least:
            free = [worker for worker in present if not worker.running]
            if free:
                chosen = max(free, key=lambda worker: (worker.pid, worker.id))
                self.drained = chosen.id
                return Deed("drain", chosen)
        return None

    def _of_leaving(self, worker: Worker) -> Deed | None:
        if self._pressed is not None:
            self.drained, self._pressed = "", None
            return Deed("keep", worker)
        if worker.knows and worker.draining and not worker.running:
            self.drained = ""
            return Deed("stop", worker)
        return None

    @staticmethod
    def _lasts(since: float | None, now: float, seconds: float) -> bool:
        return since is not None and now - since >= seconds


@dataclass
class Scaler:
    """Looks with a connection of its own, drains in the database, and says the rest."""

    rule: Rule
    supervisor: int
    _seen: Any = None  # when the drained worker had last reported before it was drained

    def turn(self, connection: "psycopg.Connection[tuple[Any, ...]]", now: float) -> str:
        """One look; what is to be said to the supervisor, if anything."""
        deed = self.rule.decide(self.look(connection), now)
        if deed is None:
            return ""
        if deed.worker is None:
            return deed.name
        if deed.name == "stop":
            return f"stop {deed.worker.pid}"
        query = "UPDATE jobs_worker SET draining = %s WHERE id = %s RETURNING seen_at"
        row = connection.execute(query, [deed.name == "drain", deed.worker.id]).fetchone()
        self._seen = row[0] if row else None
        return ""

    def look(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> Look:
        rows = connection.execute(LOOK).fetchall()
        workers = [
            Worker(
                id=pk,
                pid=pid,
                hands=hands,
                draining=draining,
                running=running,
                ours=host == socket.gethostname()[:120] and _parent_of(pid) == self.supervisor,
                knows=seen_at != self._seen,  # it asks whether it is drained each time that it reports
            )
            for _, pk, pid, host, hands, draining, seen_at, running in rows
            if pk is not None
        ]
        return Look(rows[0][0], workers)


def _parent_of(pid: int) -> int:
    """The parent of a process of this machine; 0 when there is no such process."""
    if sys.platform == "linux":
        try:
            return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return 0
    said = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True).stdout
    return int(said.strip() or 0)


def main() -> None:
    """Until the supervisor ends us; while PostgreSQL is away nothing is said."""
    (least, most), record = processes.span(), database.given()
    scaler = Scaler(Rule(least, most), os.getppid())
    while os.getppid() == scaler.supervisor:
        try:
            with psycopg.connect(record, autocommit=True, connect_timeout=5) as connection:
                while os.getppid() == scaler.supervisor:
                    if said := scaler.turn(connection, time.monotonic()):
                        print(said, flush=True)
                    time.sleep(EVERY)
        except psycopg.Error:
            time.sleep(EVERY)


if __name__ == "__main__":
    try:
        with env.told():
            main()
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(0)
