"""`bin/bench --crowd`: a hundred uploads by twenty people at once, as the issue puts it.

Each person has credentials and a socket of their own and sends five files to a private gateway, `--lanes` of them at a
time (3, as the staff pages do; 5 sends all hundred at the same moment).
Aims: each upload answered in < 1 s at p95; every document below 10 MB begun within 30 s; 99 % or more of the valid
files succeed; what happens is on its sender's socket within 2 s.
"""

import argparse
import asyncio
import csv
import hashlib
import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import httpload, papers, processes
from bench.instance import Instance
from bench.sockets import Listener

ENDED = ("processed", "failed", "cancelled", "quarantined")
SMALL = 10_000_000
PATIENCE = 240.0
AIMS = {"answer p95 ms": 1000.0, "begun s max": 30.0, "succeeded %": 99.0, "told s max": 2.0}


@dataclass
class Sent:
    """One upload, and what its sender's socket said about it. Moments are seconds since 1970, of this machine."""

    size: int
    name: str
    answered: float = 0.0
    milliseconds: float = 0.0
    status: int = 0
    document: str = ""
    told: list[float] = field(default_factory=list)
    first_told: float = float("inf")
    ended: str = ""


@dataclass
class Person:
    key: str
    department: str
    sent: list[Sent] = field(default_factory=list)
    heard: list[tuple[float, dict[str, Any]]] = field(default_factory=list)


def main(asked: argparse.Namespace) -> int:
    """Measure, print the table; 1 when an aim was missed."""
    files = valid_files(asked.valid, asked.people * asked.each)
    folder = Path(tempfile.mkdtemp(prefix="kmrl-crowd-"))
    instance = Instance(folder / "instance")
    try:
        instance.start(within=120)
        made = json.loads(instance.run("-m", "bench.crowd_people", str(asked.people)))
        people = [Person(one["key"], one["department"]) for one in made]
        asyncio.run(_warm_up(instance.port, people))
        spent, foreign = processes.cpu([instance.pid]), _foreign(instance)
        began = time.monotonic()
        asyncio.run(_crowd(instance.port, people, files, asked.lanes))
        seconds = time.monotonic() - began
        cost = {
            "cpu ms an upload": (processes.cpu([instance.pid]) - spent) * 1000 / len(files),
            "foreign %": max(0.0, (_foreign(instance) - foreign) / seconds * 100),
        }
        begun = _begun(instance, people)
    finally:
        try:
            instance.stop()
        finally:
            instance.kill_left()
            shutil.rmtree(folder, ignore_errors=True)
    figures = measured(people, begun) | cost
    print(drawn(figures, len(files), asked.people, asked.lanes))
    for one in (one for person in people for one in person.sent if one.ended != "processed"):
        print(f"  {one.name}: {one.ended or f'answered {one.status}'}")
    return int(not all(kept(name, figures[name]) for name in AIMS))


def valid_files(folder: Path | None, count: int) -> list[tuple[str, bytes]]:
    """So many different files that a gateway must read: of a corpus, of a folder, or of our own making."""
    found: dict[str, tuple[str, bytes]] = {}
    for place in _places(folder) if folder else ():
        content = place.read_bytes()
        found.setdefault(hashlib.sha256(content).hexdigest(), (place.name, content))
    chosen = list(found.values())[:count]
    made = papers.many(count - len(chosen), seed=20)
    return chosen + [(paper.name, paper.content) for paper in made]


def _places(folder: Path) -> Iterator[Path]:
    """With a manifest those that it calls valid, spread over its kinds; else all that lie in the folder."""
    manifest = folder / "manifest.csv"
    if not manifest.exists():
        yield from sorted(place for place in folder.rglob("*") if place.is_file())
        return
    with manifest.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if set(row["expected"].split("|")) <= {"ok", "ok:no_text"}]
    mixed = sorted(rows, key=lambda row: hashlib.sha256(row["path"].encode()).digest())
    yield from (folder / row["path"] for row in mixed)


async def _warm_up(port: int, people: list[Person]) -> None:
    """One paper of ours for each person, one after the other: nobody measures a start."""
    for number, person in enumerate(people):
        paper = papers.make(number, seed=77)
        await _send(port, person, Sent(len(paper.content), paper.name), paper.content)
        person.sent.clear()
    await asyncio.sleep(3)


async def _crowd(port: int, people: list[Person], files: list[tuple[str, bytes]], lanes: int) -> None:
    listeners = [asyncio.create_task(_listen(port, person)) for person in people]
    await asyncio.sleep(1.5)
    each = len(files) // len(people)
    parts = [(person, files[n * each : (n + 1) * each]) for n, person in enumerate(people)]
    lane = {id(person): asyncio.Semaphore(lanes) for person in people}

    async def in_lane(person: Person, name: str, content: bytes) -> None:
        async with lane[id(person)]:
            await _send(port, person, Sent(len(content), name), content)

    await asyncio.gather(*(in_lane(person, name, content) for person, mine in parts for name, content in mine))
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        _understand(people)
        if all(one.ended for person in people for one in person.sent if one.status == 202):
            break
        await asyncio.sleep(0.25)
    await asyncio.sleep(1)
    for task in listeners:
        task.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    _understand(people)


async def _send(port: int, person: Person, one: Sent, content: bytes) -> None:
    request = httpload.upload(
        "/api/v1/documents/upload/",
        one.name,
        content,
        {"source": "api", "department": person.department},
        {"X-API-Key": person.key, "Idempotency-Key": str(uuid.uuid4())},
    )
    person.sent.append(one)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    began = time.perf_counter()
    writer.write(request)
    one.status, answer, _ = await asyncio.wait_for(httpload.read_answer(reader), 60)
    one.milliseconds, one.answered = (time.perf_counter() - began) * 1000, time.time()
    writer.close()
    if one.status == 202:
        one.document = json.loads(answer)["id"]


