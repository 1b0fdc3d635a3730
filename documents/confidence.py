"""How far a text can be trusted, 0 to 1. Django-free; costs about 0.1 ms for 20,000 characters.

A page's confidence is

    (1 - 4 x bad share) x legacy x shape        (never below 0)

- *bad share*: characters that no writer meant, among all that are not white space: U+FFFD, private use (U+E000 to
  U+F8FF), control characters. A quarter of them makes a page worthless.
- *legacy*: 0.3 for Malayalam in a font from before Unicode (ML-TT, FML, Revathi), whose text layer is glyph numbers as
  Latin-1. Either a PDF names such a font and draws three tenths of the page with it, or the page looks so: among at
  least 40 letters more than 6 % are signs of U+00A1 to U+00BF (no language writes so many), or capitals follow small
  letters in more than a quarter of the words and more than 2 % of the letters are beyond ASCII (names that programs
  give, assetId, have such capitals too, but are ASCII). Else 1.
- *shape*: 0.4 when glyph numbers of a font without a map to Unicode seem to be read as letters: at least 200 ASCII
  letters have a share of vowels outside 15 to 70 %, or at least 40 characters are to a quarter such signs as
  ! # $ % & ' ( ) * + < = > ? @ [ ] ^, rules and frames drawn with three or more of one kind not counted. Else 1, and
  for what came as text: there a table of codes has its signs, and lacks vowels, because somebody wrote it so.

A document's confidence is the mean over its pages that are not blank, a page that awaits OCR without a text counting 0,
times the certainty of its encoding (1 when declared by a byte order mark or proved by being valid UTF-8, 0.8 when
guessed). A document without any text has 0. It says how well the *text* was got; it says nothing about the facts in it.
"""

import re
from collections.abc import Iterable

WORTHLESS = 0.25
LEGACY, SHAPE = 0.3, 0.4
NONSENSE = 0.5
"""A page below this has a text layer that an OCR engine should replace."""

_WHITE = b" \n\t\r\x0c\x0b"
_CONTROLS = bytes(c for c in range(32) if c not in _WHITE) + b"\x7f"
_SIGNS = b"!#$%&'()*+<=>?@[\\]^`~"
_RULES = re.compile(rb"([#*+<=>\^~])\1{2,}")
_VOWELS = b"aeiouyAEIOUY"
_ASCII_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPES = bytes(
    ord("a") if 97 <= c <= 122 else ord("A") if 65 <= c <= 90 else 32 if c in _WHITE else 46 for c in range(256)
)


def of_text(text: str, *, from_fonts: bool = True, legacy: bool = False) -> float:
    """A page's confidence; 0 for one without characters. *Shape* is asked only where a font may have lost its map.

    `legacy`: a font is known to be one, whatever the page looks like.
    """
    data = text.encode("utf-8", "replace")
    rest = data.translate(None, _ASCII_LETTERS)  # few bytes: what is counted among them costs little
    size = len(data) - len(rest) + _characters(rest)
    if size == 0:
        return 0.0
    bad = _number_of(_CONTROLS, rest)
    if not data.isascii():
        bad += data.count(b"\xef\xbf\xbd") + _private_use(data)
    trust = max(0.0, 1.0 - bad / size / WORTHLESS)
    if legacy or _looks_legacy(data, rest):
        trust *= LEGACY
    elif from_fonts and _looks_shapeless(data, rest, size):
        trust *= SHAPE
    return round(trust, 3)


def means_its_letters(text: str) -> bool:
    """Whether its letters are letters, and not a font's glyph numbers that read like some."""
    data = text.encode("utf-8", "replace")
    rest = data.translate(None, _ASCII_LETTERS)
    return not _looks_legacy(data, rest) and not _looks_shapeless(data, rest, _characters(data))


def of_document(pages: Iterable[float], certainty: float = 1.0) -> float:
    """The mean of its pages' confidences (blank ones left out by the caller), times `certainty`."""
    given = list(pages)
    return round(certainty * sum(given) / len(given), 3) if given else 0.0


def _number_of(those: bytes, data: bytes) -> int:
    return len(data) - len(data.translate(None, those))


def _characters(data: bytes) -> int:
    """Characters that are not white space: bytes that do not continue a UTF-8 sequence."""
    solid = data.translate(None, _WHITE)
    return len(solid) if solid.isascii() else len(solid.translate(None, bytes(range(0x80, 0xC0))))


def _private_use(data: bytes) -> int:
    """U+E000 to U+EFFF begin with EE, U+F000 to U+F8FF with EF 80 to EF A3."""
    return data.count(b"\xee") + sum(data.count(bytes((0xEF, second))) for second in range(0x80, 0xA4))


def _looks_legacy(data: bytes, rest: bytes) -> bool:
    """Of a page, and of what is left of it without its ASCII letters."""
    if data.isascii():
        return False
    letters = len(data) - len(rest)
    signs = data.count(b"\xc2") - data.count(b"\xc2\xa0") - data.count(b"\xc2\xad")
    if letters + signs < 40:
        return False
    if signs > 0.06 * (letters + signs):
        return True
    shapes = data.translate(_SHAPES)
    return signs + data.count(b"\xc3") > 0.02 * letters and shapes.count(b"aA") > 0.25 * (shapes.count(b" ") + 1)


def _looks_shapeless(data: bytes, rest: bytes, size: int) -> bool:
    if size >= 40 and _number_of(_SIGNS, rest) > 0.25 * size:
        solid = _RULES.sub(b"", data)
        if _number_of(_SIGNS, solid) > 0.25 * _characters(solid):
            return True
    letters = len(data) - len(rest)
    return letters >= 200 and not 0.15 <= _number_of(_VOWELS, data) / letters <= 0.70
