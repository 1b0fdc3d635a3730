"""What the checks say: each with its line, what is wrong, and what to do."""

# ruff: noqa: E501 (texts of definitions stand in one line)

import json

import pytest

from accounts.models import Department
from tests.workflows.definitions.texts import BUILT_IN, FULL, SMALL
from workflows.definitions import checking, publishing, schema, steps
from workflows.models import WorkCalendar

HEAD = "key: tried\ntitle: Tried\n"


@pytest.fixture(autouse=True)
def house(db):
    for key in ("operations", "legal", "safety"):
        Department.objects.get_or_create(key=key, defaults={"name": key.title()})
    WorkCalendar.objects.get_or_create(key="office", defaults={"name": "Office"})


def said(text: str) -> list[tuple[int, str, str]]:
    return [
        (problem.line, problem.level, f"{problem.message} {problem.advice}")
        for problem in checking.check(text).problems
    ]


def one_step(step: str, more: str = "") -> str:
    """A definition whose step begins in line 4."""
    return f"{HEAD}steps:\n  - {step}\n{more}"


@pytest.mark.parametrize("path", BUILT_IN, ids=lambda path: path.stem)
def test_the_built_in_ones_have_no_error(path):
    assert checking.check(path.read_text()).errors == []


def test_a_definition_with_everything_has_no_error_and_every_default():
    checked = checking.check(FULL)
    assert checked.errors == []
    found = steps.by_id(checked.body)
    assert all(
        {"id", "kind", "title", "title_ml", "when", "on_error", "on_timeout", "sla"} <= step.keys()
        for step in found.values()
    )
    review = found["review"]
    assert (review["quorum"], review["delegate"], review["bound_to_version"], review["mail"]) == (1, True, True, False)
    assert review["outcomes"][0] == {
        "key": "approved", "title": "Approved", "title_ml": "", "comment": "optional", "veto": False, "shortcut": "a",
    }  # fmt: skip
    assert (found["both"]["join"], found["both"]["others"]) == ({"at_least": 1}, "finish")
    assert found["rounds"]["title"] is None
    assert checked.body["sla"]["calendar"] == "office"
    json.dumps(checked.body)


def test_a_small_definition_asks_for_approval_or_rejection():
    body = checking.check(SMALL).body
    assert [(one["key"], one["comment"], one["veto"]) for one in body["steps"][0]["outcomes"]] == [
        ("approved", "optional", False),
        ("rejected", "required", True),
    ]


def test_steps_are_walked_with_their_paths_and_parents():
    placed = {one.step["id"]: (one.path, one.parent) for one in steps.walk(checking.check(FULL).body)}
    assert placed["sorry"] == (("steps", 0, "on_error", "steps", 0), "find")
    assert placed["beside"] == (("steps", 3, "steps", 0, "sla", "ladder", 0, "steps", 0), "review")
    assert placed["hear"] == (("steps", 4, "branches", 1, "steps", 0), "both")
    assert placed["finish"] == (("steps", 7), None)


