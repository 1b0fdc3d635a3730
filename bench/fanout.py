"""`bin/bench fanout`: events to many sockets, beside Socket.IO, plain `ws` and Channels' own group_send.

Every side is one server that hears of an event from another process: ours through PostgreSQL and Redis, the moment
taken before the commit; the others through Redis, the moment taken before they publish. One client measures them all.
Each measurement has a minute: a side that needs longer "did not end", and is started anew for the next.
"""

import argparse
import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import plain, processes, queue_peers, replaced
from bench.fanout_sides import DidNotEnd, Other, Ours, Side
from bench.instance import PROJECT
from bench.measures import Figures
from bench.table import NOT_ENDED, Row, drawn, keep

SOCKETS = (1, 100, 1_000, 5_000)
PACED = {1: (30, 0.1), 100: (30, 0.1), 1_000: (12, 0.5), 5_000: (6, 1.5)}  # events, seconds between them
BURST, CROWD = 300, 1_000
DEAF = 20
BURST_FIGURES = ("burst per s", "burst delivered", "burst lost", "burst s", "burst CPU us", "load CPU s")
OTHERS = {"Socket.IO": "sio", "ws": "ws", "Channels": "channels"}
AIMS = {(1_000, "p99"): "< 50"}
ROWS = [
    *(
        Row(f"{n} {p} ms", f"{n:,} socket{'s' * (n > 1)}, to the client, {p}, ms", 1, AIMS.get((n, p), ""))
        for n in SOCKETS
        for p in ("p50", "p95", "p99")
    ),
    *(Row(f"{n} lost", f"  lost on the way to {n:,}", 0, "0") for n in SOCKETS),
    Row("paced CPU us", f"  CPU of the server per delivery to {CROWD:,}, us", 1),
    Row("burst per s", f"burst of {BURST} events to {CROWD:,} sockets, deliveries/s", 0, ">= 100,000"),
    Row("burst delivered", "  delivered", 0),
    Row("burst lost", "  lost", 0, "0"),
    Row("burst s", "  from the first event told to the last received, s", 2),
    Row("burst CPU us", "  CPU of the server per delivery, us", 2),
    Row("deaf p99 ms", f"{CROWD:,} sockets beside {DEAF} that never read, p99, ms", 1, "as without"),
    Row("deaf lost", "  lost", 0, "0"),
    Row("bytes", "bytes on the wire per event and socket", 0),
    Row("KiB a socket", f"memory a socket ({CROWD:,} open), KiB", 1, "<= Channels"),
    Row("load CPU s", "  CPU of the measuring client in the burst, s", 2),
]


def main(arguments: list[str]) -> None:
    """Measure every side in turn, and draw the table."""
    asked = _asked(arguments)
    data: Path = asked.data / "bench"
    data.mkdir(parents=True, exist_ok=True)
    began = time.strftime("%Y-%m-%dT%H-%M-%S")
    columns = {side.name: [figures] for side, figures in measured(asked, data)}
    told = {name: str(value) for name, value in {"when": began, "cores": plain.CORES, **vars(asked)}.items()}
    keep(data / f"fanout-{began}.json", {**told, "load": os.getloadavg()[0]}, columns)
    print(f"\n{plain.CORES} cores, load {os.getloadavg()[0]:.2f}\n")
    print(drawn(columns, ROWS))
    print(f"\nKept in {data / f'fanout-{began}.json'}")


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench fanout", description=__doc__)
    given = os.environ.get("PEERS_SOURCE")
    parser.add_argument("--peers", type=Path, default=Path(given) if given else None, help="where the others are")
    parser.add_argument("--sockets", type=int, choices=SOCKETS, action="append", help="how many (all of them)")
    parser.add_argument("--web", type=int, action="append", help="our web processes (1, and 2 in a column of its own)")
    parser.add_argument("--only", choices=["ours", *OTHERS], action="append", help="sides to measure (all)")
    home = Path(os.environ.get("KMRL_DATA") or PROJECT / "var").absolute()
    parser.add_argument("--data", type=Path, default=home, help="where results are kept (KMRL_DATA)")
    asked = parser.parse_args(arguments)
    asked.sockets = asked.sockets or list(SOCKETS)
    asked.web = asked.web or [1, 2]
    return asked


