"""The same expression with every number a decimal: CEL itself does not join 4 and 1.5."""

from workflows.expressions.grammar import Node


def in_doubles(node: Node) -> str:
    """The expression's text, in which whole numbers and what gives them are decimals (but for indexes)."""
    parts = [in_doubles(arg) for arg in node.args]
    if node.op == "literal":
        whole = isinstance(node.value, int) and not isinstance(node.value, bool)
        return f"{node.value}.0" if whole else node.name
    if node.op == "name":
        return node.name
    if node.op == "field":
        return f"{parts[0]}[{_quoted(node.name)}]" if node.value == "[]" else f"{parts[0]}.{node.name}"
    if node.op == "index":
        return f"{parts[0]}[{_index(node.args[1])}]"
    if node.op in {"list", "map"}:
        return _collection(node, parts)
    if node.op == "macro":
        return f"{parts[0]}.{node.name}({node.binder}, {', '.join(parts[1:])})"
    if node.op in {"call", "method", "has"}:
        return _call(node, parts)
    if node.op in {"!", "neg"}:
        return f"{'-' if node.op == 'neg' else '!'}({parts[0]})"
    if node.op == "?":
        return f"({parts[0]} ? {parts[1]} : {parts[2]})"
    return f"({parts[0]} {node.op} {parts[1]})"


def _collection(node: Node, parts: list[str]) -> str:
    if node.op == "list":
        return f"[{', '.join(parts)}]"
    pairs = zip(node.args[::2], parts[1::2], strict=True)
    return "{" + ", ".join(f"{_index(key)}: {held}" for key, held in pairs) + "}"


def _index(node: Node) -> str:
    if node.op == "literal":
        return str(node.value) if node.name.isdecimal() else node.name
    return f"int({in_doubles(node)})" if node.op in {"+", "-", "*", "call", "method"} else in_doubles(node)


def _call(node: Node, parts: list[str]) -> str:
    name = "has" if node.op == "has" else node.name
    said = f"{parts[0]}.{name}({', '.join(parts[1:])})" if node.op == "method" else f"{name}({', '.join(parts)})"
    return f"double({said})" if name in {"size", "int"} or name.startswith("get") else said


def _quoted(inner: str) -> str:
    return f"'{inner}'" if '"' in inner else f'"{inner}"'
