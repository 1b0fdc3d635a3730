"""Answers that need no evaluation of their own are those that an evaluation gives."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workflows import conditions
from workflows.conditions import ConditionFailed, Guarded
from workflows.expressions.measuring import plain

SEARCHES = (
    'document.head.contains("rail")',
    'document.head.contains("rail") || document.head.contains("സുരക്ഷ")',
    '!document.head.startsWith("re:") && (document.head.endsWith("end") || !document.head.contains(""))',
    'document.head.contains("r\\"a") || document.head.contains("rail")',
    'document.head.contains("rail") || document.type.contains("rail")',
    'document.head.contains("rail") || document.head.matches("r.il")',
)
TRUTHS = (
    'document.type == "invoice"',
    'document.type in ["invoice", "job_card"]',
    "document.amount > 1",
    "document.amount == document.type",
    'document.amount > 1 && !("flag" in document.flags)',
    "has(document.amount) && document.amount * 2 >= 2.5",
    "document.flags.exists(flag, flag == document.type)",
)
WORDS = st.sampled_from(["", "rail", "re: rails end", "സുരക്ഷ", 'r"a', 'r\\"a', "Rail", "invoice", "\ud800", "x" * 300])
SCALARS = st.one_of(
    st.sampled_from([0, 1, 2, True, False, None, 1.0, 2.0, -0.0, math.nan, math.inf, 2**70]), WORDS, st.integers()
)
NAMES = st.fixed_dictionaries(
    {}, optional={"head": WORDS | SCALARS, "type": SCALARS, "amount": SCALARS, "flags": st.lists(SCALARS, max_size=3)}
)


def evaluated(text: str, document: dict) -> tuple[str, object]:
    """By the library, without any short cut."""
    program = conditions._program(text)
    try:
        taken = Guarded({"document": document}).taken(text, program.uses)
        conditions._refuse_costly(program, taken)
        return "gives", plain(conditions._given(program, taken.held), text)
    except ConditionFailed as failed:
        return failed.code, failed.sentence


def answered(text: str, document: dict) -> tuple[str, object]:
    try:
        return "gives", conditions.value(text, {"document": document})
    except ConditionFailed as failed:
        return failed.code, failed.sentence


@given(st.sampled_from(SEARCHES + TRUTHS), NAMES)
@example(SEARCHES[0], {"head": "a rail\x00"})
@example(TRUTHS[2], {"amount": math.nan})
def test_every_answer_is_the_evaluations(text, document):
    assert repr(answered(text, document)) == repr(evaluated(text, document)) == repr(answered(text, document))


@given(st.lists(NAMES, min_size=2, max_size=4), st.sampled_from(TRUTHS))
def test_what_another_document_had_answers_only_for_the_very_same(documents, text):
    for document in documents:
        assert repr(answered(text, document)) == repr(evaluated(text, document))


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0.0, -0.0), ("1", 1), (None, False), (math.nan, 0)])
def test_values_that_python_takes_for_equal_are_told_apart(one, other):
    first, second = (
        conditions._exactly(Guarded({"vars": {"v": v}}).taken("", (("vars", None),))) for v in (one, other)
    )
    assert first != second


def test_a_search_does_not_ask_the_library(monkeypatch):
    def never(*given: object) -> None:
        raise AssertionError("The library was asked.")

    monkeypatch.setattr(conditions, "_run", never)
    assert answered(SEARCHES[1], {"head": "of rails"}) == ("gives", True)
    with pytest.raises(AssertionError):
        answered(SEARCHES[5], {"head": "of rails"})


def test_a_condition_is_evaluated_once_for_documents_that_look_alike(monkeypatch):
    asked = []
    run = conditions._run
    monkeypatch.setattr(conditions, "_run", lambda program, seen: asked.append(seen) or run(program, seen))
    for title in ("one", "two", "three"):
        document = {"title": title, "type": "never seen before"}
        assert answered(TRUTHS[0], document) == ("gives", False)
    assert len(asked) == 1


def test_an_expression_that_costs_much_is_refused_however_few_values_it_sees():
    text = "vars.l.all(a, size(vars.l.filter(b, b != a)) > 0)"
    with pytest.raises(ConditionFailed) as failed:
        conditions.value(text, {"vars": {"l": list(range(62))}})
    assert failed.value.code == "too_costly"
    assert conditions.value(text, {"vars": {"l": [1, 2]}}) is True
