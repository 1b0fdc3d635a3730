"""A Celery application with the benchmark's action: what the worker processes of `bin/bench workflows` run."""

import os
from typing import TYPE_CHECKING, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")

from celery import signals

from kmrl.celery import app

if TYPE_CHECKING:
    from workflows.actions import Given

__all__ = ["app"]

CALL = "bench.count"


def _count(given: "Given") -> dict[str, Any]:
    """A trivial action."""
    return {"n": given.params["n"] + 1}


def register() -> None:
    """Make the benchmark's action known to this process."""
    from workflows import actions  # noqa: PLC0415 (only after setup)

    if CALL in actions.names():
        return
    n = actions.Param(name="n", title="Number", type="integer", default=0)
    actions.register(
        actions.Action(
            name=CALL, title="Count", about="Adds one.", perform=_count, params=(n,), result={"n": "one more"}
        )
    )


@signals.celeryd_after_setup.connect(weak=False)
def _register(**_: Any) -> None:
    register()
