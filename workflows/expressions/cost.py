"""What an evaluation can cost at most, from the shape of the expression and the size of what it looks at.

Measured on the library: a node costs about 0.1 µs, `map` and `filter` copy their list at every element, and naming a
list (`vars.names`) copies it each time. The unit is 0.1 µs; the caps keep one evaluation under about 25 ms, during
which no other thread of the process moves.
"""

from dataclasses import dataclass

from workflows.expressions.grammar import LIST_MOST, Node
from workflows.expressions.kinds import kind_of, path_of
from workflows.expressions.tokens import BadCondition

BUDGET = 200_000
PATTERN_LONGEST = 60
MATCHES_MOST = 3
REPEATED_MOST = 20


@dataclass(frozen=True)
class Shape:
    """How many nodes, nodes that go through their operands, copying macros and names stand within how many macros."""

    nodes: tuple[int, int, int]
    heavy: tuple[int, int, int]
    copying: tuple[int, int, int]
    keeping: tuple[int, int, int]
    building: tuple[int, int, int]
    names: tuple[int, int, int]
    sums: int
    literal: int  # the longest list or text written out

    def cost(self, *, most: int, longest: int, values: int = 1) -> float:
        """At most so much, when the largest list has `most` elements, the longest text `longest` characters, and
        there are `values` values in all.

        `copying` gives lists of numbers or texts, `keeping` lists of what was there before, `building` lists of
        anything: at each element all before it are copied, with everything in them.
        """
        grown = 1 + self.sums
        elements = max(most, self.literal, LIST_MOST if self.literal else 1) * grown
        held = max(values, elements) * grown * float(elements) ** sum(self.building)
        text = max(longest, self.literal) * grown
        total = 0.0
        for depth in range(3):
            times = float(elements) ** depth
            total += times * (self.nodes[depth] + self.heavy[depth] * (1 + elements / 20 + text / 200))
            total += times * self.names[depth] * max(values, elements) * 0.9 * (depth > 0)
            total += times * self.copying[depth] * elements * elements * (0.6 + text * 0.002)
            total += times * self.keeping[depth] * elements * held * (1 + text * 0.002)
            total += times * self.building[depth] * elements * held * (1 + text * 0.002)
        return total


def shape_of(tree: Node) -> Shape:
    """The shape of an expression. Raises BadCondition for a matches() that could take long."""
    nodes, heavy, names = [0, 0, 0], [0, 0, 0], [0, 0, 0]
    copies = {"copying": [0, 0, 0], "keeping": [0, 0, 0], "building": [0, 0, 0]}
    sums = literal = matches = 0
    waiting = [(tree, 0, frozenset[str]())]
    while waiting:
        node, depth, bound = waiting.pop()
        nodes[depth] += 1
        heavy[depth] += _is_heavy(node)
        sums += node.op == "+"
        if node.op == "macro":
            inside = bound | {node.binder}
            if node.name in {"map", "filter"}:
                copies[_copies(node, inside)][depth] += 1
            waiting += [(node.args[0], depth, bound), *((body, depth + 1, inside) for body in node.args[1:])]
            continue
        if (path := path_of(node)) is not None:
            names[depth] += path[0] not in bound
            continue
        if node.op == "method" and node.name == "matches":
            matches += 1
            _check_pattern(node, matches)
        literal = max(literal, len(node.args) if node.op in {"list", "map"} else 0)
        literal = max(literal, len(node.value) if isinstance(node.value, str) else 0)
        waiting += [(arg, depth, bound) for arg in node.args]
    three = {name: _three(counts) for name, counts in copies.items()}
    return Shape(_three(nodes), _three(heavy), names=_three(names), sums=sums, literal=literal, **three)


def _copies(node: Node, bound: frozenset[str]) -> str:
    """What kind of list a `map` or `filter` makes."""
    body = node.args[-1]
    path = path_of(body)
    if node.name == "filter" or (path is not None and path[0] in bound):
        return "keeping"
    try:
        kind = kind_of(body, {}, bound)
    except BadCondition:
        kind = None
    return "copying" if kind in {"number", "text", "truth", "null"} else "building"


def _three(counts: list[int]) -> tuple[int, int, int]:
    return counts[0], counts[1], counts[2]


def _is_heavy(node: Node) -> bool:
    if node.op in {"==", "!=", "in", "+", "<", "<=", ">", ">="}:
        return not any(arg.op == "literal" and not isinstance(arg.value, str) for arg in node.args)
    return node.op in {"method", "call", "list", "map"}


def _check_pattern(node: Node, count: int) -> None:
    pattern = node.args[1]
    if pattern.op != "literal" or not isinstance(pattern.value, str):
        raise BadCondition("The pattern of matches() has to be written out as a text.", pattern.at)
    if len(pattern.value) > PATTERN_LONGEST or count > MATCHES_MOST:
        raise BadCondition(
            f"A pattern has at most {PATTERN_LONGEST} characters, and an expression {MATCHES_MOST} of them.", pattern.at
        )
    total = 0
    for opened in pattern.value.split("{")[1:]:
        bounds = [part.strip() for part in opened.partition("}")[0].split(",")]
        total += max((int(bound) for bound in bounds if bound.isdecimal()), default=REPEATED_MOST)
    if total > REPEATED_MOST or "){" in pattern.value.replace(" ", ""):
        raise BadCondition(
            f"Repetitions in a pattern add up to more than {REPEATED_MOST}, or repeat a group: use * or +.", pattern.at
        )
