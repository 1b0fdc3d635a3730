"""What the views keep is what the plain computation gives, to the last bit, whatever there was."""

import random
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from tests.workflows.figures.conftest import STEPS
from workflows.analytics import refreshing
from workflows.models import DefinitionVersion, Incident, Instance, StepRun

plain = import_module("workflows.migrations.0008_figures")
EDGES = [timedelta(days=days) for days in (0, 7, 30, 90, 365)]
COLUMNS = {
    "workflows_run_figures": "days, definition_id, version_id, started, finished, cancelled, succeeded, breached,"
    " duration, outcomes, as_of",
    "workflows_step_figures": 'days, definition_id, version_id, step, kind, volume, "left", open, breached, failed,'
    " reworked, waiting, working, spent, machine, as_of",
}


class Past:
    """Random runs of three definitions, one of which has two versions, over more than a year and a little ahead."""

    def __init__(self, seed: int, versions: list[DefinitionVersion]) -> None:
        self.dice, self.versions = random.Random(seed), versions
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")
            (self.now,) = cursor.fetchone()
        for _ in range(self.dice.choice([0, 1, 60])):
            self._run()

    def _moment(self):
        """Somewhere, or right at the edge of a period."""
        if self.dice.random() < 0.2:
            return self.now - self.dice.choice(EDGES) + timedelta(microseconds=self.dice.choice([-1, 0, 1]))
        return self.now - timedelta(days=self.dice.choice([6, 28, 88, 450])) * self.dice.random() + timedelta(hours=3)

    def _run(self) -> None:
        version, status = self.dice.choice(self.versions), self.dice.choice(["running", "finished", "cancelled"])
        run = Instance(
            definition_id=version.definition_id,
            version=version,
            started_at=self._moment(),
            finished_at=None if status == "running" else self._moment(),
            outcome=self.dice.choice(["approved", "rejected"]) if status == "finished" else "",
            breached=self.dice.random() < 0.3,
        )
        run.__dict__["status"] = status
        run.save()
        if self.dice.random() < 0.3:
            Incident.objects.create(instance=run, token=1, step="a", code="x", detail="", opened_at=self.now)
        for token in range(self.dice.randint(0, 6)):
            self._passage(run, token)

    def _passage(self, run: Instance, token: int) -> None:
        at = self._moment()
        begun = at + timedelta(seconds=self.dice.uniform(-5, 9_000))
        StepRun.objects.create(
            instance=run,
            version=run.version,
            step=self.dice.choice(["read", "review", "Abnahme", "abnahme"]),
            kind=self.dice.choice(["human", "service"]),
            token=token,
            round=self.dice.choice([1, 1, 2]),
            entered_at=at,
            begun_at=self.dice.choice([None, begun]),
            left_at=self.dice.choice([None, begun + timedelta(seconds=self.dice.choice([-7, 0, 0.1, 1e5]))]),
            failed=self.dice.random() < 0.2,
            breached=self.dice.random() < 0.2,
            worked_ms=self.dice.randint(0, 10**6),
        )


@pytest.mark.parametrize("seed", range(12))
def test_what_is_kept_is_what_the_plain_computation_gives(publish, seed):
    first, other = publish("letter", STEPS), publish("memo", STEPS)
    versions = [first.published, other.published, publish("letter", STEPS + "\n").published]
    Past(seed, list({version.pk: version for version in versions}.values()))
    assert refreshing.refresh()
    for view, computed in (("workflows_run_figures", plain.RUNS), ("workflows_step_figures", plain.STEPS)):
        question = computed.partition(" AS\n")[2].partition(";")[0]
        assert rows(f"SELECT {COLUMNS[view]} FROM {view}") == rows(f"SELECT {COLUMNS[view]} FROM ({question}) AS x")


def rows(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return sorted(map(repr, cursor.fetchall()))
