"""What a run begins with: whole numbers that JSON keeps whole."""

import pytest

from workflows.variables import BadVariables, begin_with

KINDS = {"n": {"type": "number"}, "i": {"type": "integer"}}


@pytest.mark.parametrize("name", ["n", "i"])
@pytest.mark.parametrize("value", [2**53, -(2**53), 2**63, 10**40, 1e30, float("inf"), float("nan")])
def test_what_json_does_not_keep_is_refused(name, value):
    with pytest.raises(BadVariables):
        begin_with(KINDS, {name: value})


def test_the_largest_is_kept():
    assert begin_with(KINDS, {"n": 2**53 - 1, "i": 1 - 2**53}) == {"n": 2**53 - 1, "i": 1 - 2**53}