def test_json_is_read_like_yaml():
    body = checking.check(FULL).body
    source = (
        '{"key": "small", "title": "A small one",\n\t"steps": [{"id": "finish", "kind": "end", "outcome": "over"}]}'
    )
    assert checking.check(source).body["steps"][0]["outcome"] == "over"
    assert body is not None


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("key: [", 2, "This is no YAML"),
        ("- a", 1, "A definition is a map."),
        ("key: a\nkey: b\n", 2, "“key” stands here twice (first in line 1)."),
        ("key: &x {a: *x}\n", 1, "The alias *x cannot be used here."),
        ("key: !!python/name:os.system a\n", 1, "The tag"),
        ("key: a\n---\nkey: b\n", 2, "There is a second document in the text."),
        ("a: " + "[" * 70 + "]" * 70, 1, "too large or nested too deep"),
        ("a: x\n" * 60_000, 1, "200,000 are the most"),
        ("key: a\n<<: {title: b}\n", 2, "Maps are not merged here."),
        (HEAD, 1, "“steps” is missing."),
        ("key: Bad Key\ntitle: x\nsteps: [{id: a, kind: end, outcome: b}]", 1, "“Bad Key” cannot stand here."),
        (HEAD + "tittle: x\nsteps: [{id: a, kind: end, outcome: b}]", 3, "“tittle” is not known here. Did you mean “title"),
        (HEAD + "category: urgent\nsteps: [{id: a, kind: end, outcome: b}]", 3, "“category” cannot be “urgent”."),
        (HEAD + "variables: {a: {type: strng}}\nsteps: [{id: a, kind: end, outcome: b}]", 3, "Did you mean “string”?"),
        (one_step("{id: a, kind: humn}"), 4, "“kind” cannot be “humn”. Did you mean “human”?"),
        (one_step("{kind: end, outcome: a}"), 4, "“id” is missing."),
        (one_step("{id: a, kind: choice, options: [{when: 1 == 1, steps: []}]}"), 4, "Say what happens when no option"),
        (one_step("{id: a, kind: human, candidates: []}"), 4, "“candidates” needs at least 1; there are none."),
        (one_step("{id: a, kind: repeat, until: true == true, most: 200, steps: [{id: b, kind: timer, wait: 1 hours}]}"),
         4, "It has to be at least 1 and at most 100."),
        (one_step("{id: a, kind: foreach, as: x, items: '[1]', most: 201, steps: [{id: b, kind: timer, wait: 1 hours}]}"),
         4, "at most 200"),
        (one_step("{id: a, kind: timer, wait: 3}"), 4, 'Put it into quotation marks: "3".'),
        (one_step("{id: a, kind: end, outcome: b, sla: {}}"), 4, "“sla” is not known here."),
        (one_step("{id: a, kind: human, candidates: [{uploader: true}], outcomes: [{key: b, shortcut: ab}]}"), 4,
         "Use one letter a-z or digit."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_or_has_not_the_shape(text, line, sentence):
    problems = said(text)
    assert any(at == line and level == "error" and sentence in told for at, level, told in problems), problems
    assert checking.check(text).body is None


HUMAN = "{id: a, kind: human, candidates: [{department: operations, role: reviewer}]"


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        # flow
        (one_step("{id: a, kind: timer, wait: 1 hours}\n  - {id: a, kind: timer, wait: 1 hours}"), 5, "id “a” (line 4)"),
        (one_step("{id: a, kind: end, outcome: x}\n  - {id: b, kind: timer, wait: 1 hours}"), 5, "“b” is never reached"),
        (one_step("{id: a, kind: choice, options: [{when: 1 == 1, steps: [{id: c, kind: end, outcome: x}]}], otherwise: "
                  "{steps: [{id: d, kind: end, outcome: x}]}}\n  - {id: b, kind: timer, wait: 1 hours}"), 5, "never reached"),
        (one_step("{id: a, kind: parallel, join: {at_least: 3}, branches: [{steps: []}, {steps: []}]}"), 4,
         "It waits for 3 branches, and there are 2."),
        (one_step("{id: a, kind: timer}"), 4, "A timer waits for a duration or until a moment."),
        (one_step("{id: a, kind: subflow, definition: tried}"), 4, "A definition cannot run itself"),
        (one_step("{id: a, kind: compensate, of: [b]}"), 4, "There is no step “b”."),
        (one_step("{id: b, kind: service, call: term.find}\n  - {id: a, kind: compensate, of: [b]}"), 5, "nothing to undo"),
        (one_step("{id: a, kind: foreach, items: '[1]', as: vars, steps: [{id: b, kind: timer, wait: 1 hours}]}"), 4,
         "The name “vars” is taken."),
        (one_step("{id: a, kind: foreach, items: '[1]', as: x, steps: [{id: b, kind: foreach, items: '[1]', as: y, steps: "
                  "[{id: c, kind: timer, wait: 1 hours}]}]}"), 4, "run up to 40,000 times"),
        (one_step(HUMAN + ", outcomes: [{key: x, shortcut: j}]}"), 4, "The key “j” means next on the review screen."),
        (one_step(HUMAN + ", outcomes: [{key: x, shortcut: c}]}"), 4, "means the comment"),
        (one_step(HUMAN + ", outcomes: [{key: x, shortcut: a}, {key: y, shortcut: a}]}"), 4, "“x” has the key “a” too."),
        (one_step(HUMAN + ", outcomes: [{key: x}, {key: x}]}"), 4, "There is another outcome “x”."),
        (one_step(HUMAN + ", form: [{name: x, type: choice}]}"), 4, "a choice and its choices belong together"),
        (HEAD + "triggers:\n  - {on: schedule}\nsteps: [" + HUMAN + "}]", 4, "A schedule says how often"),
        (HEAD + "triggers:\n  - {on: manual, every: 1 days}\nsteps: [" + HUMAN + "}]", 4, "belongs to a schedule"),
        # people
        (one_step("{id: a, kind: human, candidates: [{department: operations, role: clerk}]}"), 4, "Clerks decide nothing"),
        (one_step("{id: a, kind: human, candidates: [{department: operations}]}"), 4, "belong together"),
        (one_step("{id: a, kind: human, candidates: [{uploader: true, user: x}]}"), 4, "who in one way"),
        (one_step(HUMAN + ", quorum: all}"), 4, "“all” needs people by name"),
        (one_step("{id: a, kind: human, candidates: [{user: x}], quorum: 2}"), 4, "2 have to agree, and 1 may decide."),
        (one_step(HUMAN + ", exclude: [{decided: b}]}"), 4, "There is no step “b”."),
        (one_step(HUMAN + ", exclude: [{decided: b}]}\n  - {id: b, kind: human, candidates: [{uploader: true}]}"), 4,
         "“b” comes only after this step."),
        (one_step("{id: b, kind: timer, wait: 1 hours}\n  - " + HUMAN + ", exclude: [{decided: b}]}"), 5, "Nobody decides “b”"),
        # time
        (one_step("{id: a, kind: timer, wait: 3 fortnights}"), 4, "Use seconds, minutes, hours, days or weeks."),
        (one_step(HUMAN + ", due: soon}"), 4, "“soon” is not a duration."),
        (one_step(HUMAN + ", on_timeout: {after: 2}}").replace("after: 2", "after: 2 x"), 4, "“x” is no unit of time"),
        (one_step(HUMAN + ", sla: {target: 2 days, ladder: [{after: half, do: notify, to: [{uploader: true}]}]}}"), 4,
         "neither a share nor a duration"),
        (one_step(HUMAN + ", sla: {target: 2 days, ladder: [{after: 90 %, do: notify, to: [{uploader: true}]}, "
                  "{after: 50 %, do: notify, to: [{uploader: true}]}]}}"), 4, "not higher than the one before"),
        (one_step(HUMAN + ", sla: {target: 2 days, ladder: [{after: 90 %, do: notify}]}}"), 4, "“to” has to be there"),
        (one_step(HUMAN + ", sla: {target: 2 days, pause_while: [b]}}"), 4, "There is no step “b”."),
        (one_step(HUMAN + "}", "sla: {target: 2 days, ladder: [{after: 90 %, do: path, steps: [{id: b, kind: timer, "
                  "wait: 1 hours}]}]}"), 5, "A path beside runs only from a step's sla."),
        # calls and variables
        (one_step("{id: a, kind: service, call: term.fnd}"), 4, "no action “term.fnd”. Did you mean “term.find”?"),
        (one_step("{id: a, kind: service, call: term.find, save: b}"), 4, "There is no variable “b”. Declare it"),
        (one_step("{id: a, kind: service, call: term.find, with: {nonsense: 1}}"), 4, "takes no nonsense"),
        (one_step("{id: a, kind: rule, rules: [{when: 1 == 1, set: {b: 1}}]}"), 4, "There is no variable “b”."),
        (one_step("{id: a, kind: rule, rules: [{when: 1 == 1, set: {b: x}}]}", "variables: {b: {type: number}}"), 4,
         "“b” is declared as number; this is none."),
        (one_step("{id: a, kind: timer, wait: 1 hours}", "variables: {b: {type: number, default: 1e30}}"), 5,
         "“b” is too large a number. The largest that is kept is 9007199254740991."),
        (one_step("{id: a, kind: service, call: repeat.find, with: {days: 100000}}"), 4, "days is at most 3660, not 100000."),
        (one_step("{id: a, kind: timer, wait: 1 hours}", "variables: {b: {type: integer, default: true}}"), 5, "as integer"),
        (one_step(HUMAN + ", form: [{name: x, type: date, save: b}]}", "variables: {b: {type: number}}"), 4,
         "A field of type date does not fit a variable of type number."),
        # expressions
        (one_step("{id: a, kind: timer, wait: 1 hours, when: vars.b == 1}"), 4, "There is no “vars.b”."),
        (one_step("{id: a, kind: timer, wait: 1 hours, when: document.typ == 'x'}"), 4, "Did you mean “type”?"),
        (one_step("{id: a, kind: timer, wait: 1 hours, when: document.page_count == '3'}"), 4, "a number with a text"),
        (one_step("{id: a, kind: timer, wait: 1 hours, when: document.page_count}"), 4, "wanted is true or false"),
        (one_step("{id: a, kind: timer, wait: 1 hours, when: event.x == 1}"), 4, "There is no “event” here."),
        (one_step("{id: a, kind: timer, wait: 1 hours, when: steps.b.outcome == ''}\n  - {id: b, kind: timer, wait: 1 hours}"),
         4, "“b”, which comes only after it"),
        (one_step("{id: a, kind: timer, wait: 1 hours, when: steps.a.outcome == ''}"), 4, "This looks at itself."),
        (one_step("{id: a, kind: foreach, items: '1 + 1', as: x, steps: [{id: b, kind: timer, wait: 1 hours}]}"), 4,
         "This gives a number; wanted is a list."),
        (one_step(HUMAN + ", form: [{name: how, type: text}]}\n  - {id: b, kind: timer, wait: 1 hours, when: "
                  "steps.a.form.hw == 'x'}"), 5, "“a” has no field “hw”. Did you mean “how”?"),
        (HEAD + "triggers:\n  - {on: manual, when: vars.x == 1}\nsteps: [" + HUMAN + "}]", 4, "There is no “vars” here."),
    ],
)  # fmt: skip
def test_what_means_nothing(text, line, sentence):
    problems = said(text)
    assert any(at == line and level == "error" and sentence in told for at, level, told in problems), problems
    assert checking.check(text).body is None


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (one_step("{id: a, kind: human, candidates: [{department: operatons, role: reviewer}]}"), 4, "Did you mean “operations”"),
        (one_step("{id: a, kind: human, candidates: [{user: nobody}]}"), 4, "Nobody is called “nobody” now."),
        (one_step("{id: a, kind: subflow, definition: absent}"), 4, "No definition “absent” is published now."),
        (one_step(HUMAN + ", sla: {target: 2 days, calendar: offic}}"), 4, "There is no calendar “offic” now."),
        (one_step(HUMAN + "}\n  - {id: b, kind: timer, wait: 1 hours, when: steps.a.outcome == 'aproved'}"), 5,
         "steps.a.outcome is never “aproved”. Did you mean “approved”?"),
        (one_step("{id: a, kind: timer, wait: 1 hours, when: \"document.type in ['directiv', 'tender']\"}"), 4,
         "document.type is never “directiv”. Did you mean “directive”?"),
    ],
)  # fmt: skip
def test_what_may_change_is_a_warning_and_keeps_nobody_from_publishing(text, line, sentence):
    problems = said(text)
    assert any(at == line and level == "warning" and sentence in told for at, level, told in problems), problems
    assert checking.check(text).body is not None


