"""What expressions saw: the values of the names that they read, to be kept beside what came of them.

Bounded, and without secrets: a value whose name speaks of one is hidden. Of a document's first words only the answers
to what was asked of them are kept (`document.head.contains("circular")`), not the words.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

from workflows import conditions
from workflows.conditions import BadCondition, ConditionFailed
from workflows.engine.values import plain, size

VALUES_MOST = 20  # of one rule
LONGEST = 200  # characters of one value
LARGEST = 32 * 1024  # bytes of JSON, of all rules together
SECRETS = (
    "password", "passwd", "secret", "token", "api_key", "apikey", "private_key", "authorization", "cookie",
    "credential",
)  # fmt: skip
HIDDEN = "•••"
HEAD = ("document", "head")


def by(held: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    """What the expressions in this part of a body saw of these names: as `Sight.by`."""
    return Sight(names).by(held)


class Sight:
    """What several expressions see of the same names: each value is looked up once."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._known: dict[str, Any] = {}

    def by(self, held: Any) -> dict[str, Any]:
        """Name → value of what the expressions in this part of a body read: `document.type`, `event.version`, … What
        is not there is null; what is long is cut to its beginning."""
        found: dict[str, Any] = {}
        for text in texts(held):
            paths, asked = _reads(text)
            for name, path in paths:
                if path[0] in self._names and len(found) < VALUES_MOST:
                    if name not in self._known:
                        self._known[name] = _shown(self._names, path)
                    found[name] = self._known[name]
            for call in asked:
                if len(found) < VALUES_MOST:
                    if call not in self._known:
                        self._known[call] = _answer(call, self._names)
                    found[call] = self._known[call]
        return found


def bounded(kept: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """The values of several rules, in order, as far as they may be kept together; None for those beyond."""
    left = LARGEST
    fitting: list[dict[str, Any] | None] = []
    for values in kept:
        left -= size(values)
        fitting.append(values if left >= 0 else None)
    return fitting


def texts(held: Any) -> Iterator[str]:
    """The expressions in this part of a body: a condition itself, and every `{expr: …}` below."""
    if isinstance(held, str):
        yield held
    elif isinstance(held, Mapping) and held.keys() == {"expr"}:
        yield str(held["expr"])
    elif isinstance(held, Mapping | list):
        for inner in held.values() if isinstance(held, Mapping) else held:
            if not isinstance(inner, str):
                yield from texts(inner)


@lru_cache(maxsize=2_000)
def _reads(text: str) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]:
    """The paths that an expression reads, by name, and what it asks of the first words; nothing for what is none."""
    try:
        paths = dict.fromkeys(path for path, _at in conditions.paths(text))
        return tuple((".".join(path), path) for path in paths if path[:2] != HEAD), tuple(conditions.asked(text, HEAD))
    except BadCondition:
        return (), ()


def _answer(call: str, names: Mapping[str, Any]) -> Any:
    try:
        return plain(conditions.value(call, names))
    except ConditionFailed:
        return None


def _shown(names: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    held: Any = names
    for name in path:
        if _is_secret(name):
            return HIDDEN
        held = held.get(name) if isinstance(held, Mapping) else None
    if path == HEAD[:1] and isinstance(held, Mapping):
        held = {name: inner for name, inner in held.items() if name != HEAD[1]}
    held = plain(held)
    if isinstance(held, dict | list):
        held = _without_secrets(held)
        said = orjson.dumps(held).decode()
    else:
        said = held if isinstance(held, str) else ""
    return held if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def _without_secrets(held: Any) -> Any:
    if isinstance(held, Mapping):
        return {name: HIDDEN if _is_secret(name) else _without_secrets(inner) for name, inner in held.items()}
    return [_without_secrets(inner) for inner in held] if isinstance(held, list) else held


@lru_cache(maxsize=1_000)
def _is_secret(name: str) -> bool:
    said = name.casefold()
    return any(word in said for word in SECRETS)
