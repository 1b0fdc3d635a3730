"""Each kind of step: its facts and effects, exactly."""

import pytest

from tests.workflows.engine.bodies import body, choice, human, parallel, service
from tests.workflows.engine.world import NOW, World
from workflows.engine import core, run
from workflows.engine.talk import (
    Begin,
    Came,
    CancelChild,
    CloseIncident,
    CloseTask,
    Decided,
    Done,
    Ended,
    Entered,
    Fact,
    Failed,
    Finish,
    Forget,
    Left,
    Listen,
    OpenIncident,
    OpenTask,
    Rang,
    Retry,
    RunService,
    SetTimer,
    Skip,
    StartChild,
    StartClock,
    Stop,
    Superseded,
)
from workflows.engine.values import BadVariables

AT = NOW.isoformat()


def facts(moved):
    return [(fact.action, {name: held for name, held in fact.data.items() if name != "at"}) for fact in moved.facts]


def asked(moved):
    return [(type(effect).__name__, effect.token) for effect in moved.effects]


def effect(moved, kind):
    (found,) = [effect for effect in moved.effects if isinstance(effect, kind)]
    return found


# --- service
def test_a_service_step_asks_for_its_job_with_its_values():
    world = World(body(service("a", with_={"n": {"expr": "vars.n + 1"}, "list": [{"expr": "document.type"}, "x"]})))
    moved = world.begin(n=4)
    assert facts(moved) == [
        ("began", {"vars": {"n": 4, "flag": True, "text": "a", "day": None, "any": None, "items": []}, "frame": 1}),
        ("entered", {"token": 2, "step": "a", "kind": "service", "frame": 1, "index": 0, "round": 1}),
    ]
    step = world.body["steps"][0]
    assert moved.effects == (
        Entered(2, step, round=1),
        RunService(2, step, call="do", params={"n": 5, "list": ["invoice", "x"]}),
    )


def test_a_services_result_is_saved_and_the_run_goes_on():
    world = World(body(service("a", save="n"), service("b")))
    world.begin()
    moved = world.answer(Done(2, result=7))
    assert facts(moved) == [
        ("left", {"token": 2, "step": "a", "outcome": "done", "result": 7, "set": {"n": 7}}),
        ("entered", {"token": 3, "step": "b", "kind": "service", "frame": 1, "index": 1, "round": 1}),
    ]
    assert asked(moved) == [("Forget", 2), ("Left", 2), ("Entered", 3), ("RunService", 3)]
    assert world.state["steps"]["a"] == {
        "outcome": "done", "by": [], "comment": "", "form": {}, "result": 7, "at": AT, "round": 1,
    }  # fmt: skip
    assert world.state["vars"]["n"] == 7


def test_a_service_that_failed_waits_at_an_incident_and_is_tried_again():
    world = World(body(service("a")))
    world.begin()
    moved = world.answer(Failed(2, code="timeout", detail="Nobody answered."))
    assert facts(moved) == [("incident", {"token": 2, "step": "a", "code": "timeout", "detail": "Nobody answered."})]
    assert moved.effects == (OpenIncident(2, world.body["steps"][0], code="timeout", detail="Nobody answered."),)
    assert not world.tell(Done(2, result=1)).facts
    moved = world.answer(Retry(2))
    assert facts(moved) == [("retried", {"token": 2})]
    assert asked(moved) == [("CloseIncident", 2), ("RunService", 2)]
    assert effect(moved, CloseIncident).how == "retried"
    world.answer(Done(2))
    assert world.finished == Finish(0, {}, outcome="done")


def test_an_incident_is_skipped_with_an_outcome_of_its_own():
    world = World(body(service("a")))
    world.begin()
    world.answer(Failed(2))
    moved = world.answer(Skip(2, outcome="by_hand"))
    assert facts(moved) == [
        ("skipped", {"token": 2, "outcome": "by_hand"}),
        ("left", {"token": 2, "step": "a", "outcome": "by_hand", "failed": True}),
        ("finished", {"outcome": "done"}),
    ]
    assert effect(moved, Left).failed and effect(moved, CloseIncident).how == "skipped"


def test_retry_and_skip_are_for_incidents_alone():
    world = World(body(service("a")))
    world.begin()
    for news in (Retry(2), Skip(2), Retry(77)):
        with pytest.raises(core.NotAtAnIncident):
            world.tell(news)
    world.answer(Done(2))
    with pytest.raises(core.NotAtAnIncident):
        world.tell(Skip(2))


