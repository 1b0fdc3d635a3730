"""A bar for commands that take long."""

from collections.abc import Callable
from typing import Any

WIDTH = 32


class Bar:
    """One line that grows, on a terminal; nothing elsewhere."""

    def __init__(self, out: Any) -> None:
        self.out = out

    def show(self, what: str, done: int, total: int) -> None:
        if self.out is not None:
            filled = WIDTH * done // total if total else WIDTH
            self.out.write(f"\r{'█' * filled}{'░' * (WIDTH - filled)} {done:,}/{total:,} {what} ", ending="")
            self.out.flush()

    def counting(self, what: str, before: int, total: int) -> Callable[[int], None]:
        return lambda done: self.show(what, before + done, total)

    def end(self) -> None:
        if self.out is not None:
            self.out.write("")
