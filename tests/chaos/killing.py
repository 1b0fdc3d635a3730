"""Kills what a gateway consists of, one part after the other, at moments that a seed decides."""

import contextlib
import os
import random
import signal
import time
from dataclasses import dataclass, field

from bench import processes
from bench.instance import Instance
from bench.processes import Process
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
    deep: bool = False
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
        """Kill -9 one process of the victim's, and wait until the gateway is whole again (started anew if need be)."""
        whole = self._leaders(victim)
        process = self._one_of(victim, whole)
        receipts, began = len(self.clients.receipts), time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        if victim == "supervisor":
            self._start_again()
        else:
            self._wait_for(victim, process, len(whole))
        self.kills.append(Kill(victim, process.pid, process.command, receipts, time.monotonic() - began))

    def _leaders(self, victim: str) -> list[Process]:
        """The processes of that role which the supervisor watches; for "supervisor" itself."""
        if victim == "supervisor":
            return self.gateway.note_processes()[:1]
        return [process for process in self.gateway.of_role(victim) if process.parent == self.gateway.pid]

    def _one_of(self, victim: str, leaders: list[Process]) -> Process:
        """The process to die: for `deep`, any of the family (a backend, a parser), else one of the leaders.

        Of the workers one that is at work just now, if there is one within half a second.
        """
        if victim == "supervisor":
            return leaders[0]
        if victim == "worker" and not self.deep and (busy := self._at_work(leaders)):
            return self.dice.choice(busy)
        return self.dice.choice(self.gateway.of_role(victim) if self.deep else leaders)

    def _at_work(self, leaders: list[Process]) -> list[Process]:
        until = time.monotonic() + 0.5
        with self.gateway.database() as database:
            while time.monotonic() < until:
                rows = database.execute("SELECT worker FROM jobs_job WHERE state = 'running'").fetchall()
                named = {part for (worker,) in rows for part in worker.split(":")}
                if busy := [process for process in leaders if str(process.pid) in named]:
                    return busy
        return []

    def _start_again(self) -> None:
        """As a host does, or a person: nothing of the old one may run on, and the new one finds all data."""
        self.gateway.supervisor.wait(10)
        left = self.gateway.left_running(within=10)
        assert not left, f"outlived the supervisor: {[(p.pid, p.command[:80]) for p in left]}"
        self.gateway.start(within=WHOLE)

    def _wait_for(self, victim: str, killed: Process, leaders: int) -> None:
        """Until the killed one is gone, as many leaders run as before, and the gateway answers."""
        until = time.monotonic() + WHOLE
        while time.monotonic() < until:
            gone = not processes.still_there([killed])
            if gone and len(self._leaders(victim)) >= leaders and self.gateway.is_ready():
                return
            time.sleep(0.05)
        raise AssertionError(f"{victim} did not come back within {WHOLE:.0f} s.\n{self.gateway.said()}")