def test_a_result_of_the_wrong_type_is_an_incident_that_names_the_variable():
    world = World(body(service("a", save="n")))
    world.begin()
    world.answer(Done(2, result="seven"))
    (incident,) = world.incidents.values()
    assert incident.code == "wrong_type"
    assert incident.detail == 'The variable n is declared as integer; "seven" is none.'
    assert world.state["vars"]["n"] == 1


@pytest.mark.parametrize("result", [{"text": "x" * 70_000}, ["x" * 100] * 700])
def test_a_result_that_is_too_large_is_an_incident(result):
    world = World(body(service("a")))
    world.begin()
    world.answer(Done(2, result=result))
    assert world.incidents[2].code == "too_large" and "64 KB" in world.incidents[2].detail


def test_a_run_that_carries_too_much_is_an_incident():
    world = World(body(*(service(f"s{number}") for number in range(10))))
    world.begin()
    while not world.incidents:
        world.answer(Done(*world.services, result="x" * 60_000))
    assert next(iter(world.incidents.values())).code == "state_too_large"
    assert len(world.state["steps"]) == 8


# --- conditions
def test_a_condition_that_fails_is_an_incident_and_the_retry_begins_at_it():
    world = World(body({"id": "a", "kind": "service", "call": "do", "when": "vars.any.ready"}))
    moved = world.begin(any={})
    assert [fact.action for fact in moved.facts] == ["began", "entered", "incident"]
    assert moved.facts[2].data["asked"] is False
    assert world.incidents[2].code == "missing" and world.incidents[2].detail.startswith("a.when: “vars.any.ready”")
    world.answer(Retry(2))
    assert world.incidents[2].code == "missing" and not world.services


def test_a_retry_asks_again_whether_the_step_is_wanted():
    world = World(body(service("n", save="n"), {**service("a"), "when": "10 / vars.n > 5"}, service("b")))
    world.begin()
    world.answer(Done(2, result=0))
    assert [*world.standing()] == ["a"] and world.incidents
    world.state["vars"]["n"] = 5
    world.history.append(Fact("migrated", {"tokens": {}, "frames": {}, "renamed": {}, "dropped": [], "vars": {"n": 5}}))
    moved = world.answer(Retry(3))
    assert [fact.action for fact in moved.facts] == ["retried", "left", "entered"] and [*world.standing()] == ["b"]


def test_a_step_whose_when_is_false_is_passed_over():
    world = World(body({"id": "a", "kind": "service", "call": "do", "when": "vars.n > 5"}, service("b")))
    moved = world.begin()
    assert facts(moved)[1] == ("passed over", {"step": "a", "frame": 1, "index": 0, "when": "vars.n > 5"})
    assert world.standing() == {"b": [2]} and "a" not in world.state["steps"]


def test_on_error_runs_instead_of_an_incident():
    repair = human("repair")
    world = World(body({**service("a"), "on_error": {"steps": [repair]}}, service("b")))
    world.begin()
    moved = world.answer(Failed(2, code="refused", detail="No."))
    assert facts(moved) == [
        ("erred", {"token": 2, "step": "a", "code": "refused", "detail": "No.", "frame": 3, "seq": "a.on_error"}),
        ("entered", {"token": 4, "step": "repair", "kind": "human", "frame": 3, "index": 0, "round": 1}),
    ]
    assert asked(moved) == [("Forget", 2), ("Entered", 4), ("OpenTask", 4)]
    assert world.state["steps"]["a"]["outcome"] == "error" and world.state["steps"]["a"]["comment"] == "No."
    moved = world.answer(Decided(4, outcome="approved"))
    assert facts(moved)[1] == ("left", {"token": 2, "step": "a", "outcome": "error", "failed": True})
    assert [left.failed for left in moved.effects if isinstance(left, Left)] == [False, True]
    assert [*world.standing()] == ["b"]


