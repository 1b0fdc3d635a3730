"""What a socket's client may send: any frame is understood or refused by name."""

import json

from hypothesis import example, given
from hypothesis import strategies as some

from realtime import asking
from realtime.asking import ACTIONS, Asked, BadFrame, TooMany

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=8,
)
FIELDS = some.sampled_from(["after", "position", "topics", "topic", "token", "x"])


@given(action=some.sampled_from(sorted(ACTIONS)) | VALUES, more=some.dictionaries(FIELDS, VALUES, max_size=4))
@example(action=["resume"], more={})  # lists are not to be looked up in a set: it closed the socket without a word
@example(action={}, more={})
@example(action="resume", more={"after": 10**30})
def test_any_object_is_understood_or_refused(action, more):
    check(json.dumps({"action": action, **more}))


@given(some.text() | some.binary() | VALUES.map(json.dumps))
def test_so_is_anything_else(frame):
    check(frame)


def check(frame: str | bytes) -> None:
    try:
        understood = asking.read(frame)
    except (BadFrame, TooMany):
        return
    assert isinstance(understood, Asked) and understood.action in ACTIONS
