"""Kills what a gateway consists of, one part after the other, at moments that a seed decides."""

import contextlib
import os
import random
import signal
import time
from dataclasses import dataclass, field

from bench.instance import Instance
from tests.chaos.clients import Clients

VICTIMS = ("web", "worker", "Redis", "PostgreSQL", "supervisor")
WHOLE = 60.0  # seconds within which the gateway must be back


@dataclass
class Kill:
    """One kill -9: of what, after how many receipts, and how long until the gateway was ready again."""

    victim: str
    pid: int
    command: str
    receipts: int
    back_after: float


@dataclass
class Killer:
    """Kills every victim once while `clients` send `total` papers."""

    gateway: Instance
    clients: Clients
    total: int
    dice: random.Random
    kills: list[Kill] = field(default_factory=list)

    def run(self) -> None:
        victims = list(VICTIMS)
        self.dice.shuffle(victims)
        share = self.total // len(victims)
        for number, victim in enumerate(victims):
            moment = number * share + self.dice.randrange(share)
            while len(self.clients.receipts) < moment and self.clients.sending:
                time.sleep(0.001)
            time.sleep(self.dice.random() * 0.05)
            self.kill(victim)

    def kill(self, victim: str) -> None:
        """Kill -9 one process of the victim's, and wait until the gateway answers again (started anew if need be)."""
        process = self._one_of(victim)
        receipts, began = len(self.clients.receipts), time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        if victim == "supervisor":
            self._start_again()
        else:
            self._wait_for(victim)
        self.kills.append(Kill(victim, process.pid, process.command, receipts, time.monotonic() - began))

    def _one_of(self, victim: str):
        if victim == "supervisor":
            return self.gateway.note_processes()[0]
        until = time.monotonic() + WHOLE
        while not (found := self.gateway.of_role(victim)):
            assert time.monotonic() < until, f"there is no {victim} process"
            time.sleep(0.05)
        return self.dice.choice(found)

    def _start_again(self) -> None:
        """As a host does, or a person: nothing of the old one may run on, and the new one finds all data."""
        self.gateway.supervisor.wait(10)
        left = self.gateway.left_running(within=10)
        assert not left, f"outlived the supervisor: {[(p.pid, p.command[:80]) for p in left]}"
        self.gateway.start(within=WHOLE)

    def _wait_for(self, victim: str) -> None:
        until = time.monotonic() + WHOLE
        while time.monotonic() < until:
            if self.gateway.of_role(victim) and self.gateway.is_ready():
                return
            time.sleep(0.05)
        raise AssertionError(f"{victim} did not come back within {WHOLE:.0f} s.\n{self.gateway.said()}")
