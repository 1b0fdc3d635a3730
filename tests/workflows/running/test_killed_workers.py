"""A worker is killed amid a run of ten automatic steps, twenty times: each run ends with the same history."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.utils import timezone

from accounts import history
from accounts.models import HistoryEntry
from jobs import leases
from jobs.models import Job, JobState
from tests.work.test_workers import address
from tests.workflows.running.conftest import folded
from workflows import proving, running
from workflows.models import Instance, InstanceStatus, StepRun

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]

ROUNDS = 20
STEPS = 10
TEN = "\n".join(
    f"- {{id: s{n}, kind: service, call: document.correct, with: {{date: '2026-01-{n + 10}'}}}}"
    if n % 2
    else f"- {{id: s{n}, kind: service, call: amount.find, save: found}}"
    for n in range(STEPS)
)
WITHIN = 30.0
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:\+\d\d:\d\d|Z)?")


class Workers:
    """Forks workers and kills them."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.mother = subprocess.Popen(
            [sys.executable, "-m", "tests.workflows.running.mother"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def come(self) -> int:
        assert self.mother.stdin is not None
        assert self.mother.stdout is not None
        self.mother.stdin.write("come\n")
        self.mother.stdin.flush()
        return int(self.mother.stdout.readline())

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)

    def end(self) -> None:
        self.mother.kill()
        self.mother.communicate()


@pytest.fixture
def workers(tmp_path) -> Iterator[Workers]:
    environment = {
        **os.environ,
        "DATABASE_URL": address(),
        "REDIS_URL": configured.REDIS_URL,
        "KMRL_DATA": str(tmp_path),
        "KMRL_SECRET_KEY": "for-this-test",
        "DJANGO_SETTINGS_MODULE": "kmrl.settings",
    }
    found = Workers(environment)
    yield found
    found.end()


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.0005)


def story(run: Instance) -> list[tuple[str, str, str]]:
    entries = history.of("workflow", run.pk).values_list("action", "actor_name", "after")
    return [(action, who, _TIME.sub("…", repr(after))) for action, who, after in entries]


def take_over() -> None:
    """As if the dead worker's lease had run out."""
    Job.objects.filter(state=JobState.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))
    leases.sweep()
    Job.objects.filter(state=JobState.FAILED).update(state=JobState.QUEUED, run_after=None)


def test_a_run_whose_workers_are_killed_ends_as_if_nothing_had_happened(publish, paper, clerk, workers):
    definition = publish("ten", TEN, variables={"found": {"type": "map"}})
    dice, middle = random.Random(20), 0

    def start() -> Instance:
        return running.start(definition=definition, document=paper, by=clerk, reason={"trigger": "api"})

    def ended(run: Instance) -> bool:
        return not Instance.objects.get(pk=run.pk).is_alive

    first = start()
    pid = workers.come()
    wait_until(lambda: ended(first))
    workers.kill(pid)
    expected, corrected = story(first), STEPS // 2
    assert sum(action == "left" for action, _, _ in expected) == STEPS
    for _ in range(ROUNDS):
        run = start()
        entries = HistoryEntry.objects.filter(subject_kind="workflow", subject_id=str(run.pk))
        wanted = dice.randrange(3, len(expected) - 3)
        pid = workers.come()
        wait_until(lambda entries=entries, wanted=wanted: entries.count() >= wanted)
        time.sleep(dice.random() * 0.01)
        workers.kill(pid)
        middle += not ended(run)
        take_over()
        pid = workers.come()
        wait_until(lambda run=run: ended(run) or _freed())
        workers.kill(pid)
        run.refresh_from_db()
        assert (run.status, run.outcome) == (InstanceStatus.FINISHED, "done")
        assert story(run) == expected
        assert folded(run) == run.state
        assert proving.first_break(run) is None
        assert StepRun.objects.filter(instance=run).count() == STEPS
        corrected += STEPS // 2  # what the actions themselves write is there once too
        assert history.of("document", paper.pk).filter(action="corrected").count() == corrected
        assert Job.objects.filter(subject_id=str(run.pk), state=JobState.SUCCEEDED).count() == STEPS
    assert middle >= ROUNDS // 2


def _freed() -> bool:
    """The kill may have come between two looks: whatever still counts as running then is freed too."""
    running_since = timezone.now() - timedelta(seconds=2)
    if Job.objects.filter(state=JobState.RUNNING, started_at__lt=running_since).exists():
        take_over()
    return False
