"""Malayalam words that a PDF's text layer tears apart, put together again.

A browser prints each syllable with the text that it stands for (ActualText), and its glyphs lie before, below and over
each other. MuPDF then ends a line in the middle of a word, takes a gap between two glyphs for a space, or says a vowel
sign twice, once for the syllable and once for its last glyph. Nothing of this can be meant: a new line begins lower, a
page that writes its spaces needs no other ones, and no syllable has the same sign twice.

Where the page says its syllables (`actual_text`), its glyphs are only asked for their places.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pymupdf import mupdf

from documents.extraction import actual_text, letters

CONSONANT = "[\u0d15-\u0d3a]"
BEFORE, RA = "[\u0d46-\u0d48]", "\u0d4d\u0d30"
"""Vowel signs that stand before their consonants on paper and after them in Unicode; and the sign of a *ra* that is
spoken after its consonant, which the reformed script puts there too."""
BEGINS = re.compile(f"(?<![\u0d00-\u0d7f\u200c\u200d\ufffd])(?:{BEFORE}+(?:{RA})?|{RA}){CONSONANT}")
BEGINS_WITH_RA = re.compile(f"(?<![\u0d00-\u0d7f\u200c\u200d\ufffd]){BEFORE}?{RA}{CONSONANT}")
ENDS = re.compile(f"{CONSONANT}{BEFORE}(?!{CONSONANT}|{RA}|{BEFORE})")
SYLLABLE = f"(?P<sign>{BEFORE}?)(?P<ra>{{ra}})(?P<letters>{CONSONANT}(?:\u0d4d{CONSONANT})*)"
WITH_RA, WITHOUT_RA = (re.compile(SYLLABLE.format(ra=ra)) for ra in (f"(?:{RA})?", ""))
DRAWN_BEFORE = re.compile("[\u0d46-\u0d48\u0d4a-\u0d4c]")
FILLER = re.compile("(?<=[\u0d46-\u0d48])\ufffd|(?<=[\u0d15-\u0d3a])\ufffd(?=[\u0d4a-\u0d4c])")
FEWEST_FILLERS, MOSTLY = 3, 0.8
IN_PARTS = (("\u0d46\u0d3e", "\u0d4a"), ("\u0d47\u0d3e", "\u0d4b"), ("\u0d46\u0d57", "\u0d4c"))
TORN = re.compile("[\u0d00-\u0d7f][ \n][\u0d00-\u0d7f]|([\u0d02\u0d03\u0d3e-\u0d4d]+)\\1")
MALAYALAM = re.compile("[\u0d00-\u0d7f]")
TWICE = re.compile("([\u0d02\u0d03\u0d3e-\u0d4d]+?)\\1+")
SYNTHETIC: int = mupdf.FZ_STEXT_SYNTHETIC
TAG = re.compile(
    r'<block |<line |<font name="[^"]*" size="(?P<size>[^"]*)"'
    r'|<char c="(?P<char>[^"]*)" quad="(?P<x0>\S+) \S+ (?P<x1>\S+) [^"]*" x="\S+" y="(?P<y>[^"]*)"'
    r'(?:[^>]* color="(?P<colour>#[0-9a-f]{6})")?[^>]* flags="(?P<flags>\d+)"'
)
LEVEL = 0.3
"""Two pieces are of one line when their baselines are no further apart, in shares of the font's size."""
NOTHING, GLYPH, GAP = 0.05, 2.0, 0.35
"""Shares of the font's size. The rest of a syllable that has no glyph of its own is as good as `NOTHING` wide, and what
follows comes after the glyph that it stands for, `GLYPH` at most. Elsewhere a gap that is no space is `GAP` at most."""


_Char = tuple[str, float, float, bool]
"""A character, from where to where its box reaches, and whether the file has it (or MuPDF made it up)."""


@dataclass(eq=False)
class _Piece:
    """A line as MuPDF found it."""

    chars: list[_Char]
    size: float
    baseline: float


def is_there(text: str) -> bool:
    return MALAYALAM.search(text) is not None


def is_torn(text: str) -> bool:
    """Whether a page's text may hold such words; false for what has no Malayalam."""
    return TORN.search(text) is not None


