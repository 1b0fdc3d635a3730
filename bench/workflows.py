"""`bin/bench workflows`: what workflows cost, in one table.

On a private PostgreSQL (fsync on) and Redis of its own: automatic runs through the worker processes that `manage.py up`
starts on two cores; people among many open runs; the sweep of timers; what the triggers cost each settled document.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django

from bench import plain, processes, tied
from bench.instance import PROJECT
from bench.measures import Figures
from bench.table import Row, drawn, keep

PARTS = ("triggers", "engine", "people", "clock")
OURS = "KMRL Gateway"
TRIGGERS = {"none": "no definition", "built-ins": "the five built-in ones, none matches", "start": "one starts"}
DEEDS = {
    "start many": "start of a run with a task",
    "complete many": "decision, core",
    "API": "decision, REST without the socket",
    "inbox": "list of tasks, 50 of all",
    "counts": "counts of the list",
}
AIMS = {"trigger built-ins CPU ms": "< 1", "start many p95 ms": "as among few", "complete many p95 ms": "as among few"}


def _row(figure: str, label: str, digits: int = 1, aim: str = "") -> Row:
    return Row(figure, label, digits, aim or AIMS.get(figure, ""))


ROWS = [
    _row("runs per s", "automatic runs of 10 steps, finished/s"),
    _row("steps per s", "  steps passed/s", 0, ">= 500"),
    _row("step worker CPU us", "  CPU of the workers per step, us", 0),
    _row("step PostgreSQL CPU us", "  CPU of PostgreSQL per step, us", 0),
    _row("start CPU us", "  CPU of who starts them, per run, us", 0),
    *(
        row
        for name, said in TRIGGERS.items()
        for row in (
            _row(f"trigger {name} CPU ms", f"settled document, {said}, CPU of the worker, ms", 2),
            _row(f"trigger {name} ms", "  from beginning to end, ms", 2),
            _row(f"trigger {name} statements", "  statements", 2),
        )
    ),
    _row("start few p50 ms", "among 200 open runs: start of a run with a task, p50, ms"),
    _row("start few p95 ms", "  p95, ms"),
    _row("complete few p50 ms", "  decision, core, p50, ms"),
    _row("complete few p95 ms", "  p95, ms"),
    *(
        row
        for name, said in DEEDS.items()
        for row in (
            _row(f"{name} p50 ms", f"among all open runs: {said}, p50, ms"),
            _row(f"{name} p95 ms", "  p95, ms"),
            _row(f"{name} CPU ms", "  CPU of Python, ms"),
        )
    ),
    _row("find ms", "100 due timers of all found in, ms", 2, "< 20"),
    _row("find max ms", "  at worst, ms", 2),
    _row("sweep ms", "  and rung, ms", 0),
    _row("foreign %", "CPU that others used meanwhile, % of one core", 0, "< 10"),
]


def main(arguments: list[str]) -> None:
    """Run it below private services, and draw the table."""
    asked = _asked(arguments)
    if not asked.inside:
        sys.exit(_run_inside([*arguments, "--data", str(asked.data)]))
    data: Path = asked.data / "bench"
    data.mkdir(parents=True, exist_ok=True)
    began, load = time.strftime("%Y-%m-%dT%H-%M-%S"), os.getloadavg()[0]
    rounds = _rounds(asked)
    told = {
        name: str(value) for name, value in {"when": began, "cores": plain.CORES, "load": load, **vars(asked)}.items()
    }
    keep(data / f"workflows-{began}.json", dict(told), {OURS: rounds})
    print(f"\n{plain.CORES} cores, load before {load:.2f}, medians of {asked.rounds} round(s)")
    print(f"{asked.runs} automatic runs, {asked.open} open runs, {asked.timers} timers, {asked.documents} documents\n")
    print(drawn({OURS: rounds}, ROWS))
    print(f"\nKept in {data / f'workflows-{began}.json'}")


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench workflows", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000, help="automatic runs (1,000)")
    parser.add_argument("--open", type=int, default=100_000, help="open runs with a task each (100,000)")
    parser.add_argument("--timers", type=int, default=1_000_000, help="pending timers (1,000,000)")
    parser.add_argument("--documents", type=int, default=960, help="settled documents (960)")
    parser.add_argument("--deeds", type=int, default=300, help="decisions and starts that are measured (300)")
    parser.add_argument("--rounds", type=int, default=3, help="how often engine and triggers are measured (3)")
    parser.add_argument(
        "--quick", action="store_true", help="one round, a tenth of what is there, a quarter of the runs"
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="parts to measure (all)")
    home = Path(os.environ.get("KMRL_DATA") or PROJECT / "var").absolute()
    parser.add_argument("--data", type=Path, default=home, help="where results are kept (KMRL_DATA)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.rounds = 1
        asked.open, asked.timers, asked.documents = asked.open // 10, asked.timers // 10, asked.documents // 10
        asked.runs, asked.deeds = asked.runs // 4, asked.deeds // 3
    asked.only = asked.only or list(PARTS)
    return asked


def _run_inside(arguments: list[str]) -> int:
    """The same programme below a PostgreSQL and a Redis of its own, which are gone afterwards."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    kept |= {"DJANGO_SETTINGS_MODULE": "kmrl.settings"}
    command = [sys.executable, "-m", "bench.workflows", "--inside", *arguments]
    beneath = [*tied.to_us(), sys.executable, "-m", "kmrl.supervision.alongside", *command]
    return subprocess.run(beneath, cwd=PROJECT, env=kept, check=False).returncode


def _rounds(asked: argparse.Namespace) -> list[Figures]:
    """All rounds; many open runs and timers are made in the last alone, after what they might slow down."""
    django.setup()
    from bench import workflows_engine, workflows_house, workflows_people, workflows_triggers  # noqa: PLC0415

    workflows_house.move_in()
    rounds: list[Figures] = []
    with tempfile.NamedTemporaryFile(prefix="kmrl-bench-", suffix=".log") as said:
        log = Path(said.name)
        for number in range(asked.rounds):
            parts: dict[str, Callable[[], Figures]] = {
                "triggers": lambda: workflows_triggers.costs(documents=asked.documents),
                "engine": lambda: workflows_engine.rates(runs=asked.runs, log=log),
            }
            if number == asked.rounds - 1:
                parts |= {
                    "people": lambda: workflows_people.deciding(open_runs=asked.open, deeds=asked.deeds),
                    "clock": lambda: workflows_people.sweeping(pending=asked.timers),
                }
            rounds.append({})
            began, before = time.monotonic(), _foreign()
            for name in (name for name in PARTS if name in parts and name in asked.only):
                print(f"round {number + 1} of {asked.rounds}: {name}", flush=True)
                rounds[-1] |= parts[name]()
            rounds[-1]["foreign %"] = max(0.0, (_foreign() - before) / (time.monotonic() - began) * 100)
    return rounds


def _foreign() -> float:
    """Seconds of CPU that neither we, nor our services, nor what we started have used."""
    return processes.busy() - processes.cpu([os.getppid()])


if __name__ == "__main__":
    main(sys.argv[1:])
