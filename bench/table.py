"""Puts the figures of all rounds side by side: medians, and what was aimed at."""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measures import UPLOADS, Figures

NOT_ENDED = float("inf")  # the figure of what was given up


@dataclass(frozen=True)
class Row:
    """`aim` is a sentence for people."""

    figure: str
    label: str
    digits: int = 1
    aim: str = ""


ROWS = [
    *(
        Row(f"upload {n} {p} ms", f"upload {p}, {n} client{'s' * (n > 1)}, ms", 1, "no worse" if p == "p95" else "")
        for n in UPLOADS
        for p in ("p50", "p95")
    ),
    Row("upload 4 p95 ms, processing", "upload p95, 4 clients, while processing, ms"),
    Row("documents per s", "documents/s, upload to processed", 1, "1.0 x, then 1.3 x"),
    Row("share of plain %", "  the same as a share of plain extraction, %", 0),
    Row("one idle ms", "one idle document, upload to processed, ms", 1, "< 60"),
    Row("event 1 p50 ms", "event, commit to client, 1 socket, p50, ms"),
    Row("event 1 p99 ms", "event, commit to client, 1 socket, p99, ms"),
    Row("event 100 p50 ms", "event, commit to client, 100 sockets, p50, ms"),
    Row("event 100 p99 ms", "event, commit to client, 100 sockets, p99, ms"),
    Row("event 100 lost", "events lost on the way to 100 sockets", 0, "0"),
    Row("ingest readable per s", "manage.py ingest, documents/s until readable"),
    Row("ingest readable share %", "  the same as a share of plain extraction, %", 0, ">= 70"),
    Row("ingest indexed per s", "manage.py ingest, documents/s until indexed"),
    Row("ingest indexed share %", "  the same as a share of plain extraction, %", 0, ">= 35"),
    Row("cpu ms per document", "CPU per document, database and broker included, ms"),
    Row("memory MB", "memory of all processes (shared pages once), MB", 0),
    Row("largest process MB", "largest process, MB", 0, "< 500"),
    Row("plain per s", "plain PyMuPDF on all cores, documents/s"),
    Row("foreign %", "CPU that others used meanwhile, % of one core", 0, "< 10"),
    Row("start s", "from start to ready, s", 1, "< 5"),
]


def medians(rounds: Iterable[Figures]) -> Figures:
    """The median of each figure over the rounds that have it."""
    rounds = list(rounds)
    names = dict.fromkeys(name for figures in rounds for name in figures)
    return {name: statistics.median(figures[name] for figures in rounds if name in figures) for name in names}


def drawn(columns: dict[str, list[Figures]], rows: Sequence[Row] = ROWS) -> str:
    """The table as text: a row a figure, a column a side, our first column against the others."""
    joined = {side: medians(rounds) for side, rounds in columns.items()}
    width = max(len(row.label) for row in rows)
    head = f"{'':{width}}" + "".join(f"  {side:>20}" for side in joined) + "   aim"
    lines = [head, "-" * len(head)]
    for row in rows:
        cells = "".join(f"  {_cell(figures, row):>20}" for figures in joined.values())
        if cells.strip(" ·"):
            lines.append(f"{row.label:{width}}{cells}   {row.aim}".rstrip())
    return "\n".join(lines)


def keep(place: Path, told: dict[str, object], columns: dict[str, list[Figures]]) -> None:
    """Write everything measured, each round apart, as JSON."""
    place.parent.mkdir(parents=True, exist_ok=True)
    medium = {side: medians(rounds) for side, rounds in columns.items()}
    place.write_text(json.dumps({**told, "medians": medium, "rounds": columns}, indent=1) + "\n")


def _cell(figures: Figures, row: Row) -> str:
    value = figures.get(row.figure)
    if value is None:
        return "·"
    return "did not end" if value == NOT_ENDED else f"{value:,.{row.digits}f}"
