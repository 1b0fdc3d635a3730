"""Conditions that only search one text for written words, answered without the library, to which the whole text would
have to be handed for each: `document.head.contains("directive") && !document.head.startsWith("re:")`.

Both compare texts by code points, so that the answers are the library's.
"""

import operator
from collections.abc import Callable

from workflows.expressions.grammar import Node
from workflows.expressions.kinds import path_of

OF_ITSELF = 2  # names of a path: what is looked at with it is this text and nothing else
_SEARCHES: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}


def searched(tree: Node) -> tuple[str, ...] | None:
    """The path of the one text that is searched; None where the condition does anything else."""
    if tree.op in {"&&", "||", "!"}:
        paths = {searched(arg) for arg in tree.args}
        return paths.pop() if len(paths) == 1 else None
    if tree.op == "method" and tree.name in _SEARCHES and _is_as_written(tree.args[1]):
        path = path_of(tree.args[0])
        return path if path and len(path) <= OF_ITSELF else None
    return None


def answer(tree: Node, text: str) -> bool:
    """What the condition gives for this text."""
    if tree.op == "&&":
        return answer(tree.args[0], text) and answer(tree.args[1], text)
    if tree.op == "||":
        return answer(tree.args[0], text) or answer(tree.args[1], text)
    if tree.op == "!":
        return not answer(tree.args[0], text)
    return _SEARCHES[tree.name](text, tree.args[1].value)


def _is_as_written(node: Node) -> bool:
    """A text in which nothing is escaped: what stands between its quotation marks is what it says."""
    return node.op == "literal" and isinstance(node.value, str) and "\\" not in node.value
