"""`bin/bench`: measure the gateway beside the design that it replaces, and print one table.

`bin/bench queue`, `bin/bench fanout` and `bin/bench workflows` measure these parts; each has a `--help` of its own.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench import crowd, measures, papers, plain, processes, replaced, table
from bench.gateway import Gateway
from bench.instance import PROJECT
from bench.measures import Figures
from bench.sides import Corpus, Side
from bench.turns import Turns, standing_still

MODES = ("async", "threadpool")
SOCKETS = (1, 100)
SHARES = {
    "documents per s": "share of plain %",
    "ingest readable per s": "ingest readable share %",
    "ingest indexed per s": "ingest indexed share %",
}
"""Figures with the names of their shares of plain extraction."""
WITHOUT = (
    "Without the replaced design: only our own column. Give the folder that holds it by --peers FOLDER or "
    "PEERS_SOURCE=FOLDER (its setup.sh installs it)."
)


def main() -> None:
    asked = _asked()
    if asked.crowd:
        raise SystemExit(crowd.main(asked))
    data = Path(os.environ.get("KMRL_DATA") or PROJECT / "var").absolute() / "bench"
    data.mkdir(parents=True, exist_ok=True)
    began, load = time.strftime("%Y-%m-%dT%H-%M-%S"), os.getloadavg()[0]
    peers = replaced.lay_out(asked.peers.resolve(), data / "peers") if asked.peers else None
    if peers is None:
        print(WITHOUT)
    with tempfile.TemporaryDirectory(prefix="kmrl-bench-") as scratch:
        corpus = _corpus(peers, Path(scratch), asked.papers)
        columns = _rounds(asked, peers, corpus, Path(scratch))
    told: dict[str, object] = {
        "when": began,
        "cores": plain.CORES,
        "python": platform.python_version(),
        "load before and after": [load, os.getloadavg()[0]],
        "papers": len(corpus.files),
        "rounds asked": asked.rounds,
    }
    table.keep(data / f"{began}.json", told, columns)
    print(
        f"\n{len(corpus.files)} PDFs, medians of {asked.rounds} round(s), {plain.CORES} cores, load before {load:.2f}"
    )
    print("The gateway is used by a clerk of three departments; it checks, hashes, indexes and records.\n")
    print(table.drawn(columns))
    print(f"\nEvery round: {data / began}.json")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    given = os.environ.get("PEERS_SOURCE")
    parser.add_argument("--peers", type=Path, default=Path(given) if given else None, help="the replaced design")
    parser.add_argument("--rounds", type=int, help="how often everything is measured (3)")
    parser.add_argument("--papers", type=int, help="how many PDFs (200)")
    parser.add_argument("--ingest", type=int, help="how many times the PDFs lie in the folder that is ingested (10)")
    parser.add_argument("--quick", action="store_true", help="one round, 40 PDFs, the folder twice")
    parser.add_argument("--only", choices=["upload", "through", "idle", "events", "ingest"], action="append")
    crowd.add_to(parser)
    asked = parser.parse_args()
    quick = asked.quick
    asked.rounds = asked.rounds or (1 if quick else 3)
    asked.papers = asked.papers or (40 if quick else 200)
    asked.ingest = asked.ingest or (2 if quick else 10)
    asked.events = 20 if quick else 50
    return asked


def _corpus(peers: Path | None, scratch: Path, count: int) -> Corpus:
    """The other design's corpus where there is one, else papers of our own of like size."""
    found = sorted((peers / "corpus").glob("*.pdf"))[:count] if peers else []
    if found:
        return Corpus(found)
    made = [papers.make(n, seed=1, pages=2 + n % 9, lines=55) for n in range(count)]
    folder = papers.folder_of(scratch / "corpus", {f"{paper.phrase[-6:]}.pdf": paper.content for paper in made})
    return Corpus(sorted(folder.glob("*.pdf")))