@pytest.mark.parametrize(
    "step",
    [
        {"kind": "rule", "rules": [{"when": "vars.any.x", "set": {}}]},
        {"kind": "rule", "rules": [{"when": "false", "set": {}}]},
        {"kind": "choice", "options": [{"when": "vars.n", "steps": []}], "otherwise": {"steps": []}},
        {"kind": "repeat", "steps": [{"id": "in", "kind": "rule", "rules": [{"when": "true"}]}], "until": "vars.n"},
        {"kind": "repeat", "steps": [{"id": "in", "kind": "rule", "rules": [{"when": "true"}]}], "until": "false"},
        {"kind": "foreach", "items": "vars.any.x", "as": "one", "steps": [{"id": "in", "kind": "end", "outcome": "x"}]},
        {"kind": "foreach", "items": "vars.n", "as": "one", "steps": [{"id": "in", "kind": "end", "outcome": "x"}]},
        {"kind": "subflow", "definition": "other", "with": {"n": {"expr": "vars.any.x"}}},
        {"kind": "human", "candidates": [{"expr": "vars.any.x"}]},
        {"kind": "timer", "until": {"expr": "vars.text"}},
        {"kind": "wait_event", "event": "e", "key": {"expr": "vars.any.x"}},
        {"kind": "service", "call": "do", "when": "vars.any.x"},
    ],
)
def test_every_kind_goes_to_its_on_error(step):
    world = World(body({"id": "a", **step, "on_error": {"steps": [service("repair")]}}))
    world.begin()
    assert not world.incidents and world.state["tokens"][str(min(map(int, world.state["tokens"])))]["how"] == "error"
    world.answer(Done(world.at("repair")))
    assert world.finished.outcome == "done" and world.state["steps"]["a"]["outcome"] == "error"


# --- rule
def test_a_rule_keeps_inputs_what_hit_and_what_it_set():
    table = {
        "id": "r",
        "kind": "rule",
        "rules": [
            {"when": "document.facts.amount > 5000", "set": {"text": "large"}, "reason": "Large."},
            {"when": 'vars.n == 1 && document.type == "invoice"', "set": {"text": "small"}, "reason": "Small."},
        ],
    }
    world = World(body(table))
    moved = world.begin()
    ruled = {
        "token": 2, "step": "r", "hits": [1], "when": ['vars.n == 1 && document.type == "invoice"'],
        "inputs": {"document.facts.amount": 1200, "vars.n": 1, "document.type": "invoice"}, "reason": "Small.",
    }  # fmt: skip
    left = {"token": 2, "step": "r", "outcome": "done", "comment": "Small.", "result": {"text": "small"}}
    assert facts(moved)[2:] == [
        ("ruled", ruled),
        ("left", {**left, "set": {"text": "small"}}),
        ("finished", {"outcome": "done"}),
    ]
    assert asked(moved) == [("Entered", 2), ("Left", 2), ("Finish", 0)]


def test_all_rules_that_hit_set_in_order_from_the_same_inputs():
    rules = [
        {"when": "vars.n == 1", "set": {"n": 2, "text": "b"}},
        {"when": "vars.n == 1", "set": {"n": {"expr": "vars.n + 9"}}},
    ]
    world = World(body({"id": "r", "kind": "rule", "hit": "all", "rules": rules}))
    world.begin()
    assert (world.state["vars"]["n"], world.state["vars"]["text"]) == (10, "b")


def test_a_rule_without_hit_and_otherwise_is_an_incident():
    world = World(body({"id": "r", "kind": "rule", "rules": [{"when": "false", "set": {}}]}))
    world.begin()
    assert world.incidents[2].code == "no_rule"


# --- choice
def test_a_choice_goes_the_first_way_that_is_true_and_keeps_why():
    world = World(
        body(choice("c", ("vars.n > 5", [service("x")]), ("vars.n > 0", [service("y")]), otherwise=[]), service("z"))
    )
    moved = world.begin()
    chose = {"token": 2, "step": "c", "option": 1, "when": "vars.n > 0", "inputs": {"vars.n": 1}}
    assert facts(moved)[2:4] == [
        ("chose", {**chose, "frame": 3, "seq": "c.options.1"}),
        ("entered", {"token": 4, "step": "y", "kind": "service", "frame": 3, "index": 0, "round": 1}),
    ]
    world.answer(Done(4))
    assert [*world.standing()] == ["z"] and world.state["frames"].keys() == {"1"}


def test_an_empty_way_is_over_at_once():
    world = World(body(choice("c", ("vars.n > 5", [service("x")]), otherwise=[])))
    moved = world.begin()
    assert facts(moved)[2][1]["option"] is None
    assert world.finished == Finish(0, {}, outcome="done")


