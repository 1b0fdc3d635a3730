"""`bin/bench`: measure the gateway beside the design that it replaces, and print one table.

`bin/bench queue`, `bin/bench fanout` and `bin/bench workflows` measure these parts; each has a `--help` of its own.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import crowd, measures, papers, plain, processes, replaced, table
from bench.gateway import Gateway
from bench.instance import PROJECT
from bench.measures import Figures
from bench.sides import Corpus, Side

SOCKETS = (1, 100)
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
    """All rounds of all sides, the sides in turn, so that a slow minute of the machine touches all of them."""
    makers: list[Callable[[], Side]] = [lambda: Gateway(scratch)]
    if peers is not None:
        makers += [lambda: replaced.Replaced(peers, "async"), lambda: replaced.Replaced(peers, "threadpool")]
    columns: dict[str, list[Figures]] = {}
    for number in range(asked.rounds):
        for make in makers:
            side = make()
            print(f"round {number + 1} of {asked.rounds}: {side.name}", flush=True)
            columns.setdefault(side.name, []).append(_measure(side, corpus, asked, scratch))
    return columns


def _measure(side: Side, corpus: Corpus, asked: argparse.Namespace, scratch: Path) -> Figures:
    able = statistics.median(plain.documents_per_second(corpus.files * 3) for _ in range(3))

    def wanted(name: str) -> bool:
        return not asked.only or name in asked.only

    figures: Figures = {"plain per s": able}
    try:
        side.start()
        if isinstance(side, Gateway):
            figures["start s"] = side.started_in
        measures.warm_up(side, corpus)
        others = _Others(side)
        if wanted("through"):
            figures |= table.medians(measures.through(side, corpus) for _ in range(2))
            figures["share of plain %"] = figures["documents per s"] / able * 100
        if wanted("idle"):
            figures |= measures.one_idle(side, corpus, 20)
        if wanted("events"):
            for sockets in SOCKETS:
                figures |= measures.telling(side, sockets, asked.events)
        if wanted("ingest") and isinstance(side, Gateway):
            figures |= measures.ingest(side, corpus, asked.ingest, scratch)
            for until in ("readable", "indexed"):
                figures[f"ingest {until} share %"] = figures[f"ingest {until} per s"] / able * 100
        if wanted("upload"):  # last: the replaced design may hang
            figures |= measures.uploads(side, corpus)
        figures["foreign %"] = others.share()
    finally:
        side.stop()
    return figures


class _Others:
    """What the rest of the machine does while a side is measured: noise."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._began, self._before = time.monotonic(), self._foreign()

    def share(self) -> float:
        """Percent of one core."""
        return max(0.0, (self._foreign() - self._before) / (time.monotonic() - self._began) * 100)

    def _foreign(self) -> float:
        ours = {
            process.pid: process.cpu for root in [os.getpid(), *self._side.roots()] for process in processes.tree(root)
        }
        return processes.busy() - sum(ours.values())


if __name__ == "__main__":
    main()
