"""Conditions of definitions in words: what a drawing says instead of CEL.

A condition is said as a whole or not at all: who reads half of one reads another. What no sentence stands for here
(arithmetic, patterns, macros, names that nobody knows) stays as it is written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kmrl.pages import due, flow_words
from kmrl.pages.condition_names import Names, Unsaid, quoted
from workflows.drawing.words import Say
from workflows.expressions.grammar import Node, parse
from workflows.expressions.kinds import path_of
from workflows.expressions.tokens import BadCondition

COMPARED = {
    "==": gettext_lazy("{what} is {value}"),
    "!=": gettext_lazy("{what} is not {value}"),
    "<": gettext_lazy("{what} is less than {value}"),
    "<=": gettext_lazy("{what} is at most {value}"),
    ">": gettext_lazy("{what} is more than {value}"),
    ">=": gettext_lazy("{what} is at least {value}"),
}
OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
TURNED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
"""The sign that says the same when the two sides change places."""
EMPTY = {"==": gettext_lazy("{what} is empty"), "!=": gettext_lazy("{what} is not empty")}
UNSET = {"==": gettext_lazy("{what} has no value"), "!=": gettext_lazy("{what} has a value")}
THERE = {"==": gettext_lazy("{what} is there"), "!=": gettext_lazy("{what} is not there")}
AMONG = {"==": gettext_lazy("{what} is one of {values}"), "!=": gettext_lazy("{what} is none of {values}")}
HOLDS = {"==": gettext_lazy("{what} contains {value}"), "!=": gettext_lazy("{what} does not contain {value}")}
METHODS = {
    "contains": HOLDS,
    "startsWith": {
        "==": gettext_lazy("{what} begins with {value}"),
        "!=": gettext_lazy("{what} does not begin with {value}"),
    },
    "endsWith": {
        "==": gettext_lazy("{what} ends with {value}"),
        "!=": gettext_lazy("{what} does not end with {value}"),
    },
}
"""Each by whether it has to be so (`==`) or must not (`!=`)."""
JOINED = {"&&": gettext_lazy("{one} and {other}"), "||": gettext_lazy("{one} or {other}")}
GATHERED = {"||": "==", "&&": "!="}
"""Which comparisons of one thing with several values are said at once: one of these, none of these."""


def of(body: dict[str, Any]) -> Say:
    """How a drawing of this definition says its conditions and values; each answers nothing where words fail."""
    names = Names.of(body)
    walk = _Walk(names)
    return Say(
        condition=lambda text: _said(text, lambda node: walk.truth(_affirmed(node))),
        value=lambda text: _said(text, names.of_node),
        department=names.department,
        length=due.length,
    )


def _said(text: str, by: Callable[[Node], str]) -> str:
    try:
        return by(parse(text))
    except (BadCondition, Unsaid):
        return ""


@dataclass(frozen=True)
class _Walk:
    names: Names

    def truth(self, node: Node, sign: str = "==") -> str:
        """What has to be true, in words; with `!=` what must not be. Raises Unsaid."""
        if node.op == "!":
            return self.truth(node.args[0], OPPOSITES[sign])
        if node.op in JOINED:
            return self._joined(node, sign)
        if node.op in COMPARED:
            return self._compared(node, node.op if sign == "==" else OPPOSITES[node.op])
        if node.op == "in":
            return self._among(node.args[0], node.args[1], sign)
        if node.op == "has":
            return self._there(node.args[0], sign)
        if node.op == "method" and node.name in METHODS:
            what, given = node.args
            return str(METHODS[node.name][sign]).format(what=self.names.of_node(what), value=self._text(what, given))
        if path_of(node):
            said = quoted(flow_words.value(sign == "=="))
            return str(COMPARED["=="]).format(what=self.names.of_node(node), value=said)
        raise Unsaid

    def _joined(self, node: Node, sign: str) -> str:
        """And, or: brackets stand around what is joined in the other way, and around what is denied as a whole."""
        if gathered := self._gathered(node):
            return self._one_of(*gathered, OPPOSITES[GATHERED[node.op]] if sign == "!=" else GATHERED[node.op])
        first, *others = [self._part(part, node.op) for part in _parts(node, node.op)]
        for other in others:
            first = str(JOINED[node.op]).format(one=first, other=other)
        return first if sign == "==" else _("it is not so that ({said})").format(said=first)

    def _part(self, node: Node, within: str) -> str:
        said = self.truth(node)
        joined = node.op in JOINED and node.op != within and self._gathered(node) is None
        return f"({said})" if joined else said

    def _gathered(self, node: Node) -> tuple[Node, list[Node]] | None:
        """The thing and the values, where all of this compares one thing with several."""
        parts = list(_parts(node, node.op))
        if any(part.op != GATHERED[node.op] or part.args[1].op != "literal" for part in parts):
            return None
        if any(part.args[1].value in (None, "") for part in parts):
            return None
        first = path_of(parts[0].args[0])
        if first is None or any(path_of(part.args[0]) != first for part in parts):
            return None
        return parts[0].args[0], [part.args[1] for part in parts]

    def _compared(self, node: Node, sign: str) -> str:
        left, right = node.args
        if left.op in ("literal", "neg"):
            left, right, sign = right, left, TURNED[sign]
        ordered = sign not in EMPTY
        if right.op not in ("literal", "neg"):
            if ordered and not (self.names.kind(left) == self.names.kind(right) == "number"):
                raise Unsaid  # texts are ordered letter by letter: no word says that
            return self._put(sign, left, self._measured(right))
        held = _literal(right)
        if ordered and (isinstance(held, bool) or not isinstance(held, int | float)):
            raise Unsaid
        if held is None:
            return str(UNSET[sign]).format(what=self.names.of_node(left))
        if held == "":
            return str(EMPTY[sign]).format(what=self.names.of_node(left))
        return self._put(sign, left, self.names.value(left, held))

    def _put(self, sign: str, left: Node, value: str) -> str:
        return str(COMPARED[sign]).format(what=self._measured(left), value=value)

    def _measured(self, node: Node) -> str:
        """A thing, or how much is in it."""
        size = node.op == "call" or (node.op == "method" and len(node.args) == 1)
        if not (size and node.name == "size"):
            return self.names.of_node(node)
        said = {
            "list": _("the number of entries of {what}"),
            "map": _("the number of entries of {what}"),
            "text": _("the number of characters of {what}"),
        }.get(self.names.kind(node.args[0]) or "")
        if said is None:
            raise Unsaid
        return said.format(what=self.names.of_node(node.args[0]))

    def _among(self, what: Node, where: Node, sign: str) -> str:
        if where.op == "list":
            return self._one_of(what, list(where.args), sign)
        kind = self.names.kind(where)
        if kind == "map" and what.op == "literal" and isinstance(what.value, str):
            return self._there(Node("field", what.at, (where,), name=what.value), sign)
        if kind != "list":
            raise Unsaid
        if what.op == "literal":
            held = self.names.value(where, _literal(what))
            return str(HOLDS[sign]).format(what=self.names.of_node(where), value=held)
        return str(AMONG[sign]).format(what=self.names.of_node(what), values=self.names.of_node(where))

    def _one_of(self, what: Node, values: list[Node], sign: str) -> str:
        if not values:
            raise Unsaid
        said = ", ".join(dict.fromkeys(self.names.value(what, _literal(value)) for value in values))
        return str(AMONG[sign]).format(what=self.names.of_node(what), values=said)

    def _there(self, node: Node, sign: str) -> str:
        return str(THERE[sign]).format(what=self.names.of_node(node))

    def _text(self, what: Node, given: Node) -> str:
        held = _literal(given)
        if not isinstance(held, str) or not held:
            raise Unsaid
        return quoted(held)


def _parts(node: Node, op: str) -> Iterator[Node]:
    """What is joined by this sign, from left to right."""
    if node.op != op:
        yield node
        return
    for arg in node.args:
        yield from _parts(arg, op)


def _affirmed(node: Node) -> Node:
    """The same without denials of denials, which would hide how something is joined."""
    if node.op == "!" and node.args[0].op == "!":
        return _affirmed(node.args[0].args[0])
    return replace(node, args=tuple(map(_affirmed, node.args)))


def _literal(node: Node) -> Any:
    """A value as it was written. Raises Unsaid for what is none, and for signs that are written in code."""
    if node.op == "neg" and node.args[0].op == "literal" and isinstance(node.args[0].value, int | float):
        return -node.args[0].value
    if node.op != "literal" or (isinstance(node.value, str) and "\\" in node.value):
        raise Unsaid
    return node.value
