"""The promise under kill -9: what got a receipt is processed once, whoever dies meanwhile.

A private gateway of its own is started the way `bin/up` starts one. Only processes that it started are killed.
"""

import json
import random
from collections.abc import Iterator

import pytest

from bench import papers
from bench.instance import Instance
from tests.chaos import audit
from tests.chaos.clients import Clients, Receipt
from tests.chaos.killing import Kill, Killer
from tests.chaos.listener import Listener

SEED = 20260
PAPERS, CLIENTS = 200, 6
ROUNDS, MANY_ROUNDS = 2, 12
SETTLED = 120.0  # seconds: a lease of 30 and its work, with room for a busy machine

pytestmark = pytest.mark.chaos


@pytest.fixture
def gateway(tmp_path_factory) -> Iterator[Instance]:
    instance = Instance(tmp_path_factory.mktemp("gateway"))
    instance.start()
    yield instance
    instance.kill_left()


@pytest.mark.timeout(120 + 180 * MANY_ROUNDS)
@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(MANY_ROUNDS, marks=pytest.mark.long)])
def test_every_receipt_is_processed_once_whatever_is_killed(gateway, rounds, capsys):
    who = json.loads(gateway.run("-m", "bench.clerk"))
    listener = Listener(gateway.port, who["key"])
    listener.start()
    receipts: list[Receipt] = []
    for number in range(rounds):
        kills, clients = one_round(gateway, who, number)
        receipts += clients.receipts
        with gateway.database() as database:
            settled = audit.wait_until_settled(database, within=SETTLED)
            wrong = audit.wrong_with(database, gateway.data / "originals", receipts, listener.caught_up(database))
            again = audit.run_again(database)
        with capsys.disabled():
            print(report(number, kills, clients, settled, listener, wrong))
            print(f"  jobs that were begun again, all rounds: {again}")
        assert clients.refused == []
        assert len(clients.receipts) == PAPERS
        assert settled >= 0, f"still in work after {SETTLED:.0f} s"
        assert wrong == []
    listener.stop()
    gateway.stop()
    assert gateway.left_running(within=0) == []


def one_round(gateway: Instance, who: dict[str, str], number: int) -> tuple[list[Kill], Clients]:
    seed = SEED + number
    sent = papers.many(PAPERS, seed=seed)
    clients = Clients(gateway.port, who["key"], who["department"], sent, CLIENTS, random.Random(seed))
    killer = Killer(gateway, clients, PAPERS, random.Random(seed + 500), deep=number % 2 == 1)
    clients.start()
    killer.run()
    clients.wait()
    return killer.kills, clients


def report(number, kills, clients, settled, listener, wrong) -> str:
    lines = [f"\nRound {number + 1}: {len(clients.receipts)} receipts for {PAPERS} papers"]
    lines += [
        f"  after {kill.receipts:3} receipts kill -9 {kill.victim:10} ({kill.pid} {kill.command[:50]}), "
        f"whole again after {kill.back_after:.1f} s"
        for kill in kills
    ]
    again = sum(1 for receipt in clients.receipts if receipt.attempts > 1)
    lines.append(f"  sent more than once: {again}; troubles met: {dict(clients.troubles)}")
    lines.append(f"  settled {settled:.1f} s after the last receipt; the socket connected {listener.connections} times")
    lines.append("  nothing lost, nothing twice" if not wrong else "  WRONG:\n    " + "\n    ".join(wrong[:20]))
    return "\n".join(lines)
