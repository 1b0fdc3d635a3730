"""Which language a text is in, by the shares of its scripts. Django-free; costs about 0.1 ms for 20,000 characters.

The rule, over the letters of the whole text (vowel signs count as letters of their script):

- `ml` when at least 10 % of the letters are Malayalam, `en` when at least 10 % are Latin and the Latin part reads like
  English, `en+ml` when both hold;
- Latin text reads like English unless small words of other European languages are at least 8 % of its words and more
  than the English ones (tables and forms have few of either), or a quarter of its letters are beyond ASCII: Cyrillic
  or ISCII that was taken for Windows-1252;
- `und` when there are fewer than 10 letters, or neither holds.
"""

from dataclasses import dataclass

LEAST_LETTERS = 10
LEAST_SHARE = 0.10
FOREIGN_SHARE = 0.08
ACCENTED_SHARE = 0.25

ENGLISH = frozenset(b"the of and to for is with by that".split())
FOREIGN = frozenset(b"de la le les et des du une est der die und von das ist den van het een el los que il di".split())
WORDS_LOOKED_AT = 12_000
"""Bytes of the text in which small words are counted."""

_ASCII_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SPACES = bytes.maketrans(b"\n\t\r\x0c.,;:()", b" " * 10)


@dataclass(frozen=True)
class Scripts:
    """Numbers of letters by script."""

    latin: int
    malayalam: int
    other: int
    accented: int = 0
    """Those of the Latin ones that are beyond ASCII."""

    @property
    def letters(self) -> int:
        return self.latin + self.malayalam + self.other


def of(text: str) -> str:
    """`en`, `ml`, `en+ml` or `und`."""
    data = text.encode("utf-8", "replace")
    if data.isascii() and _ascii_letters(data[:WORDS_LOOKED_AT]) >= LEAST_LETTERS:  # more of them change nothing
        return "en" if _reads_like_english(data) else "und"
    found = scripts_in(data)
    if found.letters < LEAST_LETTERS:
        return "und"
    malayalam = found.malayalam >= LEAST_SHARE * found.letters
    latin = found.latin >= LEAST_SHARE * found.letters and found.accented < ACCENTED_SHARE * found.latin
    english = latin and _reads_like_english(data)
    if malayalam:
        return "en+ml" if english else "ml"
    return "en" if english else "und"


def scripts_in(data: bytes) -> Scripts:
    """Counts letters in UTF-8 bytes without looking at characters one by one.

    Malayalam (U+0D00 to U+0D7F) begins with E0 B4 or E0 B5; Latin beyond ASCII (U+00C0 to U+024F) with C3 to C9;
    letters of other scripts are what remains above U+0250 outside punctuation (E2, E3 80) and private use.
    """
    ascii_letters = _ascii_letters(data)
    if data.isascii():
        return Scripts(ascii_letters, 0, 0)
    malayalam = data.count(b"\xe0\xb4") + data.count(b"\xe0\xb5")
    accented = len(data) - len(data.translate(None, b"\xc3\xc4\xc5\xc6\xc7\xc8\xc9"))
    leads = len(data) - len(data.translate(None, bytes([*range(0xCA, 0xE2), *range(0xE3, 0xF5)])))
    unclear = data.count(b"\xe3\x80") + data.count(b"\xef\xbf\xbd") + data.count(b"\xee") + data.count(b"\xef\xbc")
    return Scripts(ascii_letters + accented, malayalam, max(0, leads - malayalam - unclear), accented)


def _ascii_letters(data: bytes) -> int:
    return len(data) - len(data.translate(None, _ASCII_LETTERS))


def _reads_like_english(data: bytes) -> bool:
    words = data[:WORDS_LOOKED_AT].lower().translate(_SPACES).split()
    foreign = len(list(filter(FOREIGN.__contains__, words)))
    return foreign < 2 + FOREIGN_SHARE * len(words) or len(list(filter(ENGLISH.__contains__, words))) >= foreign
