"""Other queues, measured by their own programmes in the folder given by `--peers` (see `bench.replaced`)."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from bench.instance import KEPT
from bench.measures import Figures

BULL, CELERY, PROCRASTINATE = "BullMQ", "Celery prefork", "procrastinate"
CELL = {BULL: ("bullmq",), CELERY: ("celery prefork", "celery acks_late"), PROCRASTINATE: ("procrastinate conc",)}
RECOVERS = ("bullmq default", "celery acks_late=on vis=10 default sweep")
"""Of each queue's settings those that give back what a killed worker held, with the sweeps that it has by itself."""
QUEUES = {"noop2": "queue_noop_repeat", "cpu": "queue_cpu10", "lat": "queue_latency", "recovery": "queue_recovery"}


def measured(place: Path, *, jobs: int, parts: list[str]) -> dict[str, Figures]:
    """Figures by queue; the best of each programme's ways of running that queue. Raises RuntimeError."""
    found: dict[str, Figures] = {name: {} for name in CELL}
    subprocess.run([_python(place), "infra.py", "start"], cwd=place, check=True, capture_output=True)
    options = {"N": str(max(1, jobs // 1000) * 1000), "REP": "1"}  # they add by thousands
    for part in parts:
        _run(place, ["queue/bench_queue.py", part], options)
        cells = _cells(place, QUEUES[part])
        for name in (BULL, CELERY):
            mine = {key: cell for key, cell in cells.items() if key.startswith(CELL[name])}
            found[name] |= _figures(part, mine)
    if "noop2" in parts:
        _run(place, ["queue/bench_pgq.py"], options)
        cells = _cells(place, "queue_pg")
        mine = {key: cell for key, cell in cells.items() if key.startswith(CELL[PROCRASTINATE])}
        found[PROCRASTINATE] |= _figures("noop2", mine)
    return found


def stop(place: Path) -> None:
    """End their services."""
    subprocess.run([_python(place), "infra.py", "stop"], cwd=place, check=False, capture_output=True)


def _figures(part: str, cells: dict[str, Any]) -> Figures:
    if part in ("noop2", "cpu"):
        rates = [cell["jobs_per_s"]["median"] for cell in cells.values() if cell.get("jobs_per_s")]
        return {"single per s" if part == "noop2" else "10 ms per s": max(rates)} if rates else {}
    if part == "lat":
        known = [(cell["p95"]["median"], cell["p50"]["median"]) for cell in cells.values() if "p95" in cell]
        return dict(zip(("idle p95 ms", "idle p50 ms"), min(known), strict=True)) if known else {}
    usual: dict[str, Any] = next((cell for title, cell in cells.items() if title.startswith(RECOVERS)), {})
    seconds = (usual.get("redelivery_s_after_kill") or {}).get("max")
    return {} if seconds is None else {"recovery s": seconds}


def _cells(place: Path, name: str) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((place / "results" / f"{name}.json").read_text())
    cells: dict[str, Any] = kept["cases"] if "cases" in kept else kept["cells"]
    return cells


def _run(place: Path, command: list[str], options: dict[str, str]) -> None:
    folder = place / Path(command[0]).parent
    done = subprocess.run(
        [_python(place), str(place / command[0]), *command[1:]],
        cwd=folder,
        env={name: os.environ[name] for name in KEPT if name in os.environ} | options,  # nothing of our gateway's
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def _python(place: Path) -> str:
    return str(place / "venv" / "bin" / "python")
