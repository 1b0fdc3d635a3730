"""What kind of value each part of an expression gives, as far as that is certain; what can never be right is refused.

The library compares everything with everything (`"x" == 1` is false): here such a comparison is refused beforehand.
Kinds: number, text, truth, list, map, null, time, span; None where it is not known.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from workflows.expressions.grammar import Node
from workflows.expressions.tokens import BadCondition

SPOKEN = {
    "number": "a number", "text": "a text", "truth": "true or false", "list": "a list", "map": "a map",
    "null": "null", "time": "a time", "span": "a span of time",
}  # fmt: skip
_RESULTS = {
    "size": "number", "int": "number", "double": "number", "string": "text", "timestamp": "time", "duration": "span",
    "startsWith": "truth", "endsWith": "truth", "contains": "truth", "matches": "truth",
}  # fmt: skip
_MACRO_RESULTS = {"map": "list", "filter": "list"}
_TEXT_ONLY = ("startsWith", "endsWith", "contains", "matches")
_SIGNS = {
    "+": {("number", "number"): "number", ("text", "text"): "text", ("list", "list"): "list", ("time", "span"): "time",
          ("span", "span"): "span", ("span", "time"): "time"},
    "-": {("number", "number"): "number", ("time", "span"): "time", ("time", "time"): "span", ("span", "span"): "span"},
    "*": {("number", "number"): "number"},
    "/": {("number", "number"): "number"},
    "%": {("number", "number"): "number"},
}  # fmt: skip


def of_value(value: object) -> str:
    """The kind of a plain value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, Mapping):
        return "map"
    if isinstance(value, datetime | timedelta):
        return "time" if isinstance(value, datetime) else "span"
    return "list" if isinstance(value, list | tuple) else "text"


def path_of(node: Node) -> tuple[str, ...] | None:
    """The names of a plain path (`document.facts.amount`), or None where the node is something else."""
    if node.op == "name":
        return (node.name,)
    if node.op == "field":
        before = path_of(node.args[0])
        return (*before, node.name) if before else None
    return None


def kind_of(node: Node, types: Mapping[str, str], bound: frozenset[str] = frozenset()) -> str | None:
    """The kind that the node certainly gives. Raises BadCondition where parts can never fit together.

    `types` says the kinds of known paths (`"vars.amount": "number"`); `bound` are names that macros have given.
    """
    if node.op == "macro":
        return _macro(node, types, bound)
    kinds = [kind_of(arg, types, bound) for arg in node.args]
    if node.op == "literal":
        return of_value(node.value)
    if node.op in {"name", "field"}:
        return _path(node, types, bound, kinds)
    if node.op in {"list", "map"}:
        return node.op
    if node.op == "index":
        _want(kinds[0], ("list", "map"), node, "Only a list or a map has elements in […]")
        return None
    if node.op in {"!", "&&", "||"}:
        for arg, kind in zip(node.args, kinds, strict=True):
            _want(kind, ("truth",), arg, f"“{node.op}” joins what is true or false")
        return "truth"
    if node.op == "neg":
        _want(kinds[0], ("number", "span"), node, "Only a number can be negative")
        return kinds[0]
    if node.op == "?":
        _want(kinds[0], ("truth",), node.args[0], "Before “?” stands what is true or false")
        return kinds[1] if kinds[1] == kinds[2] else None
    if node.op in {"call", "method", "has"}:
        return _function(node, kinds)
    return _between(node, kinds[0], kinds[1])


def _path(node: Node, types: Mapping[str, str], bound: frozenset[str], kinds: list[str | None]) -> str | None:
    path = path_of(node)
    if path is not None and path[0] in bound:
        return None
    if kinds and kinds[0] not in {None, "map"}:
        raise BadCondition(f"{SPOKEN[kinds[0] or '']} has no “.{node.name}”: leave it out.".capitalize(), node.at)
    return types.get(".".join(path)) if path else None


def _macro(node: Node, types: Mapping[str, str], bound: frozenset[str]) -> str | None:
    _want(kind_of(node.args[0], types, bound), ("list", "map"), node, f"{node.name}() goes through a list or a map")
    inside = [kind_of(body, types, bound | {node.binder}) for body in node.args[1:]]
    if node.name != "map" or len(inside) == 2:
        _want(inside[0], ("truth",), node.args[1], f"{node.name}() asks for what is true or false")
    return _MACRO_RESULTS.get(node.name, "truth")


def _function(node: Node, kinds: list[str | None]) -> str | None:
    if node.op == "has":
        return "truth"
    if node.name in _TEXT_ONLY:
        for kind in kinds:
            _want(kind, ("text",), node, f"{node.name}() works on texts")
    if node.name == "size":
        _want(kinds[0], ("text", "list", "map"), node, "size() counts a text, a list or a map")
    if node.name.startswith("get"):
        _want(kinds[0], ("time",), node, f"{node.name}() works on a time: write timestamp(…).{node.name}()")
    return _RESULTS.get(node.name, "number")


def _between(node: Node, left: str | None, right: str | None) -> str | None:
    if node.op in {"==", "!="}:
        if left and right and "null" not in (left, right) and left != right:
            raise BadCondition(_never(left, right, node), node.at)
        return "truth"
    if node.op == "in":
        _want(right, ("list", "map"), node, "After “in” stands a list or a map")
        elements = {of_value(element.value) for element in node.args[1].args if element.op == "literal"}
        all_literal = node.args[1].op == "list" and all(element.op == "literal" for element in node.args[1].args)
        if left and left != "null" and elements and all_literal and left not in elements:
            raise BadCondition(_never(left, min(elements), node), node.at)
        return "truth"
    if node.op in {"<", "<=", ">", ">="}:
        for kind in (left, right):
            _want(kind, ("number", "text", "time", "span"), node, f"“{node.op}” orders numbers, texts and times")
        if left and right and left != right:
            raise BadCondition(_never(left, right, node), node.at)
        return "truth"
    return _sum(node, left, right)


def _sum(node: Node, left: str | None, right: str | None) -> str | None:
    table = _SIGNS[node.op]
    if left and right:
        if (left, right) not in table:
            raise BadCondition(
                f"“{node.op}” does not join {SPOKEN[left]} and {SPOKEN[right]}: change one with string() or double().",
                node.at,
            )
        return table[left, right]
    known = left or right
    if known and not any(known in pair for pair in table):
        raise BadCondition(f"“{node.op}” cannot be used on {SPOKEN[known]}.", node.at)
    return None


def _never(left: str, right: str, node: Node) -> str:
    hint = ""
    if {left, right} == {"number", "text"}:
        hint = " Write numbers without quotation marks, and texts with them."
    return f"This compares {SPOKEN[left]} with {SPOKEN[right]}, which can never be right.{hint}"


def _want(kind: str | None, allowed: tuple[str, ...], node: Node, rule: str) -> None:
    if kind is not None and kind not in allowed:
        raise BadCondition(f"{rule}; this is {SPOKEN[kind]}.", node.at)