def _rounds(asked: argparse.Namespace, peers: Path | None, corpus: Corpus, scratch: Path) -> dict[str, list[Figures]]:
    """All rounds: our side beside each way of running the other, in turn, and then alone."""
    columns: dict[str, list[Figures]] = {}
    for number in range(asked.rounds):
        ours = Gateway(scratch)
        try:
            ours.start()
            measures.warm_up(ours, corpus)
            for mode in MODES if peers is not None else (None,):
                print(f"round {number + 1} of {asked.rounds}: {ours.name}{f' and {mode}' if mode else ''}", flush=True)
                other = replaced.Replaced(peers, mode) if peers is not None and mode else None
                for name, figures in _beside(ours, other, corpus, asked).items():
                    columns.setdefault(name, []).append(figures)
            if _wanted(asked, "ingest"):
                columns[ours.name].append(_ingested(ours, corpus, asked.ingest, scratch))
            columns[ours.name].append({"start s": ours.started_in})
        finally:
            ours.stop()
    return columns


def _beside(ours: Gateway, other: Side | None, corpus: Corpus, asked: argparse.Namespace) -> dict[str, Figures]:
    """What each of them takes, by name; both have the same minutes."""
    try:
        if other is not None:
            with standing_still([ours]):
                other.start()
                measures.warm_up(other, corpus)
        return _compared([ours, other] if other is not None else [ours], corpus, asked)
    finally:
        if other is not None:
            other.stop()


def _compared(sides: Sequence[Side], corpus: Corpus, asked: argparse.Namespace) -> dict[str, Figures]:
    turns, others = Turns(sides), _Others(sides)
    taken: dict[str, list[Figures]] = {side.name: [] for side in sides}
    for side in turns.taken():
        side.let_work()
    if _wanted(asked, "through"):
        able = [_able(corpus, sides)]
        for side in turns.taken(3):
            taken[side.name].append(measures.through(side, corpus))
        able.append(_able(corpus, sides))
        for measured in taken.values():
            measured.append(_shares(table.medians(measured), able))
    if _wanted(asked, "idle"):
        for side in turns.taken():
            taken[side.name].append(measures.one_idle(side, corpus, 20))
    if _wanted(asked, "events"):
        for sockets in SOCKETS:
            for side in turns.taken():
                taken[side.name].append(measures.telling(side, sockets, asked.events))
    if _wanted(asked, "upload"):
        for side in turns.taken():
            side.hold_work()
        for clients, times in measures.UPLOADS.items():  # the most last: the replaced design may hang
            for side in turns.taken(times):
                taken[side.name].append(measures.uploads(side, corpus, clients))
    foreign = others.share()
    return {name: table.medians([*measured, {"foreign %": foreign}]) for name, measured in taken.items()}


def _ingested(ours: Gateway, corpus: Corpus, times: int, scratch: Path) -> Figures:
    ours.let_work()
    able = [_able(corpus, [ours])]
    figures = measures.ingest(ours, corpus, times, scratch)
    return figures | _shares(figures, [*able, _able(corpus, [ours])])


def _wanted(asked: argparse.Namespace, name: str) -> bool:
    return not asked.only or name in asked.only


def _able(corpus: Corpus, sides: Sequence[Side]) -> float:
    """Documents a second of plain extraction, while these stand still."""
    with standing_still(sides):
        return statistics.median(plain.documents_per_second(corpus.files * 3) for _ in range(3))


def _shares(figures: Figures, able: Sequence[float]) -> Figures:
    """What they are of plain extraction, which was measured before and after; and that."""
    mean = statistics.mean(able)
    shares = {share: figures[name] / mean * 100 for name, share in SHARES.items() if name in figures}
    return {**shares, "plain per s": mean}


class _Others:
    """What the rest of the machine does while these sides are measured: noise."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = sides
        self._began, self._before = time.monotonic(), self._foreign()

    def share(self) -> float:
        """Percent of one core."""
        return max(0.0, (self._foreign() - self._before) / (time.monotonic() - self._began) * 100)

    def _foreign(self) -> float:
        roots = [os.getpid(), *(root for side in self._sides for root in side.roots())]
        ours = {process.pid: process.cpu for root in roots for process in processes.tree(root)}
        return processes.busy() - sum(ours.values())


if __name__ == "__main__":
    main()
