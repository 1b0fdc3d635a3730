"""Syllables that a PDF says in so many letters (ActualText), whatever the glyphs that draw them say.

Browsers and office programs print Malayalam so. MuPDF compares what is said with what each glyph says, and leaves out
letters where these stand in another order, or where a syllable changes its font in the middle. So the page's content is
rewritten: what is drawn for the n-th syllable gets the colour n, everything else none, and the text is then read by
glyphs and put together by colours.
"""

import re
from typing import Any

from pymupdf import mupdf

from documents.extraction import pdf_safety

MARK = b"ActualText"
STRING = rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))*\)"
TOKEN = re.compile(
    rb"/ActualText\s*(?P<said><[0-9A-Fa-f\s]*>|" + STRING + rb")"
    rb"|(?:(?<=[\s>\])])|^)(?P<operator>BDC|BMC|EMC|BI|rg|g|k|cs|scn?)(?![^\s\[(</%])"
    rb"|%[^\r\n]*|" + STRING,
    re.S,
)
"""What matters of a content stream; within strings and comments nothing does."""
STROKING = {b"g": b"G", b"rg": b"RG", b"k": b"K", b"cs": b"CS", b"sc": b"SC", b"scn": b"SCN"}
"""The page's own colours go to its lines, where they disturb nothing."""
PICTURE_WITHIN = b"BI"
SIGNED, MOST_SAID = 0xA5, 0xFFFF
"""A syllable's colour: this much red, and its number as green and blue."""
ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def of_page(document: Any, page: Any) -> list[str]:
    """What the page (its dictionary) says of its syllables; then its content is rewritten, in memory.

    Empty when it says nothing, or when it is not understood: nothing is changed then.
    """
    parts = [pdf_safety.bytes_of(stream) for stream in pdf_safety.streams_of(page)]
    content = b"\n".join(parts)
    if MARK not in content or not all(parts) or (rewritten := _coloured(content)) is None:
        return []
    said, coloured = rewritten
    buffer = mupdf.FzBuffer.fz_new_buffer_from_copied_data(coloured)
    mupdf.pdf_dict_puts(page, "Contents", mupdf.pdf_add_stream(document, buffer, mupdf.PdfObj(), 0))
    return said


def number_of(colour: str) -> int | None:
    """Which syllable (from 0) drew a character of this colour (`#rrggbb`); None for the rest of the page."""
    value = int(colour[1:], 16)
    return value & 0xFFFF if value >> 16 == SIGNED else None


def _coloured(content: bytes) -> tuple[list[str], bytes] | None:
    said: list[str] = []
    parts: list[bytes] = []
    kept, speaks, within = 0, b"", list[bool]()
    for found in TOKEN.finditer(content):
        operator = found["operator"]
        if found["said"] is not None:
            speaks = found["said"]
        if operator is None:
            continue
        if operator == PICTURE_WITHIN or len(said) > MOST_SAID:
            return None
        new = STROKING.get(operator, b"")
        if operator in (b"BDC", b"BMC"):
            within.append(speaks != b"")
            if speaks:
                new = operator + b" %.6f %.6f %.6f rg" % _colour(len(said))
                said.append(_text(speaks))
            speaks = b""
        elif operator == b"EMC" and within and within.pop():
            new = b"EMC 0 g"
        if new:
            parts += [content[kept : found.start()], new]
            kept = found.end()
    return said, b"".join([*parts, content[kept:]])


def _colour(number: int) -> tuple[float, float, float]:
    return SIGNED / 255, (number >> 8) / 255, (number & 255) / 255


def _text(token: bytes) -> str:
    """Of a string as it stands in a content stream."""
    if token.startswith(b"<"):
        digits = b"".join(token[1:-1].split())
        data = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    else:
        data = ESCAPED.sub(_unescaped, token[1:-1])
    if data.startswith(b"\xfe\xff"):
        return data[2:].decode("utf-16-be", "replace")
    return data.decode("latin-1")


def _unescaped(found: "re.Match[bytes]") -> bytes:
    escaped = found[1]
    return bytes([int(escaped, 8) & 255]) if escaped.isdigit() else ESCAPES.get(escaped, escaped)
