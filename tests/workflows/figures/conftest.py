"""Runs and passages with times that are known, written straight into the tables that figures are made of."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Department
from tests.workflows.running.conftest import _no_bodies_from_before, paper, publish
from workflows.models import Definition, Incident, Instance, StepRun

__all__ = ["_no_bodies_from_before", "paper", "publish"]

HOUR = timedelta(hours=1)
STEPS = """
- id: read
  kind: service
  call: term.find
- id: review
  kind: human
  title: Review
  candidates: [{department: operations, role: reviewer}]
- id: pause
  kind: timer
  wait: 1 hours
"""


@pytest.fixture
def now() -> datetime:
    return timezone.now().astimezone(UTC)


@pytest.fixture
def definition(publish) -> Definition:
    return publish("letter", STEPS)


@pytest.fixture
def run(operations: Department, now: datetime) -> Callable[..., Instance]:
    """`run(definition, began=hours ago, took=hours)`: a run, ended when it says what it took."""

    def make(definition: Definition, began: float, took: float | None = None, **more: Any) -> Instance:
        status = more.pop("status", "running" if took is None else "finished")
        given = {"department": operations, "outcome": "done" if status == "finished" else "", **more}
        at = now - began * HOUR
        instance = Instance(
            definition=definition,
            version=definition.published,
            started_at=at,
            finished_at=None if took is None else at + took * HOUR,
            **given,
        )
        instance.__dict__["status"] = status
        instance.save()
        return instance

    return make


def passage(
    instance: Instance, step: str, began: float, waited: float | None, worked: float = 0.0, **more: Any
) -> StepRun:
    """One that was entered `began` hours after the run began; open when it `waited` for None."""
    at = instance.started_at + began * HOUR
    begun = None if waited is None else at + waited * HOUR
    number = StepRun.objects.filter(instance=instance).count() + 1
    kind = {"read": "service", "review": "human", "pause": "timer"}[step]
    return StepRun.objects.create(
        instance=instance,
        version=instance.version,
        step=step,
        kind=kind,
        token=number,
        entered_at=at,
        begun_at=begun,
        left_at=None if begun is None else begun + worked * HOUR,
        **more,
    )


def incident(instance: Instance, **more: Any) -> Incident:
    at = instance.started_at
    return Incident.objects.create(instance=instance, token=1, step="read", code="x", detail="X.", opened_at=at, **more)
