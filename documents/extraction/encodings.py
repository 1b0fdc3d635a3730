"""From bytes to text: byte order marks, then UTF-8 if it is valid, then what the bytes sound like."""

import codecs
import re
from collections import Counter
from dataclasses import dataclass

from documents.extraction.answers import Damaged

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32's little-endian mark begins with UTF-16's: the order matters."""
UNDEFINED_IN_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
GUESSED, MENDED = 0.8, 0.6
MOST_CONTROLS = 0.02
_CONTROLS = dict.fromkeys([*range(9), *range(14, 32), 127, *range(0xD800, 0xE000)])
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
"""What a terminal is told (ECMA-48): colours, places, titles of windows."""
OVERSTRUCK = re.compile("[^\n]\x08")
"""A printer's bold and underlined letters: typed, one step back, typed again."""
TWICE = re.compile("[\xc2-\xf4][\x80-\xbf\u0152-\u02dc\u2013-\u2122]")
FEW_TWICE = 4
_DEFINED = bytes(byte for byte in range(0x80, 0xA0) if byte not in UNDEFINED_IN_1252)
_BACK_TO_1252 = {ord(letter): byte for letter, byte in zip(_DEFINED.decode("cp1252"), _DEFINED, strict=True)}
"""What Windows-1252 has undefined is kept as it is by most programs."""
WIDE_SAMPLE, FEW_SCRIPTS, MOST_OF_THEM, SOME_PLAIN = 8192, 3, 0.95, 0.02


@dataclass(frozen=True)
class Decoded:
    """`certainty` is 1 when the encoding was declared or proved itself, less when it was guessed."""

    text: str
    encoding: str
    certainty: float


def decode(data: bytes) -> Decoded:
    """Text of any of the encodings that offices use. Raises Damaged when it is not text at all."""
    found = _marked(data) or _proved(data) or _sounding_like(data)
    found = _once(found)
    text = _shown(found.text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n"))
    clean = text.translate(_CONTROLS)
    if len(text) - len(clean) > MOST_CONTROLS * len(text):
        raise Damaged("This file is named as a text but holds other bytes.")
    return Decoded(clean, found.encoding, found.certainty)


def _once(found: Decoded) -> Decoded:
    """Undoes what programs do that take UTF-8 for Windows-1252 and write that as UTF-8 again: കൊ became à´•àµŠ.

    No text turns into valid UTF-8 so by chance, if it has more than a few such letters.
    """
    if found.encoding != "utf-8" or len(TWICE.findall(found.text[:WIDE_SAMPLE])) < FEW_TWICE:
        return found
    try:
        text = found.text.translate(_BACK_TO_1252).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return found
    return Decoded(text, "utf-8", MENDED)


def _shown(text: str) -> str:
    """What a terminal or a printer would show of it. (NUL is no letter but a hole, left where a machine lost power.)"""
    if "\x1b" in text:
        text = ESCAPES.sub("", text)
    return OVERSTRUCK.sub("", text) if "\x08" in text else text


def _marked(data: bytes) -> Decoded | None:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            return Decoded(text, encoding, 1.0 if "\ufffd" not in text else MENDED)
    return None


def _proved(data: bytes) -> Decoded | None:
    if wide := wide_without_mark(data[:WIDE_SAMPLE]):
        text = data.decode(wide, "replace")
        return Decoded(text, wide, 1.0 if "\ufffd" not in text else MENDED)
    try:
        return Decoded(data.decode("utf-8"), "utf-8", 1.0)
    except UnicodeDecodeError as problem:
        if problem.start >= len(data) - 3 and len(data) > 3:  # cut within its last character
            return Decoded(data[: problem.start].decode("utf-8"), "utf-8", MENDED)
    return None


def wide_without_mark(sample: bytes) -> str | None:
    """The encoding of a text of two or four bytes a letter, by its beginning; None when it is not one.

    The upper bytes of such a text name the few scripts that it is written in, and zero (spaces, digits, line ends) is
    among them. The text that it makes has no NUL and no other control character.
    """
    sample = sample[: len(sample) & ~3] or sample[: len(sample) & ~1]
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    for encoding in ("utf-32-le", "utf-32-be"):
        if _is_text(sample, encoding):
            return encoding
    little, big = _few_scripts(sample[1::2]), _few_scripts(sample[::2])
    for share, encoding in sorted([(little, "utf-16-le"), (big, "utf-16-be")], reverse=True):
        if share >= MOST_OF_THEM and _is_text(sample, encoding):
            return encoding
    return None


def _few_scripts(uppers: bytes) -> float:
    """How much of a text its three most frequent scripts make, if these are the upper bytes; 0 without plain signs."""
    found = Counter(uppers)
    if found[0] < SOME_PLAIN * len(uppers):
        return 0.0
    return sum(count for _, count in found.most_common(FEW_SCRIPTS)) / len(uppers)


def _is_text(sample: bytes, encoding: str) -> bool:
    if encoding.startswith("utf-32"):
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            return False
    else:
        text = sample.decode(encoding, "ignore")  # half a character at its end, or one that somebody broke
        if len(text) < 0.45 * len(sample):
            return False
    return len(text) == len(text.translate(_CONTROLS))


def _sounding_like(data: bytes) -> Decoded:
    """UTF-8 with some other bytes between, else Windows-1252, else Latin-1 (which nothing contradicts)."""
    mended = data.decode("utf-8", "replace")
    wrong = mended.count("\ufffd")
    right = sum(1 for character in mended if character > "\x7f") - wrong
    if 20 * right > wrong:  # bytes of another encoding hardly ever look like UTF-8
        return Decoded(data.decode("utf-8", _PATCHED), "utf-8", MENDED)
    if len(data) == len(data.translate(None, UNDEFINED_IN_1252)):
        return Decoded(data.decode("cp1252"), "windows-1252", GUESSED)
    return Decoded(data.decode("latin-1"), "iso-8859-1", MENDED)


def _patched(problem: UnicodeError) -> tuple[str, int]:
    """A byte that stands alone is Windows-1252, pasted or appended there; a character that was cut stays unknown."""
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    wrong = problem.object[problem.start : problem.end]
    return (wrong.decode("cp1252", "replace") if len(wrong) == 1 and wrong < b"\xfe" else "\ufffd"), problem.end


_PATCHED = "kmrl-patched"
codecs.register_error(_PATCHED, _patched)