def test_an_expression_is_pointed_at_where_it_is_wrong():
    text = one_step("{id: a, kind: timer, wait: 1 hours, when: 1 == 1 && document.typ == 'x'}")
    (problem,) = checking.check(text).problems
    line = text.split("\n")[problem.line - 1]
    assert line[problem.column - 1 :].startswith("document.typ")
    assert problem.path == "steps[0].when"


def test_a_step_in_a_repeat_may_look_at_what_comes_after_it_the_last_time():
    text = one_step(
        "{id: r, kind: repeat, until: steps.b.outcome == 'approved', steps: [{id: x, kind: timer, wait: 1 hours, when: "
        "steps.b.outcome == 'rejected'}, {id: b, kind: human, candidates: [{department: legal, role: reviewer}]}]}"
    )
    assert checking.check(text).errors == []


def test_a_circle_of_subflows_is_found_before_it_is_published(administrator):
    first = one_step("{id: a, kind: subflow, definition: second}")
    second = one_step("{id: a, kind: subflow, definition: tried}").replace("key: tried", "key: second")
    publishing.publish(key="tried", source=first, by=administrator)
    (problem,) = [one for one in publishing.problems_of(second) if one.level == "error"]
    assert (problem.line, problem.message) == (4, "The subflows run in a circle: second → tried → second.")


def test_the_schema_is_a_valid_schema_and_names_every_kind():
    found = schema.of_definitions()
    assert {f"step_{kind}" for kind in steps.KINDS} <= found["$defs"].keys()
    json.dumps(found)
