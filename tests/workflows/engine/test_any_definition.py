"""What holds for every definition, whatever comes: `World` looks at it after each move."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.engine.random_definitions import CHOICES, definitions, drive, ends

SEEDS = Path(__file__).parent / "seeds"
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
quick = settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
deep = settings(max_examples=6_000, deadline=None, suppress_health_check=QUIET)


@given(body=definitions(), choices=CHOICES)
@quick
def test_every_life_of_every_definition_holds(body, choices):
    drive(body, choices)


@given(body=definitions(), choices=CHOICES)
@quick
def test_every_run_ends_when_everything_is_answered(body, choices):
    ends(drive(body, choices))


@pytest.mark.long
@pytest.mark.timeout(3_600)
@given(body=definitions(), choices=st.lists(st.integers(0, 10_000), max_size=120))
@deep
def test_every_life_holds_and_ends_in_the_long_run(body, choices):
    ends(drive(body, choices))


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.json")), ids=lambda seed: seed.stem)
def test_lives_that_once_failed_hold(seed):
    kept = json.loads(seed.read_text())
    ends(drive(kept["body"], kept["choices"]))
