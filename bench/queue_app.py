"""A Celery application with the benchmark's kinds of work: what the worker processes of `bin/bench queue` run."""

import os
import time
from typing import TYPE_CHECKING, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")

from celery import signals

from jobs import children, kinds
from jobs.kinds import Kind
from kmrl.celery import app

if TYPE_CHECKING:
    from jobs.run import Run

__all__ = ["app"]

SINGLE, BATCHED, CPU, SLEEP = "bench.single", "bench.batched", "bench.cpu", "bench.sleep"
BATCH = 16
CPU_SECONDS, SLEEP_SECONDS = 0.010, 0.2


def _nothing(run: "Run") -> None:
    """A trivial job."""


def _spin_in_a_child(run: "Run") -> None:
    """As a parser works: in a child process, so that hands do not wait for each other's Python."""
    run.child().call("bench.queue_child:spin", CPU_SECONDS, timeout=10)


def _sleep(run: "Run") -> None:
    time.sleep(SLEEP_SECONDS)


def register() -> None:
    """Make the benchmark's kinds known to this process."""
    if "bench" not in children.ALLOWED:
        children.ALLOWED.append("bench")
    if not kinds.is_registered(SINGLE):
        kinds.register(Kind(SINGLE, perform=_nothing))
        kinds.register(Kind(BATCHED, perform=_nothing, batch=BATCH, short=lambda job: True))
        kinds.register(Kind(CPU, perform=_spin_in_a_child, child_modules=("bench.queue_child",)))
        kinds.register(Kind(SLEEP, perform=_sleep))


@signals.celeryd_after_setup.connect(weak=False)
def _register(**_: Any) -> None:
    register()