async def _listen(port: int, person: Person) -> None:
    listener = await Listener.open(port, "/ws/")
    listener.say(json.dumps({"action": "authenticate", "token": person.key}))
    position, acknowledged = 0, 0
    async for text in listener.texts():
        now, told = time.time(), json.loads(text)
        for event in told if isinstance(told, list) else [told]:
            person.heard.append((now, event))
            position = max(position, event.get("position") or 0)
        if position > acknowledged + 100:
            listener.say(json.dumps({"action": "ack", "position": position}))
            acknowledged = position


def _understand(people: list[Person]) -> None:
    """What was heard since the last time, by document: when it was told after it happened, and how it ended."""
    for person in people:
        mine = {one.document: one for one in person.sent if one.document}
        later = []
        for heard_at, event in person.heard:
            data = event.get("data") or {}
            one = mine.get(data.get("id", ""))
            if one is None:
                if str(event.get("type", "")).startswith("document."):
                    later.append((heard_at, event))  # its upload may not have been answered yet
                continue
            happened = datetime.fromisoformat(event["at"]).timestamp()
            one.told.append(heard_at - happened)
            one.first_told = min(one.first_told, heard_at)
            if event["type"] in ("document.status", "document.failed"):
                status = "failed" if event["type"] == "document.failed" else data["status"]
                one.ended = status if status in ENDED else one.ended
        person.heard = later


def _begun(instance: Instance, people: list[Person]) -> list[float]:
    """Seconds from receipt until the first attempt began, of the small documents that were accepted."""
    small = [one.document for person in people for one in person.sent if one.document and one.size < SMALL]
    with instance.database() as database:
        rows = database.execute(
            "SELECT extract(epoch FROM j.started_at - d.uploaded_at) FROM documents_document d"
            " JOIN jobs_job j ON j.id = d.job_id WHERE d.id = ANY(%s::uuid[])",
            [small],
        ).fetchall()
    return [float("inf") if seconds is None else float(seconds) for (seconds,) in rows]


def measured(people: list[Person], begun: list[float]) -> dict[str, float]:
    sent = [one for person in people for one in person.sent]
    accepted = [one for one in sent if one.document]
    told = [seconds for one in accepted for seconds in one.told]
    first = [max(0.0, one.first_told - one.answered) for one in accepted]
    return {
        "answer p50 ms": httpload.quantile([one.milliseconds for one in sent], 0.5),
        "answer p95 ms": httpload.quantile([one.milliseconds for one in sent], 0.95),
        "answer max ms": max(one.milliseconds for one in sent),
        "begun s p95": httpload.quantile(begun, 0.95),
        "begun s max": max(begun, default=float("nan")),
        "succeeded %": 100.0 * sum(one.ended == "processed" for one in sent) / len(sent),
        "told s p50": httpload.quantile(told, 0.5),
        "told s p95": httpload.quantile(told, 0.95),
        "told s max": max(told, default=float("inf")),
        "first told s max": max(first, default=float("inf")),
        "events": float(len(told)),
    }


def kept(name: str, value: float) -> bool:
    return value >= AIMS[name] if name.endswith("%") else value < AIMS[name]


def _foreign(instance: Instance) -> float:
    """Seconds of CPU that the rest of the machine has used."""
    ours = {one.pid: one.cpu for root in (os.getpid(), instance.pid) for one in processes.tree(root)}
    return processes.busy() - sum(ours.values())


def drawn(figures: dict[str, float], files: int, people: int, lanes: int) -> str:
    said = {
        "answer p50 ms": "upload answered, p50, ms",
        "answer p95 ms": "upload answered, p95, ms",
        "answer max ms": "upload answered, slowest, ms",
        "begun s p95": "receipt to begun, below 10 MB, p95, s",
        "begun s max": "receipt to begun, below 10 MB, slowest, s",
        "succeeded %": "valid files that were processed, %",
        "told s p50": "event to its sender's socket, p50, s",
        "told s p95": "event to its sender's socket, p95, s",
        "told s max": "event to its sender's socket, slowest, s",
        "first told s max": "answer to the first word on the socket, slowest, s",
        "events": "events that the senders heard of their own files",
        "cpu ms an upload": "CPU of the whole gateway, until all was read, ms an upload",
        "foreign %": "CPU that others used meanwhile, % of one core",
    }
    lines = [f"{files} uploads by {people} people at once, {lanes} at a time each", ""]
    for name, words in said.items():
        aim = f"{'>=' if name.endswith('%') else '<'} {AIMS[name]:g}" if name in AIMS else ""
        mark = "" if name not in AIMS else "  kept" if kept(name, figures[name]) else "  MISSED"
        lines.append(f"{words:52} {figures[name]:>12,.2f}   {aim}{mark}".rstrip())
    return "\n".join(lines)


def add_to(parser: argparse.ArgumentParser) -> None:
    corpus = os.environ.get("KMRL_CORPUS")
    group = parser.add_argument_group("a crowd")
    group.add_argument("--crowd", action="store_true", help="only this: many people upload at once")
    group.add_argument("--valid", type=Path, default=Path(corpus) if corpus else None, help="valid files (KMRL_CORPUS)")
    group.add_argument("--people", type=int, default=20, help="how many people (20)")
    group.add_argument("--lanes", type=int, default=3, help="how many of them at a time (3, as the staff pages)")
    group.add_argument("--each", type=int, default=5, help="how many files each of them sends (5)")