def without_fillers(text: str) -> str:
    """Without what stands for a glyph that says nothing because the others of its syllable say it all.

    Some programs draw a sign before its consonant, say the whole syllable, and map the glyph too many to nothing. It is
    a filler where nearly each sign of that kind has one, and nearly each unknown character is one.
    """
    fillers, unknown, signs = len(FILLER.findall(text)), text.count("\ufffd"), len(DRAWN_BEFORE.findall(text))
    if fillers < FEWEST_FILLERS or fillers < MOSTLY * unknown or fillers < MOSTLY * signs:
        return text
    return FILLER.sub("", text)


def is_in_glyph_order(text: str) -> bool:
    """Whether signs that no word can begin with begin words, several times as often as they end one.

    So a page reads whose font maps glyph by glyph, as Word's do: െകാച്ചി for കൊച്ചി. There no word ends with such a sign.
    """
    begun = len(BEGINS.findall(text))
    return begun >= 2 and begun > 4 * len(ENDS.findall(text))


def in_order(text: str) -> str:
    """The same with each sign behind its consonants, the parts of a vowel joined, as it is written in Unicode."""
    syllable = WITH_RA if BEGINS_WITH_RA.search(text) else WITHOUT_RA
    text = syllable.sub(r"\g<letters>\g<ra>\g<sign>", text.replace("\u0d46\u0d46", "\u0d48"))
    for parts, whole in IN_PARTS:
        text = text.replace(parts, whole)
    return text


def mended(xml: str, said: Sequence[str] = ()) -> str:
    """The text of a page, given as MuPDF's XML: lines end in a newline, blocks in an empty line.

    `said`: what the page says of its syllables, which its characters name by their colours.
    """
    blocks = list(_blocks(xml, _Syllables(said)))
    spaces = [written for pieces in blocks for one in pieces for char, _, _, written in one.chars if char == " "]
    writes_spaces = 2 * sum(spaces) >= len(spaces)
    texts = (_block([piece for piece in pieces if piece.chars], writes_spaces) for pieces in blocks)
    return TWICE.sub(r"\1", "\n\n".join(text for text in texts if text))


class _Syllables:
    """What is said of each syllable takes the place of the glyphs that draw it, once."""

    def __init__(self, said: Sequence[str]) -> None:
        self._said = said
        self._open: tuple[int, _Piece, int] | None = None
        self._done: set[int] = set()
        self._gap: _Char | None = None

    def add(self, piece: _Piece, char: _Char, colour: str | None) -> None:
        number = actual_text.number_of(colour) if self._said and colour else None
        if number is not None and number >= len(self._said):
            number = None
        if char[0] == " " and not char[3]:  # between glyphs, in the colour of one of them
            self._gap = char
            return
        same = self._open is not None and self._open[:2] == (number, piece)
        if self._gap is not None and not same:
            self.end(piece)
        self._gap = None
        if number is None:
            self._open = None
            piece.chars.append(char)
        elif same and self._open is not None:
            self._widen(piece.chars, self._open[2], char)
        elif number not in self._done:
            self._done.add(number)
            self._open = (number, piece, len(piece.chars))
            piece.chars += [(letter, char[1], char[2], True) for letter in self._said[number]]

    def end(self, piece: _Piece) -> None:
        """A space at the end of a piece, or before what is no part of the syllable, is one."""
        if self._gap is not None:
            piece.chars.append(self._gap)
        self._gap = None

    def _widen(self, chars: list[_Char], start: int, by: _Char) -> None:
        """Each letter of a syllable is where the whole syllable is."""
        chars[start:] = [
            (letter, min(left, by[1]), max(right, by[2]), written) for letter, left, right, written in chars[start:]
        ]


def _blocks(xml: str, syllables: _Syllables) -> Iterator[list[_Piece]]:
    pieces: list[_Piece] = []
    for found in TAG.finditer(xml):
        size, char, x0, x1, y, colour, flags = found.groups()
        if char is not None:
            written = not int(flags) & SYNTHETIC
            syllables.add(pieces[-1], (letters.unescaped(char), float(x0), float(x1), written), colour)
            pieces[-1].baseline = pieces[-1].baseline or float(y)
        elif size is not None:
            pieces[-1].size = pieces[-1].size or float(size)
        elif found[0] == "<line ":
            _end(syllables, pieces)
            pieces.append(_Piece([], 0.0, 0.0))
        else:
            _end(syllables, pieces)
            yield pieces
            pieces = []
    _end(syllables, pieces)
    yield pieces


def _end(syllables: _Syllables, pieces: list[_Piece]) -> None:
    if pieces:
        syllables.end(pieces[-1])


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
