"""Plans a house for so many documents a day from measured figures, and plays its day minute by minute.

    python docs/simulation/plan.py --documents 1000000
    python docs/simulation/plan.py --documents 1000000 --wait 5 --pages 3 --peak-share 0.2
    python docs/simulation/plan.py --write            # puts the table of the defaults into README.md

Standard library only. The figures stand in measured.json, each with where it comes from.
"""

import argparse
import itertools
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MINUTES = 24 * 60
BEGIN, END = "<!-- what plan.py prints -->\n", "<!-- until here -->"
GB, TB = 1e9, 1e12


@dataclass(frozen=True)
class House:
    """What is planned for, and what one document costs. Milliseconds of CPU and bytes are by document."""

    documents: float
    shares: Sequence[float]
    pages: float
    cpu_ms: dict[str, float]
    statement_ms: dict[str, float]
    original_bytes: float
    document_bytes: float
    page_bytes: float
    job_bytes: float
    event_bytes: float
    wal_bytes: float
    events: float
    frame_bytes: float
    busy: float = 0.7
    wait: float = 30.0
    days_of_jobs: int = 30
    days_of_events: int = 30
    sockets: int = 2000
    departments: int = 15
    stack: int = 0
    seed: int = 1

    @property
    def hand_ms(self) -> float:
        """How long a hand is at a document: it waits for its child, then settles."""
        return self.cpu_ms["extraction"] + self.cpu_ms["workers"] + self.statement_ms["workers"]


@dataclass
class Day:
    """A day as it was played. Waits are seconds until a document of that minute is begun."""

    hands: int
    longest_queue: float = 0.0
    longest_wait: float = 0.0
    at_minute: int = 0
    queue_by_hour: list[float] = field(default_factory=list)


def arrivals(house: House) -> list[float]:
    """Documents by minute: evenly within the hour, or in stacks of `stack` that arrive when they like (Poisson)."""
    even = [house.documents * share / 60 for share in house.shares for _ in range(60)]
    if not house.stack:
        return even
    dice = random.Random(house.seed)  # noqa: S311 (wanted: the same day each time)
    drawn = [_poisson(documents / house.stack, dice) * house.stack for documents in even]
    return [documents * house.documents / (sum(drawn) or 1) for documents in drawn]


def _poisson(mean: float, dice: random.Random) -> int:
    """By waiting times: how many of them fit into one minute."""
    number, passed = 0, dice.expovariate(mean) if mean else math.inf
    while passed < 1:
        number, passed = number + 1, passed + dice.expovariate(mean)
    return number


def play(house: House, hands: int) -> Day:
    """The day with so many hands, each busy all the time when there is work; first come, first served.

    The queue that is left at midnight goes on into a quiet night, so that every document's wait is known.
    """
    a_minute = hands * 60_000 / house.hand_ms
    day, queue = Day(hands), 0.0
    for minute, arrived in enumerate(arrivals(house)):
        waiting = queue + arrived
        queue = max(0.0, waiting - a_minute)
        wait = queue / a_minute * 60  # of the last to arrive in this minute, which all these are before
        if queue > day.longest_queue:
            day.longest_queue = queue
        if wait > day.longest_wait:
            day.longest_wait, day.at_minute = wait, minute
        if minute % 60 == 59:
            day.queue_by_hour.append(queue)
    return day


def least_hands(house: House) -> int:
    """The fewest hands with which nobody waits longer than `house.wait`, and that the day's work fits into."""
    fewest = max(1, math.ceil(house.documents * house.hand_ms / 1000 / 86_400))
    return next(hands for hands in itertools.count(fewest) if play(house, hands).longest_wait <= house.wait)


def plan(house: House) -> dict[str, float]:
    """All figures by name; rates are those of the busiest hour."""
    peak = house.documents * max(house.shares) / 3600
    cores = {kind: peak * ms / 1000 / house.busy for kind, ms in house.cpu_ms.items()}
    day = play(house, least_hands(house))
    web, workers = max(2, math.ceil(cores["web"])), max(2, math.ceil(day.hands / 4))  # one may die
    in_use = peak * sum(house.statement_ms.values()) / 1000 / house.busy
    events = house.documents * house.events
    heard = house.sockets / house.departments
    kept = house.document_bytes + house.page_bytes * house.pages
    return {
        "documents a second, mean": house.documents / 86_400,
        "documents a second, busiest hour": peak,
        **{f"cores, {kind}": found for kind, found in cores.items()},
        "cores, all": sum(cores.values()),
        "hands (jobs at a time)": day.hands,
        "worker processes, four hands each": workers,
        "web processes": web,
        "longest queue": day.longest_queue,
        "longest wait, s": day.longest_wait,
        "minute of the longest wait": day.at_minute,
        "connections in use": in_use,
        "connections, at most": 20.0 * web + web + workers * 7,
        "originals a day, GB": house.documents * house.original_bytes / GB,
        "originals a year, TB": 365 * house.documents * house.original_bytes / TB,
        "PostgreSQL a day, GB": house.documents * kept / GB,
        "PostgreSQL after a year, TB": (
            365 * house.documents * kept
            + house.days_of_jobs * house.documents * house.job_bytes
            + house.days_of_events * events * house.event_bytes
        )
        / TB,
        "WAL a day, GB": house.documents * house.wal_bytes / GB,
        "WAL, busiest hour, MB/s": peak * house.wal_bytes / 1e6,
        "events a day": events,
        "events a second, busiest hour": peak * house.events,
        "event rows kept": events * house.days_of_events,
        "frames a second to sockets": peak * house.events * heard,
        "Mbit/s to sockets": peak * house.events * heard * house.frame_bytes * 8 / 1e6,
    }


