"""A Celery application with the tests' kinds: what the worker processes of the tests run."""

import os
import sys

from celery import signals

from jobs import children, kinds
from jobs.kinds import Kind
from kmrl.celery import app

__all__ = ["app"]

F = "tests.work.child_functions:"


def register() -> None:
    children.ALLOWED.append("tests.work.child_functions")
    kinds.register(Kind("worker.quick", perform=lambda run: None, settle=lambda done: None))
    kinds.register(
        Kind("worker.hang", perform=lambda run: run.child().call(F + "hang", timeout=300), settle=lambda done: None)
    )


@signals.celeryd_after_setup.connect(weak=False)
def _register(**_) -> None:
    register()
    if every := os.environ.get("WORKER_APP_POLL_EVERY"):
        sys.modules["jobs.polling"].EVERY = float(every)  # loaded by now, and not before Django was set up
