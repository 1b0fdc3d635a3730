"""The queue as a table of text."""

from typing import Any

STATES = ("queued", "waiting", "running", "failed")


def lines(status: dict[str, Any]) -> list[str]:
    """The table, line by line."""
    found = [f"{'queue':<10}" + "".join(f"{state:>10}" for state in STATES) + f"{'oldest':>12}"]
    for name, figures in status["queues"].items():
        oldest = figures["oldest_waiting_seconds"]
        row = f"{name:<10}" + "".join(f"{figures[state]:>10}" for state in STATES)
        found.append(row + f"{_seconds(oldest):>12}" + ("   paused" if figures["paused"] else ""))
    minute, hour = status["rates"]["minute"], status["rates"]["hour"]
    found += [
        "",
        f"done in the last minute {minute['succeeded']} ({minute['per_second']:.1f}/s), hour {hour['succeeded']};"
        f" mean work {_seconds(hour['mean_seconds'])}, mean wait {_seconds(hour['mean_wait_seconds'])}",
    ]
    dead = ", ".join(f"{number} × {code or 'unknown'}" for code, number in status["dead"].items())
    found += [f"dead: {dead or 'none'}", "", f"{'worker':<36}{'queue':<10}{'hands':>6}{'memory':>9}{'done':>9}  runs"]
    for worker in status["workers"]:
        runs = "; ".join(_job(job) for job in worker["jobs"]) or ("draining" if worker["draining"] else "idle")
        found.append(
            f"{worker['id']:<36}{worker['queue']:<10}{worker['concurrency']:>6}{worker['memory_mb']:>6} MB"
            f"{worker['jobs_done']:>9}  {runs}"
        )
    return found if status["workers"] else [*found, "no worker is running"]


def _job(job: dict[str, Any]) -> str:
    step = f" {job['step']}" if job["step"] else ""
    return f"{job['kind']} {job['progress']} %{step} ({_seconds(job['seconds'])})"


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.0f} min"
