"""Defaults of forms when people are asked: settled once, of the field's type, and never in the way of the task."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from accounts import history
from accounts.rights import rights_of
from tests.workflows.people.conftest import fresh, new_version, run_of
from tests.workflows.running.conftest import folded
from workflows import approvals, clock, presentation, superseding
from workflows.models import Decision, HumanTask

VARIABLES = {
    "day": {"type": "date", "default": "2026-12-24"},
    "found": {"type": "map", "default": {"date": "2026-12-01", "amount": 118000.0}},
    "kept": {"type": "number"},
}
NIGHT = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)  # half past one of the 28th here


def form(*fields: str) -> str:
    return f"form: [{', '.join(fields)}]"


def field(kind: str, default: str, more: str = "", name: str = "field") -> str:
    return f"{{name: {name}, type: {kind}{more}, default: {default}}}"


def default_of(task: HumanTask):
    return task.form[0]["default"]


@pytest.mark.parametrize(
    ("kind", "default", "held"),
    [
        ("text", "as agreed", "as agreed"),
        ("boolean", "false", False),
        ("integer", "0", 0),
        ("date", "{expr: vars.day}", "2026-12-24"),
        ("date", "{expr: vars.found.date}", "2026-12-01"),
        ("number", "{expr: vars.found.amount}", 118000),
        ("number", "{expr: document.facts.total}", 5),
        ("text", "{expr: document.facts.total}", "5"),
        ("integer", "{expr: document.version}", 1),
        ("date", "{expr: document.uploaded_at}", "2026-11-28"),  # of the day here
        ("text", "{expr: steps.review.outcome}", None),
    ],
)
def test_it_is_there_when_the_task_is_opened(ask, paper, kind, default, held):
    paper.newest.facts = {"total": {"value": 5}}
    paper.newest.save(update_fields=["facts"])
    paper.uploaded_at = NIGHT
    paper.save(update_fields=["uploaded_at"])
    task = ask(form(field(kind, default)), variables=VARIABLES)
    assert default_of(task) == held
    assert "left_empty" not in history.of("workflow", task.instance_id).get(action="task_opened").after


def test_today_is_the_day_here_and_can_be_reckoned_with(ask):
    later = field("date", "{expr: 'today + duration(\"360h\")'}", name="later")
    with clock.at(NIGHT):
        task = ask(form(field("date", "{expr: today}"), later))
    assert [one["default"] for one in task.form] == ["2026-11-28", "2026-12-13"]


@pytest.mark.parametrize(
    ("kind", "default", "why"),
    [
        ("date", "{expr: vars.found.nothing}", "which is not there"),
        ("date", "{expr: 'vars.found.amount'}", "Write a date here"),
        ("date", "{expr: '\"as soon as possible\"'}", "Write a date here"),
        ("choice", "{expr: '\"by pigeon\"'}", "Choose one of: by post."),
        ("number", "{expr: document.metadata}", "Write a number here."),
        ("number", "{expr: 1 / (document.version - 1)}", "gives no answer"),
    ],
)
def test_a_broken_one_leaves_the_field_empty_and_the_task_there(ask, reviewer, kind, default, why):
    more = ", choices: [by post]" if kind == "choice" else ""
    task = ask(form(field(kind, default, more)), variables=VARIABLES)
    assert (task.state, default_of(task), run_of(task).status) == ("open", None, "running")
    said = history.of("workflow", task.instance_id).get(action="task_opened").after["left_empty"]
    assert list(said) == ["field"] and why in said["field"]
    approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))
    assert run_of(task).status == "finished"
    assert folded(run_of(task)) == run_of(task).state


def test_what_changes_afterwards_changes_nothing_until_it_is_asked_anew(ask, paper, clerk):
    paper.newest.facts = {"total": {"value": 5}}
    paper.newest.save(update_fields=["facts"])
    task = ask(form(field("number", "{expr: document.facts.total}")))
    paper.newest.facts = {"total": {"value": 6}}
    paper.newest.save(update_fields=["facts"])
    assert default_of(fresh(task)) == 5
    version = new_version(paper, clerk)
    version.facts = {"total": {"value": 7}}
    version.save(update_fields=["facts"])
    with transaction.atomic():
        superseding.close_old([paper.pk])
    assert default_of(HumanTask.objects.get(state="open")) == 7


def test_the_api_tells_it_and_takes_what_is_sent(ask, reviewer):
    task = ask(form(field("number", "{expr: vars.found.amount}", ", save: kept")), variables=VARIABLES)
    told = presentation.task_as_json(task, rights_of(reviewer))["form"]
    assert [(one["name"], one["default"]) for one in told] == [("field", 118000)]
    approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))
    assert Decision.objects.get().form == {"field": None}
    assert run_of(task).state["vars"]["kept"] is None


def test_a_task_from_before_has_none(ask, reviewer):
    task = ask(form("{name: field, type: text}"))
    HumanTask.objects.filter(pk=task.pk).update(form=[{"name": "field", "type": "text"}])
    told = presentation.task_as_json(fresh(task), rights_of(reviewer))["form"]
    assert told == [{"name": "field", "type": "text", "default": None}]


def test_many_at_once_take_their_defaults_and_those_without_are_refused_by_name(ask, reviewer):
    amount = "{{name: amount, title: Amount, type: number, required: true{}, save: kept}}"
    known = ask(form(amount.format(", default: {expr: vars.found.amount}")), key="a", variables=VARIABLES)
    unknown = ask(form(amount.format(", default: {expr: vars.found.nothing}")), key="b", variables=VARIABLES)
    ids = [known.pk, unknown.pk]
    results = approvals.complete_many(task_ids=ids, outcome="approved", by=reviewer, rights=rights_of(reviewer))
    assert [one.refusal is None for one in results] == [True, False]
    assert Decision.objects.get().form == {"amount": 118000}
    assert run_of(known).state["vars"]["kept"] == 118000
    told = presentation.results_as_json(results)["results"][1]
    assert (told["code"], told["errors"]) == ("bad_decision", {"amount": ["This has to be filled in."]})


def test_rounds_ask_anew_with_what_was_said_before(ask, reviewer):
    steps = """
- id: rounds
  kind: repeat
  most: 3
  until: steps.review.outcome == "approved"
  steps:
    - id: review
      kind: human
      candidates: [{department: operations, role: reviewer}]
      outcomes: [{key: approved}, {key: again}]
      form:
        - name: sure
          type: boolean
          default: {expr: "steps.review.round > 0 ? steps.review.form.sure : null"}
"""
    task = ask(steps=steps)
    assert default_of(task) is None
    rights = rights_of(reviewer)
    approvals.complete(task_id=task.pk, outcome="again", form={"sure": "yes"}, by=reviewer, rights=rights)
    assert default_of(HumanTask.objects.get(state="open")) is True
    opened = history.of("workflow", task.instance_id).filter(action="task_opened")
    assert ["left_empty" in one.after for one in opened] == [False, False]


def test_days_go_by_and_the_task_keeps_the_day_on_which_it_was_asked(ask):
    task = ask(form(field("date", "{expr: today}")))
    asked = default_of(task)
    with clock.at(clock.now() + timedelta(days=3)):
        assert default_of(fresh(task)) == asked