# --- parallel
def test_all_branches_are_waited_for():
    world = World(body(parallel("p", [service("x")], [service("y")], [])))
    moved = world.begin()
    opened = [{"frame": number, "seq": f"p.branches.{place}"} for place, number in enumerate((3, 4, 5))]
    assert facts(moved)[2] == ("opened", {"token": 2, "frames": opened, "of": 3})
    assert world.state["tokens"]["2"]["done"] == 1
    world.answer(Done(world.at("x")))
    assert [*world.standing()] == ["p", "y"]
    moved = world.answer(Done(world.at("y")))
    assert [fact.action for fact in moved.facts] == ["left", "branch ended", "left", "finished"]


def test_with_any_the_others_are_taken_back():
    world = World(body(parallel("p", [service("x")], [human("y")], [subflow()], join="any"), service("z")))
    world.begin()
    moved = world.answer(Done(world.at("x")))
    assert facts(moved)[2] == ("withdrawn", {"tokens": [7, 8], "frames": [4, 5], "why": "join"})
    assert asked(moved)[2:8] == [
        ("CloseTask", 7), ("Forget", 7), ("Left", 7), ("CancelChild", 8), ("Forget", 8), ("Left", 8),
    ]  # fmt: skip
    assert [left.cancelled for left in moved.effects if isinstance(left, Left)] == [False, True, True, False]
    assert [*world.standing()] == ["z"]


def test_at_least_two_of_three():
    world = World(body(parallel("p", [service("x")], [service("y")], [service("z")], join={"at_least": 2})))
    world.begin()
    world.answer(Done(world.at("z")))
    assert world.finished is None
    world.answer(Done(world.at("x")))
    assert world.finished.outcome == "done"


def test_with_finish_the_others_go_on_beside_and_the_run_ends_after_them():
    world = World(body(parallel("p", [service("x")], [service("y"), service("y2")], join="any", others="finish")))
    world.begin()
    moved = world.answer(Done(world.at("x")))
    assert facts(moved)[2] == ("left", {"token": 2, "step": "p", "outcome": "done", "beside": [4]})
    assert world.finished is None and [*world.standing()] == ["y"]
    world.answer(Done(world.at("y")))
    world.answer(Done(world.at("y2")))
    assert world.finished.outcome == "done"


def test_a_branch_at_an_incident_holds_the_join():
    world = World(body(parallel("p", [service("x")], [service("y")])))
    world.begin()
    world.answer(Failed(world.at("x")))
    world.answer(Done(world.at("y")))
    assert world.finished is None
    world.answer(Skip(world.at("x")))
    assert world.finished.outcome == "done"


# --- people
def test_a_human_step_opens_a_task_with_its_people_looked_up():
    people = [
        {"head_of": {"expr": "document.department"}},
        {"expr": "vars.text"},
        {"department": "legal", "role": "head"},
    ]
    world = World(
        body({**human("h"), "candidates": people, "exclude": [{"uploader": True}], "sla": {"target": "2 days"}})
    )
    moved = world.begin(text="anitha")
    opened = effect(moved, OpenTask)
    assert (opened.round, opened.values) == (
        1,
        {
            "candidates": [{"head_of": {"value": "finance"}}, {"value": "anitha"}, people[2]],
            "exclude": [{"uploader": True}],
        },
    )
    assert asked(moved) == [("Entered", 2), ("OpenTask", 2), ("StartClock", 2)]


def test_a_decision_is_kept_with_who_why_and_form():
    form = [{"name": "answer_by", "type": "date", "save": "day"}, {"name": "note", "type": "text"}]
    world = World(body({**human("h"), "form": form}))
    world.begin()
    said = {"answer_by": "2026-12-01", "note": "Soon"}
    moved = world.answer(Decided(2, outcome="approved", by=("anitha", "biju"), comment="Fine.", form=said))
    left = {"token": 2, "step": "h", "outcome": "approved", "by": ["anitha", "biju"], "comment": "Fine."}
    assert facts(moved)[0] == ("left", {**left, "form": said, "set": {"day": "2026-12-01"}})
    assert world.state["vars"]["day"] == "2026-12-01"


