"""Conditions and values of definitions: CEL, checked and capped before the library sees it, never silently false."""

import marshal
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from workflows.expressions import searching
from workflows.expressions.cost import BUDGET, Shape, shape_of
from workflows.expressions.doubles import in_doubles
from workflows.expressions.grammar import Node, parse
from workflows.expressions.kinds import SPOKEN, kind_of, of_value, path_of
from workflows.expressions.library import cel
from workflows.expressions.measuring import TEXT_LONGEST, ConditionFailed, Guarded, Taken, Uses, plain, short
from workflows.expressions.tokens import BadCondition

__all__ = ["BadCondition", "ConditionFailed", "Guarded", "check", "comparisons", "holds", "paths", "value"]

STEP_FIELDS = frozenset({"outcome", "by", "comment", "form", "result", "at", "round"})
STEP_KINDS = {"outcome": "text", "comment": "text", "form": "map", "at": "text", "round": "number"}
FEW = 64
"""Values of an ordinary document and run: what affords so many, with texts of any length, is not reckoned each time."""
REMEMBERED = 2_000  # answers
SMALL = 200  # bytes of what an expression looks at, for its answer to be remembered
_PLACE = re.compile(r"<input>:(\d+):(\d+): (.*)")


@dataclass(frozen=True)
class Program:
    """A compiled expression, what it looks at, and what it can cost."""

    text: str
    tree: Node
    compiled: cel.Program
    shape: Shape
    uses: Uses
    in_doubles: cel.Program | None
    compared: tuple[tuple[tuple[str, ...], str], ...]
    affords_few: bool
    """It is within its budget for FEW values, whatever they are."""
    tells_truth: bool
    """What it gives is certainly true or false."""
    searched: tuple[str, ...] | None
    """The path of the one text that it searches for written words, where it does nothing else."""


def check(
    text: str,
    *,
    names: Mapping[str, set[str] | None],
    types: Mapping[str, str] | None = None,
    wants: str | tuple[str, ...] | None = None,
) -> None:
    """Accept the expression or raise BadCondition(sentence, position).

    `names` are the known roots with what may follow them (None: anything); `types` the kinds of known paths
    (`vars.amount` → number, text, truth, list, map); `wants` the kind that the whole has to give, or several.
    """
    program = _program(text)
    _check_names(program.tree, names, frozenset())
    kind = kind_of(program.tree, {**_step_kinds(names), **(types or {})})
    wanted = (wants,) if isinstance(wants, str) else wants
    if wanted and kind and kind not in wanted:
        spoken = " or ".join(SPOKEN[one] for one in wanted)
        raise BadCondition(f"This gives {SPOKEN[kind]}; wanted is {spoken}.", program.tree.at)
    if any(node.name == "matches" for node in program.tree.walk()):
        _try_patterns(program.tree)


def holds(text: str, context: Mapping[str, Any]) -> bool:
    """Whether the condition is true. Anything but true or false raises ConditionFailed."""
    found = value(text, context)
    if not isinstance(found, bool):
        said = SPOKEN[of_value(found)]
        raise ConditionFailed("not_boolean", f"“{short(text)}” gives {said}; a condition has to give true or false.")
    return found


def value(text: str, context: Mapping[str, Any]) -> Any:
    """What the expression gives, as plain JSON. Raises ConditionFailed with a code and a sentence, and nothing else.

    Who evaluates several on the same names gives them as `Guarded`: each is copied and measured once.
    """
    try:
        program = _program(text)
    except BadCondition as bad:
        raise ConditionFailed("bad_expression", f"“{short(text)}”: {bad.sentence}") from bad
    guarded = context if isinstance(context, Guarded) else Guarded(context)
    taken = guarded.taken(text, program.uses)
    if not (program.affords_few and taken.number <= FEW):
        _refuse_costly(program, taken)
    if program.searched and guarded.sayable and type(found := _at(program.searched, taken.held)) is str:
        return searching.answer(program.tree, found)
    exact = _exactly(taken) if program.tells_truth else None
    return plain(_given(program, taken.held) if exact is None else _remembered(text, exact), text)


