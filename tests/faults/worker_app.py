"""A Celery application with a kind that kills its worker: what the worker processes of these tests run."""

import os
import signal
import sys

from celery import signals

from jobs import kinds
from jobs.kinds import Kind
from kmrl.celery import app

__all__ = ["app", "register"]

MOST = 2


def fall(run) -> None:
    if not run.payload["poison"]:
        return
    print(f"page 17 of {run.job.pk} looks odd", file=sys.__stderr__, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def register() -> None:
    kinds.register(
        Kind("faults.poison", fall, settle=lambda done: None, max_attempts=MOST, batch=8, short=lambda job: True)
    )


@signals.celeryd_after_setup.connect(weak=False)
def _register(**_) -> None:
    register()