def test_of_two_who_complete_the_second_changes_nothing():
    world = World(body(human("h"), human("next")))
    world.begin()
    world.answer(Decided(2, outcome="approved", by=("anitha",)))
    before = world.state
    moved = world.tell(Decided(2, outcome="rejected", by=("biju",)))
    assert moved.facts == moved.effects == () and world.state == before


def test_a_new_version_opens_the_task_anew_with_the_next_round():
    world = World(body({**human("h"), "on_timeout": {"after": "2 days", "steps": []}}))
    world.begin()
    moved = world.tell(Superseded(2))
    assert facts(moved) == [
        ("superseded", {"token": 2, "step": "h"}),
        ("entered", {"token": 3, "step": "h", "kind": "human", "frame": 1, "index": 0, "round": 2}),
    ]
    assert asked(moved) == [
        ("CloseTask", 2), ("Forget", 2), ("Left", 2), ("Entered", 3), ("OpenTask", 3), ("SetTimer", 3),
    ]  # fmt: skip
    assert effect(moved, OpenTask).round == 2


def test_what_is_not_bound_to_the_version_stays_open():
    world = World(body({**human("h"), "bound_to_version": False}))
    world.begin()
    assert not world.tell(Superseded(2)).facts


def test_an_acknowledgement_asks_its_people():
    world = World(body({"id": "k", "kind": "acknowledge", "people": [{"expr": "vars.text"}]}))
    assert effect(world.begin(), OpenTask).values == {"people": [{"value": "a"}]}
    world.answer(Decided(2, outcome="acknowledged"))
    assert world.state["steps"]["k"]["outcome"] == "acknowledged"


# --- clock and events
def test_a_timer_waits_for_a_duration_or_until_a_time():
    world = World(
        body(
            {"id": "t", "kind": "timer", "wait": "2 days"}, {"id": "u", "kind": "timer", "until": {"expr": "vars.day"}}
        )
    )
    first = effect(world.begin(day="2026-12-01"), SetTimer)
    assert (first.timer, first.after, first.at) == ("wait", "2 days", "")
    second = effect(world.answer(Rang(2, timer="wait")), SetTimer)
    assert (second.timer, second.after, second.at) == ("wait", "", "2026-12-01")
    assert not world.tell(Rang(2, timer="wait")).facts


def test_an_event_that_does_not_match_leaves_it_waiting():
    wait = {
        "id": "w",
        "kind": "wait_event",
        "event": "paid",
        "key": {"expr": "document.id"},
        "match": "event.amount > 100",
    }
    world = World(body({**wait, "save": "any"}))
    listening = effect(world.begin(), Listen)
    assert (listening.event, listening.key) == ("paid", "d1")
    assert not world.tell(Came(2, event="paid", data={"amount": 99})).facts
    assert not world.tell(Came(2, event="sent", data={"amount": 999})).facts
    moved = world.tell(Came(2, event="paid", data={"amount": 101}))
    assert facts(moved)[0][1]["set"] == {"any": {"amount": 101}}
    assert asked(moved)[:2] == [("Forget", 2), ("Left", 2)]


def test_an_event_that_cannot_be_judged_is_an_incident_and_the_retry_listens_again():
    world = World(body({"id": "w", "kind": "wait_event", "event": "paid", "match": "event.amount > 100"}))
    world.begin()
    world.tell(Came(2, event="paid", data={}))
    assert world.incidents[2].detail.startswith("w.match: “event.amount > 100”")
    assert asked(world.answer(Retry(2))) == [("CloseIncident", 2), ("Listen", 2)]


@pytest.mark.parametrize("cancel", [True, False])
def test_a_timeout_takes_its_place_or_runs_beside(cancel):
    late = {"after": "2 days", "steps": [service("late")], "cancel": cancel}
    world = World(body({**human("h"), "on_timeout": late}, service("next")))
    asked_for = effect(world.begin(), SetTimer)
    assert (asked_for.timer, asked_for.after) == ("timeout", "2 days")
    moved = world.answer(Rang(2, timer="timeout"))
    if cancel:
        assert [fact.action for fact in moved.facts] == ["timed out", "entered"]
        assert asked(moved)[:2] == [("CloseTask", 2), ("Forget", 2)]
        assert not world.tell(Decided(2, outcome="approved")).facts
        world.answer(Done(world.at("late")))
        assert world.state["steps"]["h"]["outcome"] == "timeout" and [*world.standing()] == ["next"]
    else:
        assert facts(moved)[0] == ("beside", {"token": 2, "timer": "timeout", "frame": 3, "seq": "h.on_timeout"})
        assert not world.tell(Rang(2, timer="timeout")).facts
        world.answer(Decided(2, outcome="approved"))
        assert sorted(world.standing()) == ["late", "next"]
        world.answer(Done(world.at("next")))
        assert world.finished is None
        world.answer(Done(world.at("late")))
        assert world.finished.outcome == "done"


