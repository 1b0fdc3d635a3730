"""The measurements. Each takes a running side and returns figures by name; units are in the names."""

import asyncio
import re
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from bench import httpload, papers, processes
from bench.gateway import Gateway
from bench.instance import PROJECT
from bench.sides import Corpus, Side
from bench.sockets import Listener

Figures = dict[str, float]
MOMENT = re.compile(rb't(?:=|": ?)(\d{6,})')
UPLOADS = {1: 5, 10: 3, 50: 1}
"""Clients at once, and how often the corpus is sent by so many."""
HANGS_AFTER = 12.0  # seconds without an answer


def warm_up(side: Side, corpus: Corpus) -> None:
    httpload.send(side.port, side.requests(Corpus(corpus.files[:20]), uuid.uuid4().hex), clients=2)
    side.let_work()


def uploads(side: Side, corpus: Corpus, clients: int) -> Figures:
    """How long an upload takes while nothing is processed. inf: it did not answer all."""
    load = httpload.send(
        side.port, side.requests(corpus, uuid.uuid4().hex), clients=clients, timeout=HANGS_AFTER, until=HANGS_AFTER
    )
    whole = load.statuses[side.accepted] == len(corpus.files)
    if not whole:
        print(f"  {side.name} at {clients} clients: {dict(load.statuses)} of {len(corpus.files)}", flush=True)
    return {
        f"upload {clients} p50 ms": load.quantile(0.5) if whole else float("inf"),
        f"upload {clients} p95 ms": load.quantile(0.95) if whole else float("inf"),
        f"upload {clients} per s": len(corpus.files) / load.seconds if whole else 0.0,
    }


def through(side: Side, corpus: Corpus) -> Figures:
    """Send the corpus over four connections; until all is processed, and what it cost."""
    requests, before = side.requests(corpus, uuid.uuid4().hex), side.settled()
    spent = processes.cpu(side.roots())
    loads: list[httpload.Load] = []
    began = time.perf_counter()
    sender = threading.Thread(target=lambda: loads.append(httpload.send(side.port, requests, clients=4)))
    sender.start()
    wait_for(lambda: side.settled() - before >= len(requests), 120)
    seconds = time.perf_counter() - began
    sender.join()
    wait_for(lambda: side.unfinished() == 0, 120)
    memory = processes.memory(side.roots())
    return {
        "documents per s": len(requests) / seconds,
        "upload 4 p95 ms, processing": loads[0].quantile(0.95),
        "all done s": time.perf_counter() - began,
        "cpu ms per document": (processes.cpu(side.roots()) - spent) * 1000 / len(requests),
        "memory MB": memory.together,
        "largest process MB": memory.largest,
        "failed": side.failed(),
    }


def one_idle(side: Side, corpus: Corpus, times: int) -> Figures:
    """One document on an idle machine, from the first byte sent until it is processed."""
    taken = []
    for request in side.requests(Corpus(corpus.files[:times]), uuid.uuid4().hex):
        began = time.perf_counter()
        load = httpload.send(side.port, [request], clients=1)
        while not side.is_settled(load.answers[0]):
            time.sleep(0.001)
        taken.append((time.perf_counter() - began) * 1000)
        wait_for(lambda: side.unfinished() == 0, 20)
        time.sleep(0.05)
    return {"one idle ms": statistics.median(taken), "one idle p95 ms": httpload.quantile(taken, 0.95)}


def telling(side: Side, sockets: int, events: int) -> Figures:
    """From before an event's commit until a socket has it."""
    latencies = asyncio.run(_telling(side, sockets, events))
    missing = sockets * events - len(latencies)
    return {
        f"event {sockets} p50 ms": httpload.quantile(latencies, 0.5),
        f"event {sockets} p99 ms": httpload.quantile(latencies, 0.99),
        f"event {sockets} lost": float(missing),
    }


async def _telling(side: Side, sockets: int, events: int) -> list[float]:
    latencies: list[float] = []
    listeners = [await Listener.open(side.port, side.socket_path) for _ in range(sockets)]
    ready = [asyncio.Event() for _ in listeners]

    async def listen(number: int, listener: Listener) -> None:
        greeting = side.greeting(number)
        if greeting is None:
            ready[number].set()
        else:
            listener.say(greeting)
        async for text in listener.texts():
            now = time.monotonic_ns()
            if b'"connected"' in text:
                ready[number].set()
            latencies.extend((now - int(moment)) / 1e6 for moment in MOMENT.findall(text))

    tasks = [asyncio.create_task(listen(number, listener)) for number, listener in enumerate(listeners)]
    await asyncio.wait_for(asyncio.gather(*(event.wait() for event in ready)), 20)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(side.tell, events, 0.1)
    until = time.monotonic() + 5
    while len(latencies) < sockets * events and time.monotonic() < until:
        await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    for listener in listeners:
        listener.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    return latencies


def ingest(gateway: Gateway, corpus: Corpus, times: int, scratch: Path) -> Figures:
    """`manage.py ingest` of a folder that holds the corpus `times` times in distinct bytes, its start-up included."""
    contents = {
        f"{n:02}-{name}": papers.distinct(content, f"{uuid.uuid4().hex}-{n}")
        for n in range(times)
        for name, content in corpus.contents()
    }
    folder = papers.folder_of(scratch / uuid.uuid4().hex, contents)
    before, spent = gateway.settled(), processes.cpu(gateway.roots())
    began = time.perf_counter()
    command = subprocess.Popen(
        [sys.executable, *gateway.ingest_command(folder)],
        cwd=PROJECT,
        env={**gateway.instance.environment(), "DJANGO_SETTINGS_MODULE": "kmrl.settings"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    wait_for(lambda: gateway.settled() - before >= len(contents) or command.poll() not in (None, 0), 600)
    readable = time.perf_counter() - began
    wait_for(lambda: command.poll() is not None and gateway.unfinished() == 0 and gateway.unindexed() == 0, 600)
    indexed = time.perf_counter() - began
    if command.wait() != 0:
        raise RuntimeError(f"ingest ended with {command.returncode}: {(command.stderr or sys.stderr).read()!r}")
    return {
        "ingest readable per s": len(contents) / readable,
        "ingest indexed per s": len(contents) / indexed,
        "ingest services cpu ms per document": (processes.cpu(gateway.roots()) - spent) * 1000 / len(contents),
    }


def wait_for(condition: Callable[[], bool], within: float) -> None:
    """Raises TimeoutError."""
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"Not within {within:.0f} s.")
        time.sleep(0.02)
