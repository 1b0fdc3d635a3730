"""Minutes under load while workers are killed every few seconds and Redis and PostgreSQL are restarted again and again:
every job is finished once. `bin/test --long` runs it; its report is printed. Only processes that it started are killed.
"""

import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from bench import papers
from bench.instance import Instance
from tests.chaos import audit
from tests.chaos.clients import Clients
from tests.chaos.listener import Listener

SEED = 5150
SECONDS = 240.0
A_SECOND = 10  # papers
CLIENTS = 4
WORKER_EVERY = (2.0, 5.0)  # seconds between two kills
RESTART_EVERY = {"Redis": 35.0, "PostgreSQL": 50.0}
STOPS = {"Redis": (signal.SIGTERM, signal.SIGKILL), "PostgreSQL": (signal.SIGINT, signal.SIGKILL)}
SETTLED = 180.0

pytestmark = [pytest.mark.chaos, pytest.mark.long, pytest.mark.timeout(SECONDS + SETTLED + 240)]


@dataclass
class Paced(Clients):
    """So many papers a second in all, as long as there are some."""

    a_second: float = A_SECOND

    def start(self) -> None:
        self._began = time.monotonic()
        super().start()

    def _send(self, paper: papers.Paper, key: str) -> None:
        number = int(paper.name[5:10])
        time.sleep(max(0.0, self._began + number / self.a_second - time.monotonic()))
        super()._send(paper, key)


@dataclass
class Trouble:
    """Kills and restarts until told to stop."""

    gateway: Instance
    dice: random.Random
    kills: dict[str, float] = field(default_factory=dict)  # of workers: pid, when
    at_work: int = 0
    restarts: list[tuple[str, str, float]] = field(default_factory=list)  # of what, how, seconds until ready again

    def run(self, until: float) -> None:
        due = {name: time.monotonic() + every for name, every in RESTART_EVERY.items()}
        while time.monotonic() < until:
            time.sleep(self.dice.uniform(*WORKER_EVERY))
            self._kill_a_worker()
            for name, at in due.items():
                if time.monotonic() >= at:
                    self._restart(name)
                    due[name] = time.monotonic() + RESTART_EVERY[name]

    def _kill_a_worker(self) -> None:
        leaders = [p for p in self.gateway.of_role("worker") if p.parent == self.gateway.pid]
        if not leaders:
            return
        busy = self._busy() & {str(process.pid) for process in leaders}
        chosen = self.dice.choice([p for p in leaders if str(p.pid) in busy] or leaders)
        self.at_work += str(chosen.pid) in busy
        with contextlib.suppress(ProcessLookupError):
            os.kill(chosen.pid, signal.SIGKILL)
            self.kills[str(chosen.pid)] = time.time()

    def _busy(self) -> set[str]:
        try:
            with self.gateway.database() as database:
                rows = database.execute("SELECT worker FROM jobs_job WHERE state = 'running'").fetchall()
        except psycopg.Error:
            return set()
        return {worker.split(":")[1] for (worker,) in rows if ":" in worker}

    def _restart(self, name: str) -> None:
        leaders = [p for p in self.gateway.of_role(name) if p.parent == self.gateway.pid]
        if not leaders:
            return
        how, began = self.dice.choice(STOPS[name]), time.monotonic()
        os.kill(leaders[0].pid, how)
        time.sleep(0.2)
        while not self.gateway.is_ready():
            time.sleep(0.05)
            assert time.monotonic() < began + 60, f"not ready 60 s after the restart of {name}"
        self.restarts.append((name, how.name, time.monotonic() - began))


@pytest.fixture
def gateway(tmp_path_factory) -> Iterator[Instance]:
    instance = Instance(tmp_path_factory.mktemp("soak"), settings={"KMRL_WORKERS_MIN": "1", "KMRL_WORKERS_MAX": "2"})
    instance.start()
    yield instance
    instance.kill_left()


