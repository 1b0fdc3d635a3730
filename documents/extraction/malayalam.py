"""Malayalam words that a PDF's text layer tears apart, put together again.

A browser prints each syllable with the text that it stands for (ActualText), and its glyphs lie before, below and over
each other. MuPDF then ends a line in the middle of a word, takes a gap between two glyphs for a space, or says a vowel
sign twice, once for the syllable and once for its last glyph. Nothing of this can be meant: a new line begins lower, a
page that writes its spaces needs no other ones, and no syllable has the same sign twice.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pymupdf import mupdf

TORN = re.compile("[\u0d00-\u0d7f][ \n][\u0d00-\u0d7f]|([\u0d02\u0d03\u0d3e-\u0d4d]+)\\1")
TWICE = re.compile("([\u0d02\u0d03\u0d3e-\u0d4d]+?)\\1+")
SYNTHETIC: int = mupdf.FZ_STEXT_SYNTHETIC
TAG = re.compile(
    r'<block |<line |<font name="[^"]*" size="(?P<size>[^"]*)"'
    r'|<char c="(?P<char>[^"]*)" quad="(?P<x0>\S+) \S+ (?P<x1>\S+) [^"]*" x="\S+" y="(?P<y>[^"]*)"'
    r'[^>]* flags="(?P<flags>\d+)"'
)
LEVEL = 0.3
"""Two pieces are of one line when their baselines are no further apart, in shares of the font's size."""
NOTHING, GLYPH, GAP = 0.05, 2.0, 0.35
"""Shares of the font's size. The rest of a syllable that has no glyph of its own is as good as `NOTHING` wide, and what
follows comes after the glyph that it stands for, `GLYPH` at most. Elsewhere a gap that is no space is `GAP` at most."""


_Char = tuple[str, float, float, bool]
"""A character, from where to where its box reaches, and whether the file has it (or MuPDF made it up)."""


@dataclass
class _Piece:
    """A line as MuPDF found it."""

    chars: list[_Char]
    size: float
    baseline: float


def is_torn(text: str) -> bool:
    """Whether a page's text may hold such words; false for what has no Malayalam."""
    return TORN.search(text) is not None


def mended(xml: str) -> str:
    """The text of a page, given as MuPDF's XML: lines end in a newline, blocks in an empty line."""
    blocks = list(_blocks(xml))
    spaces = [written for pieces in blocks for one in pieces for char, _, _, written in one.chars if char == " "]
    writes_spaces = 2 * sum(spaces) >= len(spaces)
    texts = (_block([piece for piece in pieces if piece.chars], writes_spaces) for pieces in blocks)
    return TWICE.sub(r"\1", "\n\n".join(text for text in texts if text))


def _blocks(xml: str) -> Iterator[list[_Piece]]:
    pieces: list[_Piece] = []
    for found in TAG.finditer(xml):
        if found["char"] is not None:
            written = not int(found["flags"]) & SYNTHETIC
            pieces[-1].chars.append((html.unescape(found["char"]), float(found["x0"]), float(found["x1"]), written))
            pieces[-1].baseline = pieces[-1].baseline or float(found["y"])
        elif found["size"] is not None:
            pieces[-1].size = pieces[-1].size or float(found["size"])
        elif found[0] == "<line ":
            pieces.append(_Piece([], 0.0, 0.0))
        else:
            yield pieces
            pieces = []
    yield pieces


def _block(pieces: list[_Piece], writes_spaces: bool) -> str:
    text = ""
    for number, piece in enumerate(pieces):
        if number and not _goes_on(pieces[number - 1], piece):
            text += "\n"
        text += "".join(_said(piece, writes_spaces))
    return text


def _goes_on(before: _Piece, piece: _Piece) -> bool:
    """Whether a piece is the rest of a word: it stands level with the one before it, which ends without a glyph."""
    level = abs(piece.baseline - before.baseline) <= LEVEL * piece.size
    return level and _is_one_word(before.chars[-1], piece.chars[0], piece.size, 0.0)


def _said(piece: _Piece, writes_spaces: bool) -> Iterator[str]:
    last = len(piece.chars) - 1
    for place, (char, _, _, written) in enumerate(piece.chars):
        made_up = char == " " and not written and writes_spaces and 0 < place < last
        if not made_up or not _is_one_word(piece.chars[place - 1], piece.chars[place + 1], piece.size, GAP):
            yield char


def _is_one_word(before: _Char, after: _Char, size: float, gap: float) -> bool:
    """Whether only `gap` parts two characters; the width of a glyph where the first has none of its own."""
    (first, start, end, _), (second, next_start, _, _) = before, after
    if not (_is_malayalam(first) and _is_malayalam(second)):
        return False
    allowed = GLYPH if end - start < NOTHING * size else gap
    return next_start - end < allowed * size


def _is_malayalam(char: str) -> bool:
    return "\u0d00" <= char <= "\u0d7f"
