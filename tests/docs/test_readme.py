"""The README's table of environment variables is the code's, name by name."""

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
README = (PROJECT / "README.md").read_text()
OURS = ("kmrl", "accounts", "realtime", "jobs", "documents", "workflows", "bench", "tests")
NAME = re.compile(
    r"KMRL_[A-Z0-9_]+|DATABASE_URL|REDIS_URL|DJANGO_SUPERUSER_[A-Z]+|PEERS_SOURCE|EMAIL_[A-Z_]+|DEFAULT_FROM_EMAIL"
)
DOORS = {
    "text",
    "flag",
    "number",
    "listed",
    "folder",
    "choice",
    "rate",
    "hosts",
    "site",
    "origins",
    "word",
    "together",
    "password",
}


def told() -> set[str]:
    """The names in the first column of README's tables."""
    return set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", README, re.MULTILINE))


def read_by_python() -> tuple[set[str], set[str]]:
    """The names that our code reads, and the beginnings of names that it puts together."""
    names, beginnings = set(), set()
    for file in (file for package in OURS for file in (PROJECT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not _reads_the_environment(node):
                continue
            for argument in _names(node):
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    names.add(argument.value)
                elif isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
                    beginnings.add(argument.values[0].value)
    return {name for name in names if NAME.fullmatch(name)}, {b for b in beginnings if b.startswith("KMRL_")}


def _names(node: ast.Call | ast.Subscript) -> list[ast.expr]:
    """What it reads: several only by `env.together`."""
    if isinstance(node, ast.Subscript):
        return [node.slice]
    return node.args if ast.unparse(node.func).endswith(".together") else node.args[:1]


def _reads_the_environment(node: ast.AST) -> bool:
    """`env.text("X")`, `os.environ.get("X")`, `os.getenv("X")`, `os.environ["X"]`, `environ["X"]`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        owner = ast.unparse(node.func.value)
        return (
            (owner in ("env", "environment") and node.func.attr in DOORS)
            or (owner.endswith("environ") and node.func.attr in ("get", "pop", "setdefault"))
            or (owner == "os" and node.func.attr == "getenv")
        )
    return isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ")


def read_by_scripts() -> set[str]:
    """The names that shell scripts expand."""
    scripts = [file for file in (PROJECT / "bin").iterdir() if file.is_file() and file.read_bytes().startswith(b"#!")]
    scripts += [PROJECT / ".ci" / "run"]
    text = "\n".join(script.read_text() for script in scripts if script.exists())
    return {name for name in re.findall(r"\$\{?([A-Z][A-Z0-9_]+)", text) if NAME.fullmatch(name)}


def test_every_variable_that_is_read_stands_in_the_table():
    names, beginnings = read_by_python()
    missing = (names | read_by_scripts()) - told()
    missing |= {beginning for beginning in beginnings if not any(name.startswith(beginning) for name in told())}
    assert missing == set()


def test_the_table_names_nothing_that_is_not_read():
    names, beginnings = read_by_python()
    known = names | read_by_scripts()
    unread = {name for name in told() if name not in known and not name.startswith(tuple(beginnings) or ("\0",))}
    assert unread == set()


def test_no_variable_is_told_twice():
    names = re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", README, re.MULTILINE)
    assert len(names) == len(set(names))


def test_every_file_and_page_that_the_readme_points_to_is_there():
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    assert [target for target in targets if not (PROJECT / target).exists()] == []


def test_the_two_commands_come_first():
    first = README.split("```")[1]
    assert [line for line in first.splitlines() if line.startswith("bin/")] == ["bin/up", "bin/test"]
