"""What reading a file can answer. Django-free: this runs in the sandboxed child process."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


class Unreadable(Exception):
    """The file cannot be read, and trying again would not help.

    `code` is one of `encrypted`, `damaged`, `bomb`, `timeout`; `detail` is a sentence that a clerk understands.
    """

    code = "damaged"

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class Encrypted(Unreadable):
    """The file asks for a password."""

    code = "encrypted"


class Damaged(Unreadable):
    """The bytes do not make a file of this type, or too little of it is left."""

    code = "damaged"


class Bomb(Unreadable):
    """Unpacked, the file is larger than the gateway reads."""

    code = "bomb"


Progress = Callable[[int, str], None]
"""Told with percent (0 to 100) and the step's name."""


def unheard(percent: int, step: str) -> None:
    """A progress listener that does not listen."""


@dataclass(frozen=True)
class Limits:
    """How much one file may unpack to before it is called a bomb."""

    pages: int = 20_000
    page_characters: int = 2_000_000
    total_characters: int = 20_000_000
    page_content_bytes: int = 128 * 1024 * 1024
    total_content_bytes: int = 512 * 1024 * 1024
    pixels: int = 120_000_000
    entries: int = 20_000


LIMITS = Limits()


@dataclass
class PageText:
    """One page: its text, how far it can be trusted (0 to 1), and whether an OCR engine should look at it.

    `legacy`: it is Malayalam in a font from before Unicode, and its letters are codes.
    """

    text: str
    confidence: float = 0.0
    awaits_ocr: bool = False
    blank: bool = False
    legacy: bool = False


@dataclass
class Reading:
    """What a family reads out of a file; `documents.extraction.reading` adds language and confidence."""

    pages: list[PageText]
    flags: set[str] = field(default_factory=set)
    facts: dict[str, Any] = field(default_factory=dict)
    certainty: float = 1.0
    """How sure the family is of the text as a whole (a guessed encoding is less than 1)."""
    page_count: int | None = None
    """When it differs from the number of pages that have a text."""


@dataclass(frozen=True)
class Word:
    """A word and its box, in shares of the page's width and height (0 to 1, from the top left)."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float


@dataclass(frozen=True)
class PageWords:
    """A page with its words; sizes in points (1/72 inch)."""

    width: float
    height: float
    words: list[Word]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