def test_a_timeout_of_a_block_takes_everything_in_it_away():
    late = {"after": "2 days", "steps": [service("late")], "cancel": True}
    world = World(body({**parallel("p", [human("x")], [service("y")]), "on_timeout": late}))
    world.begin()
    world.answer(Rang(2, timer="timeout"))
    assert not world.tasks and [*world.standing()] == ["p", "late"]
    world.answer(Done(world.at("late")))
    assert world.state["steps"]["p"]["outcome"] == "timeout"


def test_a_rung_with_steps_runs_them_beside_once():
    ladder = [{"after": "50 %", "do": "notify"}, {"after": "150 %", "do": "path", "steps": [service("help")]}]
    world = World(body({**human("h"), "sla": {"target": "2 days", "ladder": ladder}}))
    assert effect(world.begin(), StartClock).token == 2
    assert not world.tell(Rang(2, timer="path:1")).facts
    moved = world.tell(Rang(2, timer="path:2"))
    assert facts(moved)[0] == ("beside", {"token": 2, "timer": "path:2", "frame": 3, "seq": "h.ladder.1"})
    assert not world.tell(Rang(2, timer="path:2")).facts
    world.answer(Decided(2, outcome="approved"))
    assert world.finished is None and [*world.standing()] == ["help"]


# --- loops
def test_repeat_goes_round_until_it_is_true():
    world = World(body(repeat("r", [service("s", save="n")], until="vars.n > 2", most=5), service("z")))
    world.begin()
    moved = world.answer(Done(world.at("s"), result=2))
    assert facts(moved)[1:3] == [
        ("branch ended", {"frame": 3, "token": 2}),
        ("repeated", {"token": 2, "frame": 5, "seq": "r.steps", "runs": 2, "until": "vars.n > 2"}),
    ]
    assert world.state["tokens"][str(world.at("s"))]["round"] == 2
    world.answer(Done(world.at("s"), result=3))
    assert [*world.standing()] == ["z"] and world.state["steps"]["r"]["result"] == 2


def test_repeat_that_is_exhausted_is_an_incident_and_a_retry_grants_one_more_round():
    world = World(body(repeat("r", [service("s")], until="vars.flag", most=2)))
    world.begin(flag=False)
    world.answer(Done(world.at("s")))
    world.answer(Done(world.at("s")))
    assert world.incidents[2].code == "exhausted" and "2 rounds" in world.incidents[2].detail
    world.answer(Retry(2))
    world.answer(Done(world.at("s")))
    assert world.incidents[2].code == "exhausted" and "3 rounds" in world.incidents[2].detail


def test_repeat_that_is_exhausted_may_go_on():
    world = World(body(repeat("r", [service("s")], until="false", most=1, exhausted="continue")))
    world.begin()
    world.answer(Done(world.at("s")))
    assert world.state["steps"]["r"]["outcome"] == "exhausted" and world.finished.outcome == "done"


def test_foreach_runs_its_steps_for_each_with_the_name_bound():
    world = World(body(foreach("f", [service("s", with_={"x": {"expr": "one"}})], items='["a", "b"]')))
    moved = world.begin()
    frames = [
        {"frame": number, "seq": "f.steps", "locals": {"one": item}, "own": True}
        for number, item in ((3, "a"), (4, "b"))
    ]
    assert facts(moved)[2] == ("opened", {"token": 2, "frames": frames, "of": 2})
    assert [service.params for service in world.services.values()] == [{"x": "a"}, {"x": "b"}]


def test_in_sequence_the_list_is_the_one_from_the_beginning():
    step = service("s", with_={"x": {"expr": "one"}}, save="items")
    world = World(body(foreach("f", [step], items="vars.items", mode="sequence")))
    world.begin(items=[5, 6])
    assert [service.params for service in world.services.values()] == [{"x": 5}]
    moved = world.answer(Done(world.at("s"), result=[]))
    assert facts(moved)[2] == ("next item", {"token": 2, "frame": 5, "seq": "f.steps", "locals": {"one": 6}})
    assert [service.params for service in world.services.values()] == [{"x": 6}]
    world.answer(Done(world.at("s"), result=[]))
    assert world.finished.outcome == "done"


