"""Values are kept as history keeps them, and what conditions looked at is shown."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import history
from workflows.engine import values
from workflows.engine.values import Trouble

HELD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(HELD)
def test_plain_is_what_history_keeps(held):
    assert repr(values.plain(held)) == repr(history.plain(held)) == repr(history.plain(values.plain(held)))


def test_inputs_are_the_names_with_their_values():
    names = {
        "vars": {"n": 1, "long": "x" * 500, "map": {"a": 2}},
        "document": {"facts": {"due": None}, "title": "Ab"},
        "one": 7,
    }
    texts = [
        'vars.n > 1 && vars.map["a"] == 2',
        'document.title.contains("vars.n") || has(document.facts.amount)',
        "one > 2",
    ]
    assert values.inputs(texts, names) == {"vars.n": 1, "vars.map.a": 2, "document.title": "Ab", "one": 7}
    assert values.inputs(["size(vars.long) > 1", "document.facts.due == null"], names) == {
        "vars.long": '"' + "x" * 198 + "…",
        "document.facts.due": None,
    }


@pytest.mark.parametrize(
    ("kind", "fits", "does_not"),
    [
        ("string", ["", "a"], [1, True, []]),
        ("number", [1, 1.5], ["1", True, float("inf"), 2**60]),
        ("integer", [1, 3.0], [1.5, "1", True]),
        ("boolean", [True, False], [0, "true"]),
        (
            "date",
            ["2026-11-05", "2026-11-05T10:00:00+05:30", date(2026, 11, 5), datetime(2026, 11, 5, tzinfo=UTC)],
            ["soon", 5],
        ),
        ("list", [[], [1]], [{}, "a"]),
        ("map", [{}, {"a": 1}], [[], "a"]),
    ],
)
def test_a_variable_takes_its_own_type_and_null(kind, fits, does_not):
    declared = {"v": {"type": kind}}
    for held in (None, *fits):
        assert values.typed(declared, "v", held) == values.plain(held)
    for held in does_not:
        with pytest.raises(Trouble) as caught:
            values.typed(declared, "v", held)
        assert caught.value.code == "wrong_type"


def test_expressions_are_filled_in_wherever_they_stand():
    names = {"vars": {"n": 2}}
    held = {"a": {"expr": "vars.n + 1"}, "list": [{"expr": "vars.n"}, 5], "expr": {"deep": {"expr": "vars.n"}}}
    assert values.filled(held, names, "x") == {"a": 3, "list": [2, 5], "expr": {"deep": 2}}
    assert values.entries([{"user": {"expr": "vars.n"}}, {"expr": "vars.n"}], names, "x") == [
        {"user": {"value": 2}},
        {"value": 2},
    ]
