"""Defaults of form fields: what is accepted, what is refused with line, reason and advice, that nothing loses them."""

import pytest
from jsonschema import Draft202012Validator

from accounts.models import Department
from tests.workflows.definitions.texts import BUILT_IN
from workflows.definitions import checking, comparing, exchange, schema, steps
from workflows.models import WorkCalendar

pytestmark = pytest.mark.django_db

WITH = """\
key: tried
title: Tried
variables: {{found: {{type: map}}, day: {{type: date}}, amount: {{type: number}}}}
steps:
  - id: review
    kind: human
    candidates: [{{department: legal, role: reviewer}}]
    form:
      - {{name: field, type: {type}{more}, default: {default}}}
"""
CHOICES = ", choices: [by post, by mail]"


@pytest.fixture(autouse=True)
def house(db):
    Department.objects.get_or_create(key="legal", defaults={"name": "Legal"})
    WorkCalendar.objects.get_or_create(key="office", defaults={"name": "Office"})


def with_default(kind: str, default: str) -> str:
    return WITH.format(type=kind, default=default, more=CHOICES if kind == "choice" else "")


def default_of(text: str):
    return checking.check(text).body["steps"][0]["form"][0]["default"]


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("text", "as agreed"),
        ("long_text", '"two\\nlines"'),
        ("number", "1.5"),
        ("integer", "3"),
        ("boolean", "false"),
        ("date", "2026-12-01"),
        ("choice", "by mail"),
        ("date", "{expr: vars.day}"),
        ("date", "{expr: vars.found.date}"),
        ("date", "{expr: 'today + duration(\"360h\")'}"),
        ("number", "{expr: document.facts.amount}"),
        ("integer", "{expr: document.page_count}"),
        ("boolean", "{expr: vars.amount > 5}"),
        ("text", "{expr: instance.started_by}"),
        ("boolean", "{expr: 'steps.review.outcome == \"\" ? null : true'}"),
    ],
)
def test_literals_and_expressions_of_the_fields_type_are_accepted(kind, default):
    text = with_default(kind, default).replace("steps.review", "steps.before")
    before = "steps:\n  - {id: before, kind: human, candidates: [{department: legal, role: reviewer}]}\n"
    assert [str(one) for one in checking.check(text.replace("steps:\n", before)).problems] == []


@pytest.mark.parametrize(
    ("kind", "default", "message", "advice"),
    [
        ("number", '"5"', "does not fit a field of type number", "without quotation marks"),
        ("integer", "1.5", "does not fit a field of type integer", "Write a whole number here."),
        ("text", "5", "does not fit a field of type text", "in quotation marks"),
        ("boolean", '"yes"', "does not fit a field of type boolean", "without quotation marks"),
        ("number", "true", "does not fit a field of type number", "without quotation marks"),
        ("date", "2026-13-01", "does not fit a field of type date", "Write a date here"),
        ("choice", "by pigeon", "does not fit a field of type choice", "by post, by mail"),
        ("date", "[]", "has to be a text or a number or true or false", "Leave it out"),
        ("date", "{after: 2 days}", "“after” is not known here", ""),
        ("date", "{expr: vars.amount}", "This gives a number; wanted is a text or a time.", "field of type date"),
        ("number", "{expr: vars.day}", "This gives a text; wanted is a number.", "field of type number"),
        ("text", "{expr: today}", "This gives a time; wanted is a text.", "field of type text"),
        ("date", "{expr: vars.dya}", "There is no “vars.dya”.", "Did you mean “day”?"),
        ("date", "{expr: event.date}", "There is no “event” here.", ""),
        ("text", "{expr: steps.review.comment}", "This looks at itself.", "Name a step that comes before."),
        ("date", "{expr: 'today + '}", "Here a value is missing; there is the end.", "Correct the expression."),
    ],
)
def test_others_are_refused_with_the_line_the_reason_and_what_to_do(kind, default, message, advice):
    errors = checking.check(with_default(kind, default)).errors
    [problem] = [one for one in errors if message in one.message]
    assert {one.line for one in errors} == {9}
    assert problem.advice and advice in problem.advice


def test_only_a_default_sees_today():
    text = with_default("date", "{expr: today}") + "    when: today.getFullYear() > 2020\n"
    [problem] = checking.check(text).errors
    assert (problem.line, problem.message) == (10, "There is no “today” here.")
    each = (
        "key: tried\ntitle: Tried\nsteps:\n  - id: each\n    kind: foreach\n    items: '[1]'\n    as: today\n"
        "    steps: [{id: rest, kind: timer, wait: 1 hours}]\n"
    )
    assert [one.message for one in checking.check(each).errors] == ["The name “today” is taken."]


def test_the_schema_knows_it():
    field = schema.of_definitions()["$defs"]["step_human"]["properties"]["form"]["items"]
    holds = Draft202012Validator({**field, "$defs": schema.of_definitions()["$defs"]})
    for default in ("x", 5, False, {"expr": "today"}):
        assert holds.is_valid({"name": "a", "type": "text", "default": default}), default
    for default in ([], {"expr": ""}, {"cel": "x"}, {"expr": "x", "more": 1}):
        assert not holds.is_valid({"name": "a", "type": "text", "default": default}), default


@pytest.mark.parametrize("default", ["false", "{expr: vars.amount > 5}"])
def test_export_and_import_keep_it(default):
    body = checking.check(with_default("boolean", default)).body
    assert body["steps"][0]["form"][0]["default"] is not None
    for said in (exchange.to_yaml(body), exchange.to_json(body)):
        assert "default" in said
        assert checking.check(said).body == body
    none = checking.check(with_default("boolean", "false").replace(", default: false", "")).body
    assert "default" not in exchange.to_yaml(none) and none["steps"][0]["form"][0]["default"] is None


def test_diff_tells_it():
    bodies = [checking.check(with_default("date", one)).body for one in ("2026-12-01", "{expr: vars.day}")]
    plain = checking.check(with_default("date", "2026-12-01").replace(", default: 2026-12-01", "")).body
    told = [[one.sentence for one in comparing.compare(*pair)] for pair in ((plain, bodies[0]), bodies, bodies[::-1])]
    assert told == [
        ["“review”: form[field].default is now “2026-12-01”."],
        ["“review”: form[field].default was “2026-12-01”, is now the value of vars.day."],
        ["“review”: form[field].default was the value of vars.day, is now “2026-12-01”."],
    ]


def test_the_built_in_ones_fill_in_what_is_known():
    found = {}
    for path in BUILT_IN:
        for step in steps.by_id(checking.check(path.read_text()).body).values():
            for field in step.get("form") or ():
                found[path.stem, field["name"]] = (field["default"] or {}).get("expr")
    assert found == {
        ("compliance", "answer_by"): "vars.answer_by != null ? vars.answer_by : vars.term.date",
        ("compliance", "acknowledge"): "steps.safety_review.round > 0 ? steps.safety_review.form.acknowledge : null",
        ("compliance", "answer"): None,
        ("standard", "amount"): "vars.total.amount",
        ("emergency", "report"): None,
    }
