"""What is wrong with a definition: where, what, and what to do about it."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

Path = tuple[str | int, ...]
ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Problem:
    """`line` and `column` count from 1; `path` reads like `steps[2].options[0].when`. A warning keeps nobody from
    publishing."""

    line: int
    column: int
    path: str
    message: str
    advice: str = ""
    level: str = ERROR

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message} {self.advice}".rstrip()


def said(path: Path) -> str:
    """A path as people read it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def close(name: Any, known: Any, *, otherwise: str = "") -> str:
    """Advice: the known name that is nearest, or what there is."""
    names = sorted(str(one) for one in known)
    found = get_close_matches(str(name), names, 1, 0.6)
    if found:
        return f"Did you mean “{found[0]}”?"
    return otherwise or (f"There are: {', '.join(names)}." if 0 < len(names) <= 40 else "")