def comparisons(text: str) -> Iterator[tuple[tuple[str, ...], str, Any, int]]:
    """Each comparison of a path with a literal, also within a list: (path, sign, literal, position)."""
    tree = _program(text).tree
    for node, literal in _compared(tree):
        path = path_of(node.args[0] if node.args[1] is literal else node.args[1])
        if path:
            yield path, node.op, literal.value, literal.at
    for node in tree.walk():
        path = path_of(node.args[0]) if node.op == "in" and node.args[1].op == "list" else None
        for element in node.args[1].args if path else ():
            if path and element.op == "literal":
                yield path, "in", element.value, element.at


def paths(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Each path that the expression looks at, as far as it goes, with its position."""
    waiting = [_program(text).tree]
    while waiting:
        node = waiting.pop()
        path = path_of(node)
        if path is None:
            waiting += node.args
        else:
            yield path, _first(node).at


def asked(text: str, path: tuple[str, ...]) -> Iterator[str]:
    """Each call of a method with a written value on this path, as an expression: `document.head.contains("depot")`."""
    for node in _program(text).tree.walk():
        given = node.args[1:]
        if node.op == "method" and path_of(node.args[0]) == path and given and all(a.op == "literal" for a in given):
            yield f"{'.'.join(path)}.{node.name}({', '.join(arg.name for arg in given)})"


# --- compiling


@lru_cache(maxsize=2_000)
def _program(text: str) -> Program:
    tree = parse(text)
    shape = shape_of(tree)
    if shape.cost(most=1, longest=1) > BUDGET:
        raise BadCondition("The expression goes through too much: write it with shorter lists.", tree.at)
    compiled = _compile(text)
    arithmetic = any(node.op in {"+", "-", "*", "/"} for node in tree.walk())
    doubles = _compile(in_doubles(tree)) if arithmetic else None
    affords_few = shape.cost(most=FEW, longest=TEXT_LONGEST, values=FEW) <= BUDGET
    return Program(
        text,
        tree,
        compiled,
        shape,
        _uses(tree),
        doubles,
        _kinds_compared(tree),
        affords_few,
        _tells_truth(tree),
        searching.searched(tree),
    )


def _compile(text: str) -> cel.Program:
    try:
        return cel.compile(text)
    except (ValueError, RuntimeError) as problem:
        found = _PLACE.search(str(problem))
        if found is None:
            raise BadCondition("This is no expression.") from problem
        lines = text.split("\n")[: int(found[1]) - 1]
        raise BadCondition(
            f"{found[3].strip()}.", sum(len(line) + 1 for line in lines) + int(found[2]) - 1
        ) from problem


def _tells_truth(tree: Node) -> bool:
    try:
        return kind_of(tree, {}) == "truth"
    except BadCondition:
        return False


def _uses(tree: Node) -> Uses:
    uses: dict[str, frozenset[str] | None] = {}

    def look(node: Node) -> None:
        path = path_of(node)
        if path is None:
            for arg in node.args:
                look(arg)
            return
        before = uses.get(path[0], frozenset())
        uses[path[0]] = None if before is None or len(path) == 1 else before | {path[1]}

    look(tree)
    return tuple(uses.items())


# --- checking


def _check_names(node: Node, names: Mapping[str, set[str] | None], bound: frozenset[str]) -> None:
    if node.op == "macro":
        if node.binder in names:
            raise BadCondition(f"“{node.binder}” is taken: call the element of {node.name}() something else.", node.at)
        _check_names(node.args[0], names, bound)
        for body in node.args[1:]:
            _check_names(body, names, bound | {node.binder})
        return
    path = path_of(node)
    if path is None:
        for arg in node.args:
            _check_names(arg, names, bound)
    elif path[0] not in bound:
        _check_path(path, node, names)


def _check_path(path: tuple[str, ...], node: Node, names: Mapping[str, set[str] | None]) -> None:
    at = _first(node).at
    if path[0] not in names:
        raise BadCondition(f"There is no “{path[0]}” here. {_close(path[0], names)}", at)
    allowed = names[path[0]]
    if allowed is not None and len(path) > 1 and path[1] not in allowed:
        raise BadCondition(f"There is no “{path[0]}.{path[1]}”. {_close(path[1], allowed)}", at)
    if path[0] == "steps" and len(path) > 2 and path[2] not in STEP_FIELDS:
        raise BadCondition(f"A step has no “{path[2]}”. {_close(path[2], STEP_FIELDS)}", at)


def _first(node: Node) -> Node:
    return _first(node.args[0]) if node.args else node


def _close(name: str, known: Any) -> str:
    close = get_close_matches(name, list(known), 1, 0.6)
    if close:
        return f"Did you mean “{close[0]}”?"
    return f"There are {', '.join(sorted(known))}." if 0 < len(known) <= 30 else "Declare it, or correct the name."


def _step_kinds(names: Mapping[str, set[str] | None]) -> dict[str, str]:
    return {f"steps.{step}.{field}": kind for step in names.get("steps") or () for field, kind in STEP_KINDS.items()}


def _try_patterns(tree: Node) -> None:
    for node in tree.walk():
        if node.op == "method" and node.name == "matches":
            try:
                cel.compile(f'"".matches("{node.args[1].value}")').execute({})
            except (RuntimeError, ValueError, TypeError) as problem:
                raise BadCondition("This pattern is no regular expression: correct it.", node.args[1].at) from problem


def _compared(tree: Node) -> Iterator[tuple[Node, Node]]:
    for node in tree.walk():
        if node.op in {"==", "!="}:
            for arg in node.args:
                if arg.op == "literal":
                    yield node, arg
                    break


# --- evaluating


def _refuse_costly(program: Program, taken: Taken) -> None:
    if program.shape.cost(most=taken.most, longest=taken.longest, values=taken.number) > BUDGET:
        raise ConditionFailed(
            "too_costly", f"“{short(program.text)}” would go through too much: the lists are too long for it."
        )


def _exactly(taken: Taken) -> bytes | None:
    """These values as bytes that differ wherever the values do (1, 1.0 and true; 0.0 and -0.0); None: not small, or
    there are times among them."""
    if taken.longest > SMALL or taken.number > FEW:
        return None
    try:
        exact = marshal.dumps(taken.held, 2)  # of later versions the bytes depend on who else holds a text
    except ValueError:
        return None
    return exact if len(exact) <= SMALL else None


@lru_cache(maxsize=REMEMBERED)
def _remembered(text: str, exact: bytes) -> Any:
    """What a condition gives for these values: most documents have their type and their priority from others. What
    fails is not kept."""
    return _given(_program(text), marshal.loads(exact))  # noqa: S302 (bytes of our own)


def _given(program: Program, seen: dict[str, Any]) -> Any:
    _refuse_unlike(program, seen)
    return _run(program, seen)


def _run(program: Program, seen: dict[str, Any]) -> Any:
    try:
        try:
            return program.compiled.execute(seen)
        except TypeError:
            if program.in_doubles is None:
                raise
            return program.in_doubles.execute(_doubled(seen))
    except KeyError as missing:
        name = str(missing).strip('"')
        raise ConditionFailed(
            "missing", f"“{short(program.text)}” asks for {name}, which is not there: ask with has(…) first."
        ) from missing
    except (TypeError, IndexError) as unfit:
        raise ConditionFailed(
            "types", f"“{short(program.text)}” joins what does not fit together: {short(str(unfit))}"
        ) from unfit
    except (RuntimeError, ValueError, ArithmeticError) as failed:
        raise ConditionFailed(
            "evaluation", f"“{short(program.text)}” gives no answer: {short(str(failed))}"
        ) from failed


def _doubled(held: Any) -> Any:
    if isinstance(held, dict):
        return {key: _doubled(inner) for key, inner in held.items()}
    if isinstance(held, list):
        return [_doubled(inner) for inner in held]
    return float(held) if isinstance(held, int) and not isinstance(held, bool) else held


def _refuse_unlike(program: Program, seen: Mapping[str, Any]) -> None:
    """A comparison of two kinds is false for the library; here it fails."""
    for path, kind in program.compared:
        found = _at(path, seen)
        if found is not None and of_value(found) != kind:
            raise ConditionFailed(
                "types",
                f"“{short(program.text)}” compares {'.'.join(path)}, {SPOKEN[of_value(found)]}, with {SPOKEN[kind]}.",
            )


def _at(path: tuple[str, ...], seen: Any) -> Any:
    """What stands at this path, or None."""
    for name in path:
        seen = seen.get(name) if isinstance(seen, dict) else None
    return seen


def _kinds_compared(tree: Node) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The paths that are compared with a literal, each with the literal's kind."""
    found = ((node.args[0] if node.args[1] is literal else node.args[1], literal) for node, literal in _compared(tree))
    paths = ((path_of(other), literal.value) for other, literal in found)
    return tuple((path, of_value(literal)) for path, literal in paths if path is not None and literal is not None)
