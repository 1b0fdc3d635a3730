"""Moving a run into another version's body."""

from copy import deepcopy

from tests.workflows.engine.bodies import body, choice, human, parallel, service
from tests.workflows.engine.world import World
from workflows.engine import fold
from workflows.engine.fitting import fit
from workflows.engine.talk import Decided, Done, Failed, Rang, Retry


def moved_into(world, new, mapping=None):
    """The world goes on in the new body; the run fits there."""
    facts, misfits = fit(world.body, new, world.state, mapping or {})
    assert misfits == ()
    world.state = fold.folded(facts, world.state)
    world.history += facts
    world.body = new
    world.look()
    return facts


def refused(world, new, mapping=None):
    facts, misfits = fit(world.body, new, world.state, mapping or {})
    assert facts == ()
    return [(misfit.token, misfit.step, misfit.message) for misfit in misfits]


def test_a_run_goes_on_at_the_same_step_of_the_new_version():
    world = World(body(human("a"), human("b")))
    world.begin()
    (fact,) = moved_into(world, body(service("first"), human("a"), service("new"), human("b")))
    assert fact.action == "migrated"
    nothing = {"renamed": {}, "vars": {}, "dropped": []}
    assert fact.data == {"tokens": {"2": {"step": "a", "index": 1}}, "frames": {"1": ""}, **nothing}
    world.answer(Decided(2, outcome="approved"))
    assert [*world.standing()] == ["new"]


def test_a_step_that_is_called_otherwise_is_mapped_and_keeps_its_results():
    world = World(body(human("a"), human("b")))
    world.begin()
    world.answer(Decided(2, outcome="rejected"))
    new = body(
        human("first"),
        human("second"),
        choice("c", ('steps.first.outcome == "rejected"', [service("x")]), otherwise=[]),
    )
    assert refused(world, new) == [(3, "b", "The new version has no such step: say which one stands for it.")]
    moved_into(world, new, {"a": "first", "b": "second"})
    assert world.state["steps"]["first"]["outcome"] == "rejected" and world.state["rounds"] == {"first": 1, "second": 1}
    world.answer(Decided(3, outcome="approved"))
    assert sorted(world.standing()) == ["c", "x"]


def test_another_kind_and_another_place_do_not_fit():
    world = World(body(parallel("p", [human("a")], [human("b")])))
    world.begin()
    other = body(parallel("p", [service("a")], []), human("b"))
    assert refused(world, other) == [
        (5, "a", "“a” is of kind service, not human."),
        (6, "b", "“b” does not stand in the same blocks as before."),
    ]


def test_branches_may_change_places_and_grow_but_not_become_one():
    world = World(body(parallel("p", [human("a")], [human("b")])))
    world.begin()
    assert refused(world, body(parallel("p", [human("a"), human("b")], []))) == [
        (2, "p", "Two of its branches would be one in the new version.")
    ]
    moved_into(world, body(service("s"), parallel("p", [human("b")], [human("c")], [human("a"), service("after")])))
    world.answer(Decided(world.at("a"), outcome="approved"))
    assert sorted(world.standing()) == ["after", "b", "p"]
    world.answer(Decided(world.at("b"), outcome="approved"))
    world.answer(Done(world.at("after")))
    assert world.finished.outcome == "done"


def test_another_way_of_the_same_choice_is_the_same_block():
    world = World(body(choice("c", ("vars.n == 1", [human("a")]), otherwise=[])))
    world.begin()
    new = body(choice("c", ("vars.n == 2", [service("x")]), otherwise=[human("a")]))
    moved_into(world, new)
    world.answer(Decided(world.at("a"), outcome="approved"))
    assert world.finished.outcome == "done"


def test_an_incident_moves_and_is_tried_again_as_the_new_version_says():
    world = World(body({**service("a"), "call": "broken"}))
    world.begin()
    world.answer(Failed(2, code="refused"))
    moved_into(world, body({**service("a"), "call": "mended"}))
    world.answer(Retry(2))
    assert world.services[2].call == "mended"


def test_what_runs_beside_moves_too():
    late = {"after": "2 days", "steps": [service("late")], "cancel": False}
    world = World(body({**human("h"), "on_timeout": late}, human("z")))
    world.begin()
    world.answer(Rang(2, timer="timeout"))
    world.answer(Decided(2, outcome="approved"))
    new = deepcopy(world.body)
    new["steps"][0]["on_timeout"]["steps"].insert(0, service("before"))
    moved_into(world, new)
    world.answer(Done(world.at("late")))
    world.answer(Decided(world.at("z"), outcome="approved"))
    assert world.finished.outcome == "done"


def test_foreach_that_has_begun_keeps_its_way():
    loop = {"id": "f", "kind": "foreach", "items": "[1, 2]", "as": "one", "steps": [human("h")]}
    world = World(body(loop))
    world.begin()
    assert [step for _, step, _ in refused(world, body({**loop, "mode": "sequence"}))] == ["f"]
    assert [step for _, step, _ in refused(world, body({**loop, "as": "other"}))] == ["f"]
    moved_into(world, body({**loop, "items": "[1]"}))


def test_variables_come_with_their_defaults_go_and_have_to_fit():
    world = World(body(human("h")))
    world.begin(n=5, text="x")
    new = body(human("h"))
    new["variables"] = {"n": {"type": "number"}, "fresh": {"type": "string", "default": "y"}}
    (fact,) = moved_into(world, new)
    assert fact.data["dropped"] == ["any", "day", "flag", "items", "text"] and fact.data["vars"] == {"fresh": "y"}
    assert world.state["vars"] == {"n": 5, "fresh": "y"}
    newer = deepcopy(new)
    newer["variables"]["n"] = {"type": "string"}
    assert refused(world, newer) == [(0, "", "The variable n is declared as string; 5 is none.")]


def test_maps_that_lead_nowhere_or_together_are_refused():
    world = World(body(human("a"), human("b")))
    world.begin()
    messages = [message for _, _, message in refused(world, body(human("a")), {"b": "c"})]
    assert messages == ["It is mapped to “c”, which the new version does not have."]
    messages = [message for _, _, message in refused(world, body(human("a")), {"b": "a"})]
    assert messages == ["Two steps are mapped to one: their results could not be told apart."]


def test_a_run_that_has_ended_fits_nowhere():
    world = World(body(human("a")))
    world.begin()
    world.answer(Decided(2, outcome="approved"))
    assert refused(world, world.body) == [(0, "", "The run has ended: there is nothing to move.")]