def test_every_job_is_finished_once_whatever_is_killed_and_restarted_for_minutes(gateway, capsys):
    who = json.loads(gateway.run("-m", "bench.clerk"))
    listener = Listener(gateway.port, who["key"])
    listener.start()
    sent = papers.many(int(SECONDS * A_SECOND), seed=SEED)
    clients = Paced(gateway.port, who["key"], who["department"], sent, CLIENTS, random.Random(SEED), SECONDS + 120)
    trouble = Trouble(gateway, random.Random(SEED + 1))
    clients.start()
    trouble.run(time.monotonic() + SECONDS)
    clients.wait()
    with gateway.database() as database:
        settled = audit.wait_until_settled(database, within=SETTLED)
        heard = listener.caught_up(database)
        wrong = audit.wrong_with(database, gateway.data / "originals", clients.receipts, heard)
        with capsys.disabled():
            print(report(database, trouble, clients, settled, wrong))
    assert clients.refused == []
    assert len(clients.receipts) == len(sent)
    assert settled >= 0, f"still in work after {SETTLED:.0f} s"
    assert wrong == []
    assert len(trouble.kills) >= SECONDS / max(WORKER_EVERY) / 2
    assert {name for name, *_ in trouble.restarts} == set(RESTART_EVERY)
    listener.stop()
    gateway.stop()
    assert gateway.left_running(within=0) == []


FIGURES = """
SELECT count(*), count(*) FILTER (WHERE state = 'succeeded'), sum(fence), count(*) FILTER (WHERE fence > 1), max(fence),
       max(extract(epoch FROM started_at - created_at)), max(extract(epoch FROM finished_at - created_at)),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at))
FROM jobs_job
"""
TWICE = """
SELECT count(*) FROM (SELECT data->>'id' FROM realtime_event
    WHERE type = 'document.status' AND data->>'status' = 'processed' GROUP BY 1 HAVING count(*) > 1) AS twice
"""
TAKEN_BACK = """
SELECT f->>'worker', extract(epoch FROM (f->>'at')::timestamptz), extract(epoch FROM j.finished_at)
FROM jobs_job j, jsonb_array_elements(j.failures) f WHERE f->>'code' = 'worker_died'
"""


GIVEN_UP = """
SELECT j.kind, j.size, j.attempt, (SELECT string_agg(f->>'code' || ' ' || left(f->>'detail', 60), '; ')
    FROM jsonb_array_elements(j.failures) f) FROM jobs_job j WHERE state = 'dead'
"""


def report(database, trouble: Trouble, clients: Clients, settled: float, wrong: list[str]) -> str:
    jobs, succeeded, attempts, again, most, wait, whole, p95 = database.execute(FIGURES).fetchone()
    given_up = database.execute(GIVEN_UP).fetchall()
    taken, done = [], []
    for worker, at, finished in database.execute(TAKEN_BACK):
        if (killed := trouble.kills.get(worker.split(":")[1])) is not None:
            taken.append(float(at) - killed)
            done.append(float(finished) - killed)
    restarts = [
        f"  {name} restarted {len(found)} times ({', '.join(how for how, _ in found)}):"
        f" the gateway ready again after {max(seconds for _, seconds in found):.1f} s at most"
        for name in RESTART_EVERY
        if (found := [(how, seconds) for what, how, seconds in trouble.restarts if what == name])
    ]
    return "\n".join(
        [
            f"\nSoak of {SECONDS:.0f} s: {len(clients.receipts)} receipts, {jobs} jobs, {succeeded} succeeded",
            f"  workers killed -9: {len(trouble.kills)}, at work just then: {trouble.at_work}",
            *restarts,
            f"  attempts: {attempts} ({again} jobs begun again, one of them {most} times);"
            f" finished twice: {database.execute(TWICE).fetchone()[0]}",
            f"  jobs that a kill hit: {len(taken)}; waiting again after"
            f" {max(taken, default=0):.1f} s at most, done after {max(done, default=0):.1f} s at most",
            f"  longest wait before the last attempt {wait:.1f} s;"
            f" from receipt to done p95 {p95:.1f} s, at most {whole:.1f} s",
            f"  papers sent more than once: {sum(r.attempts > 1 for r in clients.receipts)};"
            f" troubles met: {dict(clients.troubles)}",
            f"  settled {settled:.1f} s after the last receipt",
            *(f"  GIVEN UP: {kind} of {size} bytes, attempt {n}: {why}" for kind, size, n, why in given_up),
            "  nothing lost, nothing twice" if not wrong else "  WRONG:\n    " + "\n    ".join(wrong[:20]),
        ]
    )
