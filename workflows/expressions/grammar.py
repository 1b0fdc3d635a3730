"""CEL as definitions may use it, read into a tree: so that names, kinds and cost are known before the library runs it.

The library compiles and evaluates; this reader accepts less than CEL (no messages, bytes, comments or unknown
functions) and refuses what could crash the process or hold it up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from workflows.expressions.tokens import BadCondition, Word, words

DEEPEST = 24  # brackets, signs and choices within each other
MACROS_DEEP = 2
LIST_MOST = 100  # elements written out
OPERATORS_MOST = 120
MACROS = ("all", "exists", "exists_one", "filter", "map")
FUNCTIONS = {"size": 1, "int": 1, "double": 1, "string": 1, "timestamp": 1, "duration": 1}
METHODS = {
    "size": 0, "startsWith": 1, "endsWith": 1, "contains": 1, "matches": 1,
    "getFullYear": 0, "getMonth": 0, "getDate": 0, "getDayOfMonth": 0, "getDayOfWeek": 0, "getDayOfYear": 0,
}  # fmt: skip
RESERVED = frozenset(
    {"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
     "namespace", "null", "package", "return", "true", "var", "void", "while"}
)  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None}
_LEVELS = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))


@dataclass(frozen=True)
class Node:
    """`op`: literal, name, field, index, call, method, macro, has, list, map, !, neg, ?, or a sign between two.

    `name` is the name, field, function or macro, or a literal as it was written; `binder` what a macro calls its
    element (`args`: range, bodies).
    """

    op: str
    at: int
    args: tuple["Node", ...] = ()
    name: str = ""
    value: Any = None
    binder: str = ""

    def walk(self) -> Iterator["Node"]:
        """This node and all below it."""
        yield self
        for arg in self.args:
            yield from arg.walk()


def parse(text: str) -> Node:
    """The expression as a tree. Raises BadCondition with a sentence and a position."""
    return _Reader(words(text)).whole()


class _Reader:
    def __init__(self, found: list[Word]) -> None:
        self.words = found
        self.next = 0
        self.depth = self.macros = self.operators = 0

    @property
    def word(self) -> Word:
        return self.words[self.next]

    def whole(self) -> Node:
        node = self.choice()
        if self.word.kind != "end":
            raise BadCondition(f"“{self.word.text}” is not expected here.", self.word.at)
        return node

    def take(self, *signs: str) -> Word | None:
        if self.word.kind in {"sign", "name"} and self.word.text in signs:
            self.next += 1
            return self.words[self.next - 1]
        return None

    def need(self, sign: str) -> Word:
        found = self.take(sign)
        if found is None:
            there = f"“{self.word.text}”" if self.word.text else "the end"
            raise BadCondition(f"Here a “{sign}” is missing; there is {there}.", self.word.at)
        return found

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadCondition(f"The expression is nested more than {DEEPEST} deep: split it up.", self.word.at)

    def choice(self) -> Node:
        self.deeper()
        node = self.level(0)
        if sign := self.take("?"):
            yes = self.level(0)
            self.need(":")
            node = Node("?", sign.at, (node, yes, self.choice()))
        self.depth -= 1
        return node

    def level(self, number: int) -> Node:
        if number == len(_LEVELS):
            return self.unary()
        node = self.level(number + 1)
        while sign := self.take(*_LEVELS[number]):
            self.count(sign)
            node = Node(sign.text, sign.at, (node, self.level(number + 1)))
        return node

    def count(self, sign: Word) -> None:
        self.operators += 1
        if self.operators > OPERATORS_MOST:
            raise BadCondition(f"The expression has more than {OPERATORS_MOST} operators: split it up.", sign.at)

    def unary(self) -> Node:
        if sign := self.take("!", "-"):
            self.count(sign)
            self.deeper()
            node = Node("!" if sign.text == "!" else "neg", sign.at, (self.unary(),))
            self.depth -= 1
            return node
        return self.member()

    def member(self) -> Node:
        node, links = self.primary(), 0
        while sign := self.take(".", "["):
            links += 1
            if links > DEEPEST:
                raise BadCondition(f"More than {DEEPEST} names follow each other: that is too deep.", sign.at)
            node = self.after_dot(node) if sign.text == "." else self.after_bracket(node, sign)
        return node

    def after_bracket(self, node: Node, sign: Word) -> Node:
        index = self.choice()
        self.need("]")
        if index.op == "literal" and isinstance(index.value, str):
            return Node("field", sign.at, (node,), name=index.value, value="[]")
        return Node("index", sign.at, (node, index))

    def after_dot(self, node: Node) -> Node:
        word = self.word
        if word.kind != "name":
            raise BadCondition("After a dot a name has to follow.", word.at)
        self.next += 1
        if not self.take("("):
            return Node("field", word.at, (node,), name=word.text)
        if word.text in MACROS:
            return self.macro(node, word)
        _known(word, METHODS)
        return self.checked(Node("method", word.at, (node, *self.arguments(")")), name=word.text), METHODS, 1)

    def macro(self, target: Node, word: Word) -> Node:
        binder = self.word
        self.next += 1
        if binder.kind != "name" or binder.text in RESERVED or not self.take(","):
            raise BadCondition(f"{word.text}() wants a name and an expression: list.{word.text}(x, …).", word.at)
        self.macros += 1
        if self.macros > MACROS_DEEP:
            raise BadCondition(f"Not more than {MACROS_DEEP} of {', '.join(MACROS)} within each other.", word.at)
        bodies = self.arguments(")")
        self.macros -= 1
        if not 1 <= len(bodies) <= (2 if word.text == "map" else 1):
            raise BadCondition(f"{word.text}() takes a name and one expression.", word.at)
        if any(node.op == "method" and node.name == "matches" for body in bodies for node in body.walk()):
            raise BadCondition(f"matches() may not stand within {word.text}(): use contains().", word.at)
        return Node("macro", word.at, (target, *bodies), name=word.text, binder=binder.text)

    def primary(self) -> Node:
        word = self.word
        self.next += word.kind != "end"
        if word.kind == "number":
            return Node("literal", word.at, name=word.text, value=_number(word))
        if word.kind == "text":
            return Node("literal", word.at, name=word.text, value=word.text[1:-1])
        if word.text == "(":
            node = self.choice()
            self.need(")")
            return node
        if word.text == "[":
            return Node("list", word.at, self.arguments("]"))
        if word.text == "{":
            return Node("map", word.at, self.pairs())
        if word.kind == "name":
            return self.named(word)
        there = f"“{word.text}”" if word.text else "the end"
        raise BadCondition(f"Here a value is missing; there is {there}.", word.at)

    def named(self, word: Word) -> Node:
        if word.text in {"true", "false", "null"}:
            return Node("literal", word.at, name=word.text, value=_CONSTANTS[word.text])
        if word.text in RESERVED:
            raise BadCondition(f"“{word.text}” is a reserved word and cannot be a name.", word.at)
        if not self.take("("):
            if self.word.text == "{":
                raise BadCondition("Messages are not known here.", self.word.at)
            return Node("name", word.at, name=word.text)
        if word.text == "has":
            return self.has(word)
        _known(word, {**FUNCTIONS, "has": 1})
        return self.checked(Node("call", word.at, self.arguments(")"), name=word.text), FUNCTIONS, 0)

    def has(self, word: Word) -> Node:
        inside = self.arguments(")")
        if len(inside) != 1 or inside[0].op != "field" or inside[0].value == "[]":
            raise BadCondition("has() takes a name with a dot: has(document.facts.amount).", word.at)
        return Node("has", word.at, inside)

    def checked(self, node: Node, known: dict[str, int], targets: int) -> Node:
        wanted = known[node.name]
        if len(node.args) - targets != wanted:
            raise BadCondition(f"{node.name}() takes {wanted} value{'' if wanted == 1 else 's'} in brackets.", node.at)
        return node

    def arguments(self, end: str) -> tuple[Node, ...]:
        nodes: list[Node] = []
        if self.take(end):
            return ()
        while True:
            nodes.append(self.choice())
            if len(nodes) > LIST_MOST:
                raise BadCondition(f"A list has more than {LIST_MOST} elements: keep it as a variable.", nodes[-1].at)
            if self.take(end):
                return tuple(nodes)
            self.need(",")

    def pairs(self) -> tuple[Node, ...]:
        nodes: list[Node] = []
        if self.take("}"):
            return ()
        while True:
            nodes.append(self.choice())
            self.need(":")
            nodes.append(self.choice())
            if len(nodes) > LIST_MOST:
                raise BadCondition(f"A map has more than {LIST_MOST // 2} entries.", nodes[-1].at)
            if self.take("}"):
                return tuple(nodes)
            self.need(",")


def _known(word: Word, known: dict[str, int]) -> None:
    if word.text not in known:
        close = get_close_matches(word.text, [*known, *MACROS], 1)
        advice = f"Did you mean {close[0]}()?" if close else f"There are {', '.join(sorted(known))}."
        raise BadCondition(f"There is no function {word.text}(). {advice}", word.at)


def _number(word: Word) -> int | float:
    text = word.text.lower()
    value = int(text, 16) if text.startswith("0x") else float(text) if set(text) & set(".e") else int(text)
    if isinstance(value, int) and value >= 2**63:
        raise BadCondition("This whole number is too large.", word.at)
    if value == float("inf"):
        raise BadCondition("This number is too large.", word.at)
    return value
