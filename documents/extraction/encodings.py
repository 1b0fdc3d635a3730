"""From bytes to text: byte order marks, then UTF-8 if it is valid, then what the bytes sound like."""

import codecs
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


@dataclass(frozen=True)
class Decoded:
    """`certainty` is 1 when the encoding was declared or proved itself, less when it was guessed."""

    text: str
    encoding: str
    certainty: float


def decode(data: bytes) -> Decoded:
    """Text of any of the encodings that offices use. Raises Damaged when it is not text at all."""
    found = _marked(data) or _proved(data) or _sounding_like(data)
    text = found.text.replace("\r\n", "\n").replace("\r", "\n")
    clean = text.translate(_CONTROLS)
    if len(text) - len(clean) > MOST_CONTROLS * len(text):
        raise Damaged("This file is named as a text but holds other bytes.")
    return Decoded(clean, found.encoding, found.certainty)


def _marked(data: bytes) -> Decoded | None:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            return Decoded(text, encoding, 1.0 if "\ufffd" not in text else MENDED)
    return None


def _proved(data: bytes) -> Decoded | None:
    if wide := _wide_without_mark(data):
        return wide
    try:
        return Decoded(data.decode("utf-8"), "utf-8", 1.0)
    except UnicodeDecodeError as problem:
        if problem.start >= len(data) - 3 and len(data) > 3:  # cut within its last character
            return Decoded(data[: problem.start].decode("utf-8"), "utf-8", MENDED)
    return None


def _wide_without_mark(data: bytes) -> Decoded | None:
    """UTF-16 of mostly Latin text shows a zero in nearly every second byte."""
    sample = data[:4096]
    if len(sample) < 4 or len(data) % 2:
        return None
    half = len(sample) // 2
    for encoding, zeros, others in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if zeros.count(0) > 0.6 * half and others.count(0) < 0.05 * half:
            try:
                return Decoded(data.decode(encoding), encoding, 1.0)
            except UnicodeDecodeError:
                return None
    return None


def _sounding_like(data: bytes) -> Decoded:
    """UTF-8 with a few broken characters, else Windows-1252, else Latin-1 (which nothing contradicts)."""
    mended = data.decode("utf-8", "replace")
    wrong = mended.count("\ufffd")
    right = sum(1 for character in mended if character > "\x7f") - wrong if wrong < 1000 else 0
    if right > 20 * wrong:
        return Decoded(mended, "utf-8", MENDED)
    if len(data) == len(data.translate(None, UNDEFINED_IN_1252)):
        return Decoded(data.decode("cp1252"), "windows-1252", GUESSED)
    return Decoded(data.decode("latin-1"), "iso-8859-1", MENDED)