def measured(asked: argparse.Namespace, data: Path) -> list[tuple[Ours | Other, Figures]]:
    """Each side and its figures."""
    place = replaced.lay_out(asked.peers.resolve(), data / "peers") if asked.peers else None
    makers: list[Callable[[], Ours | Other]] = []
    if not asked.only or "ours" in asked.only:
        makers += [lambda web=web: Ours(web) for web in asked.web]
    for name, kind in OTHERS.items():
        if place is not None and (not asked.only or name in asked.only):
            makers.append(lambda name=name, kind=kind: Other(place, name, kind))
    found = []
    try:
        for make in makers:
            side = make()
            print(f"{side.name} …", flush=True)
            found.append((side, _measure(side, asked.sockets)))
            print(f"  {json.dumps({name: round(value, 2) for name, value in found[-1][1].items()})}", flush=True)
    finally:
        if place is not None:
            queue_peers.stop(place)
    return found


def _measure(side: Ours | Other, sizes: list[int]) -> Figures:
    figures: Figures = {}
    try:
        _begin(side)
        for sockets in sizes:
            found = _paced(side, sockets)
            figures |= found
            if NOT_ENDED in found.values() and sockets != sizes[-1]:
                side.stop()  # what it still has to send would be measured with the next
                _begin(side)
        if CROWD in sizes and isinstance(side, Ours):
            figures |= _beside_the_deaf(side)
    finally:
        side.stop()
    return figures


def _begin(side: Ours | Other) -> None:
    side.start()
    _wait_for_door(side)
    with Side(side, 1) as warm:
        warm.round(20, 0.02)


def _paced(side: Ours | Other, sockets: int) -> Figures:
    """One event after the other, and to a crowd the burst. What does not end in time is said so."""
    names = [f"{sockets} {figure}" for figure in ("p50 ms", "p95 ms", "p99 ms", "lost")]
    figures: Figures = dict.fromkeys([*names, *(BURST_FIGURES if sockets == CROWD else ())], NOT_ENDED)
    before = _resident(side)
    with contextlib.suppress(DidNotEnd), Side(side, sockets) as open_side:
        taken = _resident(side) - before
        count, between = PACED[sockets]
        spent = processes.cpu(side.servers())
        found = open_side.round(count, between)
        spent = processes.cpu(side.servers()) - spent
        figures |= {f"{sockets} {p} ms": found[p] for p in ("p50", "p95", "p99")}
        figures |= {f"{sockets} lost": found["lost"], "bytes": found["bytes"]}
        if sockets == CROWD:
            figures["paced CPU us"] = spent * 1e6 / max(1, found["received"])
            figures["KiB a socket"] = taken / 1024 / sockets
            figures |= _burst(side, open_side)
    return figures


def _burst(side: Ours | Other, open_side: Side) -> Figures:
    spent = processes.cpu(side.servers())
    try:
        found = open_side.round(BURST, 0, idle=8)
    except DidNotEnd as ended:
        return {"burst delivered": ended.received}
    return {
        "burst per s": found["per second"],
        "burst delivered": found["received"],
        "burst lost": found["lost"],
        "burst s": found["seconds"],
        "burst CPU us": (processes.cpu(side.servers()) - spent) * 1e6 / max(1, found["received"]),
        "load CPU s": found["cpu"],
    }


def _beside_the_deaf(side: Ours) -> Figures:
    """The sockets of the deaf are full before the others are told anything."""
    with Side(side, CROWD, deaf=DEAF) as open_side:
        side.tell_second(40, 200_000)
        found = open_side.round(*PACED[CROWD])
    return {"deaf p99 ms": found["p99"], "deaf lost": found["lost"]}


def _resident(side: Ours | Other) -> int:
    """Bytes of memory that the server's processes hold."""
    page = os.sysconf("SC_PAGE_SIZE")
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page for pid in side.servers())


def _wait_for_door(side: Ours | Other) -> None:
    """Until it takes connections."""
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", side.port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1:])
