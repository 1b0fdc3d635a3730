"""What holds for every definition, whatever comes: `World` looks at it after each move."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.engine.bodies import body as small_body
from tests.workflows.engine.bodies import human, parallel, service
from tests.workflows.engine.random_definitions import CHOICES, definitions, drive, ends, possible
from tests.workflows.engine.world import World
from workflows.definitions import steps
from workflows.engine import body as bodies
from workflows.engine import core, fold
from workflows.engine.fitting import fit
from workflows.engine.talk import Came, Decided, Done, Retry

SEEDS = Path(__file__).parent / "seeds"
CONSUMING = ("left", "superseded", "erred", "incident")
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
quick = settings(max_examples=100, deadline=None, suppress_health_check=QUIET)
deep = settings(max_examples=6_000, deadline=None, suppress_health_check=QUIET)


@given(body=definitions())
@settings(quick, max_examples=50)
def test_the_engine_finds_every_step_that_the_checker_finds(body):
    found = bodies.of(body)
    assert found.steps == steps.by_id(body)
    assert {seq.split(".")[0] or None for seq, _ in found.places.values()} == {one.parent for one in steps.walk(body)}


@given(body=definitions(), choices=CHOICES)
@quick
def test_every_life_of_every_definition_holds(body, choices):
    drive(body, choices)


@given(body=definitions(), choices=CHOICES)
@quick
def test_every_run_ends_when_everything_is_answered(body, choices):
    ends(drive(body, choices))


@given(body=definitions(), choices=CHOICES)
@settings(quick, max_examples=60)
def test_every_run_fits_into_its_own_version_again(body, choices):
    world = drive(body, choices)
    facts, misfits = fit(body, deepcopy(body), world.state, {})
    if world.finished:
        assert facts == () and len(misfits) == 1
    else:
        assert misfits == () and fold.folded(facts, world.state) == world.state


@given(branches=st.lists(st.lists(st.booleans(), min_size=1, max_size=3), min_size=2, max_size=4), data=st.data())
@settings(quick, max_examples=60)
def test_branches_may_be_answered_in_any_order(branches, data):
    """Joined by `all`, and looking at nothing of each other, they leave the same behind."""
    inner = [
        [human(f"s{place}_{number}") if asks else service(f"s{place}_{number}") for number, asks in enumerate(branch)]
        for place, branch in enumerate(branches)
    ]
    whole = small_body(parallel("p", *inner), service("after"))
    ends_of = []
    for _ in range(2):
        world = World(whole)
        world.begin()
        while not world.finished:
            number = data.draw(st.sampled_from([*world.services, *world.tasks]))
            step = world.state["tokens"][str(number)]["step"]
            news = Done(number, result=step) if number in world.services else Decided(number, outcome="approved")
            before, moved = world.state, world.answer(news)
            assert moved.facts and moved.state != before
            again = world.tell(news)
            assert again.facts == again.effects == ()
        ends_of.append((world.state["steps"], world.state["rounds"], world.state["vars"], world.state["outcome"]))
    assert ends_of[0] == ends_of[1]


@given(body=definitions(), choices=CHOICES, first=st.integers(0, 500), second=st.integers(0, 500))
@settings(quick, max_examples=60)
def test_of_two_pieces_of_news_for_one_token_one_counts(body, choices, first, second):
    """A decision and a timeout, a result and a failure, two decisions: the token is consumed once, whoever is first."""
    world = drive(body, choices)
    offers = [news for news in possible(world, first) if len(news) > 1 and not isinstance(news[0], Came | Retry)]
    if not offers:
        return
    chosen = offers[second % len(offers)]
    for one, other in (chosen[:2], chosen[1::-1]):
        moved = core.move(body, world.state, one, world.context)
        after = core.move(body, moved.state, other, world.context)
        gone = [
            fact for fact in (*moved.facts, *after.facts) if fact.action in ("left", "superseded", "erred", "incident")
        ]
        assert sum(fact.data["token"] == one.token for fact in gone) <= 2  # erred, then left
        if str(one.token) not in moved.state["tokens"]:
            assert after.facts == after.effects == () and after.state == moved.state


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
