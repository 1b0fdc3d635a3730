"""`bin/bench queue`: the queue beside BullMQ, Celery prefork and procrastinate, in one table.

On a private PostgreSQL and Redis of its own, with the worker processes that `manage.py up` starts on two cores.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

from bench import plain, queue_peers, replaced, tied
from bench.instance import PROJECT
from bench.measures import Figures
from bench.table import Row, drawn, keep

PARTS = ("rates", "prefork", "idle", "recovery", "claims")
OURS, OURS_PREFORK = "KMRL Gateway", "ours, prefork"
CONDITIONS = ("alone", "1,000,000 finished", "not vacuumed", "snapshot held")
ROWS = [
    Row("single per s", "trivial jobs/s, singly", 0, ">= 4,000"),
    Row("batched per s", "trivial jobs/s, in batches", 0, ">= 10,000"),
    Row("10 ms per s", "jobs/s of 10 ms of CPU, ideal 200 on 2 cores", 0, "no slower"),
    Row("single worker CPU us", "  CPU of the workers per trivial job, singly, us", 0),
    Row("batched worker CPU us", "  the same in batches, us", 0),
    Row("idle p50 ms", "idle, enqueue to start, p50, ms"),
    Row("idle p95 ms", "idle, enqueue to start, p95, ms", 1, "< 10"),
    Row("recovery s", "kill -9 of a worker, until its last job runs again, s", 1, "< 30"),
    Row("recovery from afar s", "  the same when its whole machine is gone, s", 1, "< 30"),
    *(
        Row(f"claim {condition} {p} ms", f"claim, {condition}, {p}, ms", 3, "+ < 20 %" if condition != "alone" else "")
        for condition in CONDITIONS
        for p in ("p50", "p95")
    ),
    *(
        Row(f"claim {condition} CPU us", f"  PostgreSQL's CPU to claim and finish one, {condition}, us", 0)
        for condition in CONDITIONS
    ),
    *(
        Row(f"claim {condition} first CPU us", f"  the same for the first 300 of a new process, {condition}, us", 0)
        for condition in CONDITIONS
    ),
    Row("claims under the snapshot", "  jobs worked off under the held snapshot", 0),
]


def main(arguments: list[str]) -> None:
    """Run it below private services, and draw the table."""
    asked = _asked(arguments)
    if not asked.inside:
        sys.exit(_run_inside([*arguments, "--data", str(asked.data)]))
    data: Path = asked.data / "bench"
    data.mkdir(parents=True, exist_ok=True)
    began = time.strftime("%Y-%m-%dT%H-%M-%S")
    place = replaced.lay_out(asked.peers.resolve(), data / "peers") if asked.peers else None
    columns = _ours(asked)
    if place is not None:
        columns |= {name: [figures] for name, figures in _peers(asked, place).items()}
    told: dict[str, object] = {"when": began, "cores": plain.CORES, "load": os.getloadavg()[0], **vars(asked)}
    keep(data / f"queue-{began}.json", {name: str(value) for name, value in told.items()}, columns)
    print(
        f"\n{plain.CORES} cores, load {os.getloadavg()[0]:.2f}; {asked.jobs} trivial jobs, {asked.working} of 10 ms\n"
    )
    print(drawn(columns, ROWS))
    print(f"\nKept in {data / f'queue-{began}.json'}")


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench queue", description=__doc__)
    given = os.environ.get("PEERS_SOURCE")
    parser.add_argument("--peers", type=Path, default=Path(given) if given else None, help="the other queues")
    parser.add_argument("--jobs", type=int, default=10_000, help="trivial jobs (10,000)")
    parser.add_argument("--working", type=int, default=1_000, help="jobs of 10 ms (1,000)")
    parser.add_argument("--finished", type=int, default=1_000_000, help="finished rows behind a claim (1,000,000)")
    parser.add_argument("--claims", type=int, default=200_000, help="claims without a vacuum (200,000)")
    parser.add_argument("--snapshot", type=float, default=600, help="seconds that a snapshot is held (600)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of claims in each condition (5)")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, a snapshot of 20 s")
    parser.add_argument("--only", choices=PARTS, action="append", help="parts to measure (all)")
    home = Path(os.environ.get("KMRL_DATA") or PROJECT / "var").absolute()
    parser.add_argument("--data", type=Path, default=home, help="where results are kept (KMRL_DATA)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.jobs, asked.working = asked.jobs // 4, asked.working // 4
        asked.finished, asked.claims, asked.snapshot = asked.finished // 10, asked.claims // 10, 20.0
        asked.rounds = 2
    asked.only = asked.only or list(PARTS)
    return asked


def _run_inside(arguments: list[str]) -> int:
    """The same programme below a PostgreSQL and a Redis of its own, which are gone afterwards."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    kept |= {"DJANGO_SETTINGS_MODULE": "kmrl.settings"}
    command = [sys.executable, "-m", "bench.queue", "--inside", *arguments]
    beneath = [*tied.to_us(), sys.executable, "-m", "kmrl.supervision.alongside", *command]
    return subprocess.run(beneath, cwd=PROJECT, env=kept, check=False).returncode


def _ours(asked: argparse.Namespace) -> dict[str, list[Figures]]:
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 (only after setup)

    from bench import queue_app, queue_claims, queue_ours  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    queue_app.register()
    figures: Figures = {}
    columns = {OURS: [figures]}
    with tempfile.NamedTemporaryFile(prefix="kmrl-bench-", suffix=".log") as said:
        log = Path(said.name)
        for part in asked.only:
            print(f"ours: {part}", flush=True)
            if part == "rates":
                figures |= queue_ours.rates(trivial=asked.jobs, working=asked.working, log=log)
            elif part == "prefork":
                found = queue_ours.rates(trivial=asked.jobs, working=asked.working, log=log, pool="prefork")
                columns[OURS_PREFORK] = [found]
            elif part == "idle":
                figures |= queue_ours.idle_start(log=log, number=200)
            elif part == "recovery":
                figures |= queue_ours.recovery(log=log)
            else:
                columns[OURS] += queue_claims.all_conditions(
                    finished=asked.finished, claims=asked.claims, snapshot=asked.snapshot, rounds=asked.rounds
                )
    return columns


def _peers(asked: argparse.Namespace, place: Path) -> dict[str, Figures]:
    wanted = {"rates": ("noop2", "cpu"), "idle": ("lat",), "recovery": ("recovery",)}
    parts = [part for name in asked.only for part in wanted.get(name, ())]
    print(f"the others: {', '.join(parts)}", flush=True)
    try:
        found = queue_peers.measured(place, jobs=asked.jobs, parts=parts)
    finally:
        queue_peers.stop(place)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
