"""`python -m bench.costs`: the CPU that an upload and an ingested paper cost, by what spends it.

CPU, not seconds: on a machine that others use as well, only that can be compared before and after a change.
"""

import argparse
import tempfile
import uuid
from pathlib import Path

from bench import httpload, measures, papers
from bench.gateway import Gateway
from bench.instance import ROLES
from bench.sides import Corpus


def main() -> None:
    asked = _asked()
    with tempfile.TemporaryDirectory(prefix="kmrl-bench-") as scratch:
        made = [papers.make(n, seed=1, pages=2 + n % 9, lines=55) for n in range(asked.papers)]
        folder = papers.folder_of(Path(scratch) / "corpus", {f"{one.phrase[-6:]}.pdf": one.content for one in made})
        corpus = Corpus(sorted(folder.glob("*.pdf")))
        gateway = Gateway(Path(scratch))
        try:
            gateway.start()
            measures.warm_up(gateway, corpus)
            for clients in asked.clients:
                _uploads(gateway, corpus, clients, asked.times)
            gateway.let_work()
            if asked.ingest:
                _ingest(gateway, corpus, asked.ingest, Path(scratch))
        finally:
            gateway.stop()


def _uploads(gateway: Gateway, corpus: Corpus, clients: int, times: int) -> None:
    gateway.hold_work()
    requests = [one for _ in range(times) for one in gateway.requests(corpus, uuid.uuid4().hex)]
    before = _spent(gateway)
    load = httpload.send(gateway.port, requests, clients=clients)
    print(
        f"upload, {clients} at once: p50 {load.quantile(0.5):.1f} ms, p95 {load.quantile(0.95):.1f} ms, "
        f"{len(requests) / load.seconds:.0f}/s, {dict(load.statuses)}; CPU {_said(before, gateway, len(requests))}",
        flush=True,
    )


def _ingest(gateway: Gateway, corpus: Corpus, times: int, scratch: Path) -> None:
    before = _spent(gateway)
    figures = measures.ingest(gateway, corpus, times, scratch)
    print(
        f"ingest: {figures['ingest readable per s']:.1f} readable/s, {figures['ingest indexed per s']:.1f} indexed/s;"
        f" CPU without the command's {_said(before, gateway, times * len(corpus.files))}",
        flush=True,
    )


def _spent(gateway: Gateway) -> dict[str, float]:
    """Seconds of CPU by role; the workers' children apart."""
    found = {role: sum(one.cpu for one in gateway.instance.of_role(role)) for role in ROLES}
    workers = gateway.instance.of_role("worker")
    found["parsers"] = sum(one.cpu for one in workers if "jobs.child" in one.command)
    found["worker"] -= found["parsers"]
    return found


def _said(before: dict[str, float], gateway: Gateway, number: int) -> str:
    after = _spent(gateway)
    costs = {role: (after[role] - before[role]) * 1000 / number for role in after}
    parts = ", ".join(f"{role} {cost:.2f}" for role, cost in costs.items())
    return f"{sum(costs.values()):.2f} ms each ({parts})"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.costs", description=__doc__)
    parser.add_argument("--papers", type=int, default=200, help="how many PDFs (200)")
    parser.add_argument("--times", type=int, default=2, help="how often each is uploaded, in other bytes (2)")
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 10], help="how many send at once (1 10)")
    parser.add_argument("--ingest", type=int, default=3, help="how many times the PDFs are ingested; 0: not (3)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