def table(house: House) -> str:
    """The plan in words and figures, then the queue through the day."""
    found, day = plan(house), play(house, least_hands(house))
    at = int(found.pop("minute of the longest wait"))
    lines = [f"{house.documents:,.0f} documents a day, {house.pages:g} pages each, {max(house.shares):.1%} in the"]
    lines[0] += f" busiest hour; cores {house.busy:.0%} busy, nobody waits longer than {house.wait:g} s"
    lines += ["", *(f"{name:36} {_said(value):>16}" for name, value in found.items())]
    if day.longest_wait:
        lines.append(f"{'  it begins to be so long at':36} {at // 60:13}:{at % 60:02}")
    lines += ["", "hour         arrive       queue at its end"]
    for hour, (share, queue) in enumerate(zip(house.shares, day.queue_by_hour, strict=True)):
        lines.append(f"{hour:2}-{hour + 1:<2} {house.documents * share:14,.0f} {queue:22,.0f}")
    return "\n".join(lines)


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"


def shares_of(shape: Sequence[float], peak_share: float | None) -> list[float]:
    """The day's shares by hour; with `peak_share` the busiest hour gets that much and the rest share the rest."""
    shares = [weight / sum(shape) for weight in shape]
    if peak_share is None:
        return shares
    busiest = shares.index(max(shares))
    rest = (1 - peak_share) / (1 - shares[busiest])
    return [peak_share if hour == busiest else share * rest for hour, share in enumerate(shares)]


def house_of(measured: dict[str, Any], asked: argparse.Namespace) -> House:
    """Measured figures and what is asked for. More pages cost more: extraction and search are by page."""
    of = {name: value[0] for name, value in measured.items() if isinstance(value, list)}
    by_page = asked.pages / of["pages_of_measurement"] if asked.pages else 1.0
    cpu_ms = {kind: ms for kind, (ms, _) in measured["cpu_ms"].items()}
    cpu_ms["extraction"] *= by_page
    cpu_ms["postgresql"] *= 0.4 + 0.6 * by_page  # six tenths of it is writing and indexing pages
    size = {name: value for name, (value, _) in measured["bytes"].items()}
    return House(
        documents=asked.documents,
        shares=shares_of(of["shape"], asked.peak_share),
        pages=asked.pages or of["pages"],
        cpu_ms=cpu_ms,
        statement_ms={kind: ms for kind, (ms, _) in measured["statement_ms"].items()},
        original_bytes=size["original"],
        document_bytes=size["document"],
        page_bytes=size["page"],
        job_bytes=size["job"],
        event_bytes=size["event"],
        wal_bytes=size["wal"] * (0.2 + 0.8 * by_page),
        events=of["events"],
        frame_bytes=of["frame_bytes"],
        busy=asked.busy,
        wait=asked.wait,
        sockets=asked.sockets,
        departments=asked.departments,
        stack=asked.stack,
        seed=asked.seed,
    )


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("--documents", type=float, default=1_000_000, help="a day (1000000)")
    made.add_argument("--pages", type=float, help="of a document (as measured)")
    made.add_argument("--peak-share", type=float, help="of the day's documents in the busiest hour (as in the shape)")
    made.add_argument("--wait", type=float, default=30.0, help="seconds that a document may wait (30)")
    made.add_argument("--busy", type=float, default=0.7, help="how busy cores may be in the busiest hour (0.7)")
    made.add_argument("--sockets", type=int, default=2000, help="open pages (2000)")
    made.add_argument("--departments", type=int, default=15, help="an event goes to one department's pages (15)")
    made.add_argument("--stack", type=int, default=200, help="documents that a clerk sends in a row (200; 0: evenly)")
    made.add_argument("--seed", type=int, default=1, help="another one: another day (1)")
    made.add_argument("--measured", type=Path, default=HERE / "measured.json", help="the measured figures")
    made.add_argument("--write", action="store_true", help="put the table into README.md")
    return made


def readme_with(told: str, text: str) -> str:
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n```\n{told}\n```\n\n{END}{rest.partition(END)[2]}"


def main() -> None:
    asked = parser().parse_args()
    told = table(house_of(json.loads(asked.measured.read_text()), asked))
    print(told)
    if asked.write:
        place = HERE / "README.md"
        place.write_text(readme_with(told, place.read_text()))


if __name__ == "__main__":
    main()