def test_within_foreach_the_results_are_those_of_the_same_element():
    inner = [
        human("h"),
        service("w"),
        choice("c", ('steps.h.outcome == "approved"', [service("yes")]), otherwise=[service("no")]),
    ]
    world = World(body(foreach("f", inner, items="[1, 2]")))
    world.begin()
    first, second = world.standing()["h"]
    world.answer(Decided(first, outcome="approved"))
    world.answer(Decided(second, outcome="rejected"))
    for number in world.standing()["w"]:
        world.answer(Done(number))
    assert len(world.standing()["yes"]) == len(world.standing()["no"]) == 1


def test_no_element_is_over_at_once_and_too_many_are_an_incident():
    world = World(
        body(foreach("f", [service("s")], items="[]"), foreach("g", [service("t")], items="[1, 2, 3]", most=2))
    )
    world.begin()
    assert world.state["steps"]["f"]["outcome"] == "done"
    assert [incident.code for incident in world.incidents.values()] == ["too_many_items"]


# --- subflow
def test_a_subflow_gives_its_outcome_and_variables():
    world = World(body({**subflow(), "save": "any"}))
    started = effect(world.begin(), StartChild)
    assert (started.definition, started.variables) == ("other", {"n": 1})
    world.answer(Ended(2, outcome="rejected", variables={"reason": "late"}))
    assert world.state["steps"]["sub"]["outcome"] == "rejected"
    assert world.state["vars"]["any"] == {"reason": "late"}


def test_a_subflow_that_failed_is_an_incident_and_is_started_again():
    world = World(body(subflow()))
    world.begin()
    world.answer(Failed(2, code="cancelled", detail="It was cancelled."))
    assert world.incidents[2].code == "cancelled"
    assert asked(world.answer(Retry(2))) == [("CloseIncident", 2), ("StartChild", 2)]


# --- compensation
def with_undo(name):
    return {
        **service(name, save="n"),
        "undo": {"call": f"undo_{name}", "with": {"was": {"expr": f"steps.{name}.result"}}},
    }


def test_compensation_undoes_newest_first_one_after_the_other_each_once():
    world = World(
        body(
            with_undo("a"), with_undo("b"), {"id": "back", "kind": "compensate"}, {"id": "again", "kind": "compensate"}
        )
    )
    world.begin()
    world.answer(Done(2, result=10))
    moved = world.answer(Done(3, result=20))
    back = world.at("back")
    assert [(run.call, run.params, run.undo) for run in world.services.values()] == [("undo_b", {"was": 20}, True)]
    moved = world.answer(Done(back))
    assert facts(moved) == [("undone", {"token": back, "of": 3, "next": back + 1})]
    assert asked(moved) == [("Forget", back), ("Left", back), ("Entered", back + 1), ("RunService", back + 1)]
    assert not world.tell(Done(back)).facts
    assert [(run.call, run.params) for run in world.services.values()] == [("undo_a", {"was": 10})]
    world.answer(Done(back + 1))
    assert world.finished.outcome == "done" and world.state["undo"] == []


def test_compensation_of_some_leaves_the_others():
    world = World(body(with_undo("a"), with_undo("b"), {"id": "back", "kind": "compensate", "of": ["a"]}))
    world.begin()
    world.answer(Done(2, result=1))
    world.answer(Done(3, result=2))
    world.answer(Done(world.at("back")))
    assert [entry["step"] for entry in world.state["undo"]] == ["b"] and world.finished


def test_an_undoing_that_failed_is_tried_again_or_passed_over():
    world = World(body(with_undo("a"), with_undo("b"), {"id": "back", "kind": "compensate"}))
    world.begin()
    world.answer(Done(2, result=1))
    world.answer(Done(3, result=2))
    back = world.at("back")
    world.answer(Failed(back, code="refused"))
    world.answer(Retry(back))
    assert world.services[back].call == "undo_b"
    world.answer(Failed(back, code="refused"))
    moved = world.answer(Skip(back))
    assert facts(moved)[1] == ("undone", {"token": back, "of": 3, "next": back + 1, "skipped": True})
    assert [run.call for run in world.services.values()] == ["undo_a"]


