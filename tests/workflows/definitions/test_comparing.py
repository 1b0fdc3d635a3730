"""Differences as people read them."""

# ruff: noqa: E501 (texts of definitions stand in one line)

from tests.workflows.definitions.test_exchange import body_of
from tests.workflows.definitions.texts import FULL, SMALL
from workflows.definitions import comparing


def told(old: str, new: str) -> list[tuple[str, str, str]]:
    return [(change.kind, change.step, change.field) for change in comparing.compare(body_of(old), body_of(new))]


def sentences(old: str, new: str) -> list[str]:
    return [change.sentence for change in comparing.compare(body_of(old), body_of(new))]


def test_the_same_has_no_differences():
    assert comparing.compare(body_of(FULL), body_of(FULL)) == []


def test_what_is_added_and_removed_is_told_once():
    longer = SMALL + "  - {id: wait, kind: timer, title: Wait, wait: 1 hours}\n"
    assert told(SMALL, longer) == [("added", "wait", "")]
    assert sentences(SMALL, longer) == ["“Wait” is new in the main line, after “review”."]
    assert sentences(longer, SMALL) == ["“Wait” is gone."]


def test_changes_name_the_field_and_both_values():
    new = FULL.replace("due: 2 working days", "due: 3 working days").replace(
        "comment: required, veto: true", "veto: true"
    )
    assert sentences(FULL, new) == [
        "“Review”: outcomes[returned].comment was “required”, is now “optional”.",
        "“Review”: due was “2 working days”, is now “3 working days”.",
    ]


def test_what_belongs_to_the_definition_itself_is_told_first():
    new = FULL.replace("target: 5 working days", "target: 4 working days").replace(
        "amount: {type: number, default: 1.5}", "amount: {type: number}"
    )
    assert sentences(FULL, new) == [
        "sla.target was “5 working days”, is now “4 working days”.",
        "variables.amount.default is gone (it was 1.5).",
    ]  # fmt: skip


def test_a_step_that_changes_places_has_moved_and_the_others_have_not():
    steps = "  - {id: a, kind: timer, wait: 1 hours}\n", "  - {id: b, kind: timer, wait: 1 hours}\n"
    old, new = SMALL + "".join(steps), SMALL + "".join(reversed(steps))
    assert len(told(old, new)) == 1
    assert told(old, new)[0][0] == "moved"


def test_a_step_that_goes_into_a_branch_has_moved():
    step = "{id: a, kind: timer, wait: 1 hours}"
    rest = "{{id: c, kind: choice, options: [{{when: 1 == 1, title: Yes, steps: [{0}]}}], otherwise: {{steps: []}}}}"
    old = f"{SMALL}  - {step}\n  - {rest.format('')}\n"
    new = f"{SMALL}  - {rest.format(step)}\n"
    assert told(old, new) == [("moved", "a", "")]
    assert sentences(old, new) == ["“a” has moved from the main line to “Yes” of c."]


def test_a_branch_that_is_renamed_moves_nothing():
    rest = "{id: c, kind: choice, options: [{when: 1 == 1, title: Yes, steps: [{id: a, kind: timer, wait: 1 hours}]}], otherwise: {steps: []}}"
    old = f"{SMALL}  - {rest}\n"
    assert told(old, old.replace("title: Yes", "title: Sure")) == [("changed", "c", "options[1].title")]
