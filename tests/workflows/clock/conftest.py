"""Runs with timers, and handlers that note what rang."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.workflows.running.conftest import _no_bodies_from_before, publish  # noqa: F401 (fixtures)
from tests.workflows.work.conftest import paper_with, run_on  # noqa: F401 (fixtures)
from workflows import timers
from workflows.models import Instance, Timer

NOON = datetime(2026, 11, 5, 6, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def handlers(monkeypatch) -> dict:
    """The handlers of these tests alone; those of the house come back afterwards."""
    monkeypatch.setattr(timers, "_handlers", dict(timers._handlers))
    return timers._handlers


@pytest.fixture
def rung() -> list[str]:
    """The names of the timers of kind `test` that rang, in order."""
    found: list[str] = []
    timers.on("test", lambda timer: found.append(timer.name))
    return found


@pytest.fixture
def due() -> Callable[..., Timer]:
    """`due(instance, "a", minutes=-5)`: a timer of kind `test`, so long from NOON."""

    def make(instance: Instance | None, name: str, *, minutes: float = -1, kind: str = "test", **more) -> Timer:
        more.setdefault("token", 1)
        return timers.set(instance=instance, kind=kind, name=name, due_at=NOON + timedelta(minutes=minutes), **more)

    return make


@pytest.fixture
def now() -> datetime:
    return timezone.now()