# --- end, stop, begin
def test_end_takes_everything_else_away():
    world = World(body(parallel("p", [human("h")], [service("s"), {"id": "e", "kind": "end", "outcome": "rejected"}])))
    world.begin()
    moved = world.answer(Done(world.at("s")))
    assert [fact.action for fact in moved.facts] == ["left", "entered", "left", "withdrawn", "finished"]
    assert moved.facts[3].data == {"tokens": [2, 5], "frames": [1, 3, 4], "why": "end"}
    assert moved.effects[-1] == Finish(0, {}, outcome="rejected") and world.state["outcome"] == "rejected"


def test_a_stopped_run_is_cancelled_and_hears_nothing_more():
    world = World(body(parallel("p", [human("h")], [service("s")], [subflow()]), service("z")))
    world.begin()
    world.answer(Failed(world.at("s")))
    moved = world.tell(Stop())
    assert [fact.action for fact in moved.facts] == ["withdrawn", "cancelled"]
    kinds = {type(effect) for effect in moved.effects}
    assert kinds == {CloseTask, CancelChild, CloseIncident, Forget, Left, Finish}
    assert moved.effects[-1] == Finish(0, {}, outcome="cancelled", cancelled=True)
    assert (world.state["status"], world.state["outcome"]) == ("cancelled", "cancelled")
    assert not world.tell(Stop()).facts


def test_a_run_begins_once():
    world = World(body(service("a")))
    world.begin()
    assert not world.tell(Begin()).facts


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"n": "one"}, "The variable n is declared as integer"),
        ({"n": True}, "The variable n is declared as integer"),
        ({"day": "soon"}, "The variable day is declared as date"),
        ({"other": 1}, "The variable other is not declared."),
    ],
)
def test_a_run_does_not_begin_with_variables_of_other_types(variables, said):
    with pytest.raises(BadVariables, match=said):
        World(body(service("a"))).begin(**variables)


# --- caps
def test_a_definition_that_runs_away_is_stopped(monkeypatch):
    assert run.MOVES_MOST == 10_000
    monkeypatch.setattr(run, "MOVES_MOST", 500)
    inner = {"id": "in", "kind": "rule", "rules": [{"when": "true", "set": {}}]}
    for name in ("a", "b"):
        inner = repeat(name, [inner], until="false", most=100, exhausted="continue")
    world = World(body(inner))
    moved = world.begin()
    (incident,) = world.incidents.values()
    assert incident.code == "runaway" and "More than 500 steps" in incident.detail
    assert sum(fact.action == "entered" for fact in moved.facts) == 501
    world.answer(Retry(incident.token))
    assert [incident.code for incident in world.incidents.values()] == ["runaway"]


def test_more_than_two_hundred_branches_are_an_incident():
    inner = foreach("in", [service("s")], items="vars.items")
    world = World(body(foreach("out", [{**inner, "as": "two"}], items="vars.items")))
    world.begin(items=[*range(15)])
    assert {incident.code for incident in world.incidents.values()} == {"too_many"}
    assert len(world.services) <= 200
    (first, *_) = world.incidents
    for number in [*world.services][:20]:
        world.answer(Done(number))
    world.answer(Retry(first))
    assert first not in world.incidents


def test_what_cannot_be_asked_for_is_forgotten_whole_and_asked_anew():
    world = World(body({**parallel("p", [human("x")], [service("y")]), "on_timeout": {"after": "2 days", "steps": []}}))
    world.begin()
    moved = world.refuse(2)
    assert [fact.action for fact in moved.facts] == ["withdrawn", "incident"]
    assert not world.tasks and not world.services and [*world.standing()] == ["p"]
    moved = world.answer(Retry(2))
    assert [name for name, _ in asked(moved)].count("SetTimer") == 1 and sorted(world.standing()) == ["p", "x", "y"]


def subflow():
    return {"id": "sub", "kind": "subflow", "definition": "other", "with": {"n": {"expr": "vars.n"}}}


def repeat(name, steps, **more):
    return {"id": name, "kind": "repeat", "steps": steps, **more}


def foreach(name, steps, **more):
    return {"id": name, "kind": "foreach", "as": "one", "steps": steps, **more}
