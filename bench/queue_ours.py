"""Our queue measured from outside its workers: rates, the idle start, and what a killed worker costs."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench import processes, tied
from bench.instance import PROJECT
from bench.measures import Figures
from bench.queue_app import BATCHED, CPU, SINGLE, SLEEP
from jobs import enqueueing, unasked
from jobs.enqueueing import Order
from jobs.models import Job, Queue, Worker

CHUNK = 1_000
HOUSE = {"high": 1, "default": 2, "low": 1}  # hands by worker process, as `manage.py up` starts them on two cores
SERVES = {"high": "high", "default": "default,high", "low": "low,default,high"}
GONE = "another machine"


@contextmanager
def workers(
    log: Path, hands: dict[str, int] = HOUSE, pool: str = "threads", app: str = "bench.queue_app"
) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """Worker processes by queue, ready to work; killed afterwards."""
    Worker.objects.all().delete()
    started = {queue: _start(queue, number, pool, log, app) for queue, number in hands.items()}
    try:
        try:
            until(lambda: Worker.objects.count() == len(hands), 60)
            time.sleep(2.0)  # children are being prewarmed
            yield started
        except TimeoutError as late:
            raise TimeoutError(log.read_text(errors="replace")[-3_000:]) from late
    finally:
        for process in started.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def rates(*, trivial: int, working: int, log: Path, pool: str = "threads") -> Figures:
    """Jobs a second from the first start to the last end: trivial ones, singly and in batches, and of 10 ms of CPU."""
    hands = HOUSE if pool == "threads" else {"low": sum(HOUSE.values()) - HOUSE["high"]}
    with workers(log, hands, pool) as started:
        found: Figures = {}
        for kind, number, name in (
            (SINGLE, trivial, "single"),
            (BATCHED, 2 * trivial, "batched"),
            (CPU, working if pool == "threads" else 0, "10 ms"),  # forks would share the parent's child processes
        ):
            if not number:
                continue
            _rate(kind, max(number // 10, 50))  # statements are prepared, batches have found their size
            found[f"{name} per s"], spent = _rate(kind, number, [process.pid for process in started.values()])
            found[f"{name} worker CPU us"] = spent * 1e6 / number
        return found


def idle_start(*, log: Path, number: int) -> Figures:
    """Milliseconds from enqueueing to the start of the work, one job at a time, nobody busy."""
    waits = []
    with workers(log):
        for _ in range(number + 10):
            time.sleep(random.uniform(0.03, 0.05))  # noqa: S311 (spreads, hides nothing)
            with transaction.atomic():
                job = enqueueing.enqueue(SINGLE, payload={})
            until(lambda job=job: Job.objects.filter(pk=job.pk, state="succeeded").exists(), 10, every=0.01)
            job.refresh_from_db()
            waits.append(((job.started_at or job.created_at) - job.created_at).total_seconds() * 1000)
    waits = sorted(waits[10:])
    return {"idle p50 ms": waits[len(waits) // 2], "idle p95 ms": waits[len(waits) * 95 // 100]}


def recovery(*, log: Path) -> Figures:
    """Seconds until the last job of a killed worker is at work again: beside a living neighbour, and from afar."""
    return {
        "recovery s": _kill_one(log, from_afar=False),
        "recovery from afar s": _kill_one(log, from_afar=True),
    }


def _kill_one(log: Path, *, from_afar: bool) -> float:
    """`from_afar`: the others cannot see that the process is gone, as if its whole machine were."""
    clear()
    with workers(log) as started:
        _enqueue(SLEEP, 150)
        victim = Worker.objects.get(pid=started["default"].pid)
        until(lambda: Job.objects.filter(state="succeeded").count() >= 10, 30)
        if from_afar:
            Worker.objects.filter(pk=victim.pk).update(space=GONE)
        os.killpg(started["default"].pid, signal.SIGKILL)
        killed = timezone.now()
        held = list(Job.objects.filter(state="running", worker=victim.pk).values_list("pk", flat=True))
        until(lambda: not Job.objects.exclude(state="succeeded").exists(), 120)
        again = Job.objects.filter(pk__in=held).values_list("started_at", "fence")  # a death may cost no attempt
        if not held or any(fence != 2 for _, fence in again):
            raise RuntimeError("The killed worker held nothing, or its work was not done a second time.")
        return max(begun - killed for begun, _ in again if begun).total_seconds()


def _rate(kind: str, number: int, pids: list[int] | None = None) -> tuple[float, float]:
    """Jobs a second, and the seconds of CPU of the processes `pids` and their children."""
    clear()
    Queue.objects.filter(name="default").update(paused=True)
    _enqueue(kind, number)
    before = processes.cpu(pids or [])
    unasked.resume(queue="default", by=None)
    until(lambda: not Job.objects.filter(state__in=["queued", "running"]).exists(), 600, every=0.3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(finished_at) - min(started_at), count(*) FROM jobs_job WHERE state = 'succeeded'")
        span, done = cursor.fetchone()
    if done != number:
        raise RuntimeError(f"{number - done} of {number} jobs did not succeed.")
    return number / (span or timedelta(seconds=1)).total_seconds(), processes.cpu(pids or []) - before


def _enqueue(kind: str, number: int) -> None:
    for done in range(0, number, CHUNK):
        with transaction.atomic():
            enqueueing.enqueue_many(Order(kind=kind) for _ in range(min(CHUNK, number - done)))


def clear() -> None:
    """No jobs at all."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE jobs_job CASCADE")
        cursor.execute("ANALYZE jobs_job")


def _start(queue: str, hands: int, pool: str, log: Path, app: str) -> "subprocess.Popen[bytes]":
    """Forks have no use for the children of their parent, and one made at the moment of forking would never begin."""
    prewarmed = {"KMRL_CHILD_PREWARM": "false"} if pool == "prefork" else {}
    with log.open("ab") as said:
        return subprocess.Popen(
            [
                *tied.to_us(),
                *(sys.executable, "-m", "celery", "-A", app, "worker", "--queues", SERVES[queue]),
                *("--hostname", f"{queue}-bench-{os.getpid()}@%h", "--pool", pool, "--concurrency", str(hands)),
                *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
            ],
            cwd=PROJECT,
            env=os.environ | prewarmed,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def until(condition: Any, seconds: float, *, every: float = 0.05) -> None:
    """Wait for it. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The workers did not do it in time.")
        time.sleep(every)
