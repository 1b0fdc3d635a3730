"""Headings whose letters stand apart: "C I R C U L A R" is one word, and searched for as one.

MuPDF makes a space up wherever two letters are parted. Where that is so between all letters of a line, by gaps that are
narrow and alike, the letters were set apart for their looks. Words are then parted by the spaces that the page writes,
or where it writes none by gaps that are wider than the others.
"""

import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from pymupdf import mupdf

from documents.extraction import letters

APART = re.compile(r"\n(?:[^\W\d_] ){4}")
"""A pattern that begins with a plain character looks at the text only where this stands: six times as fast as `^`."""
SYNTHETIC: int = mupdf.FZ_STEXT_SYNTHETIC
TAG = re.compile(
    r'<line |<font name="[^"]*" size="(?P<size>[^"]*)"'
    r'|<char c="(?P<char>[^"]*)" quad="(?P<x0>\S+) \S+ (?P<x1>\S+) [^>]* flags="(?P<flags>\d+)"'
)
NARROW, ALIKE, WIDER = 0.7, 1.6, 1.8
"""A gap in shares of the font's size; how many times the usual gap still is one; and how many times it parts words."""
MOST_LETTERS_TOGETHER = 0.2


@dataclass
class _Line:
    chars: list[tuple[str, float]] = field(default_factory=list)
    """Each character, and the width of a space that was made up (0 for what the page writes)."""
    size: float = 0.0

    @property
    def text(self) -> str:
        return "".join(char for char, _ in self.chars)


def is_there(text: str) -> bool:
    """Whether a page may have such lines."""
    return APART.search("\n" + text) is not None


def closed(text: str, xml: str) -> str:
    """The text of a page, of which MuPDF's XML is given too, with such lines put together."""
    for line in _lines(xml):
        if is_there(line.text) and (whole := _put_together(line)) is not None:
            text = text.replace(line.text, whole, 1)
    return text


def _lines(xml: str) -> Iterator[_Line]:
    line = _Line()
    for found in TAG.finditer(xml):
        if found["char"] is not None:
            made_up = int(found["flags"]) & SYNTHETIC
            width = float(found["x1"]) - float(found["x0"]) if made_up else 0.0
            line.chars.append((letters.unescaped(found["char"]), width))
        elif found["size"] is not None:
            line.size = line.size or float(found["size"])
        else:
            yield line
            line = _Line()
    yield line


def _put_together(line: _Line) -> str | None:
    """None where the gaps are too few, too wide or too different to be a matter of looks."""
    gaps = [width for _, width in line.chars if width]
    usual = statistics.median(gaps) if gaps else 0.0
    written = "".join(char for char, width in line.chars if not width)
    together = sum(len(word) - 1 for word in line.text.split())
    if not 0 < usual <= NARROW * line.size or together > MOST_LETTERS_TOGETHER * len(written):
        return None
    if " " in written.strip():
        return written if max(gaps) <= ALIKE * usual else None
    if any(ALIKE * usual < gap <= WIDER * usual for gap in gaps):
        return None
    return "".join(char for char, width in line.chars if not width or width > WIDER * usual)
