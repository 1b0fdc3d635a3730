"""Forms of Adobe's XML kind (XFA): what was filled in stands in a data set beside the pages, not on them.

A dynamic one has a single page, which asks to wait for a program that can show it.
"""

import html
import re
from typing import Any

from pymupdf import mupdf

from documents.extraction import pdf_safety

PARTS_LOOKED_AT, LONGEST = 40, 8 * 1024 * 1024
DATA = re.compile(r"<(?P<tag>[\w.-]+:data)\b[^>]*>(?P<inside>.*?)</(?P=tag)\s*>", re.S)
TOKEN = re.compile(
    r"<!--.*?-->|<!\[CDATA\[(?P<raw>.*?)\]\]>|<(?P<end>/?)(?P<tag>[\w:.-]+)[^>]*?>|(?P<text>[^<]+)", re.S
)
SCRIPT = re.compile(r"<(?:[\w.-]+:)?script\b", re.I)


def source(document: Any) -> str:
    """The form's XML, all its parts in one, up to 8 MB; empty when the PDF has none."""
    root = mupdf.pdf_dict_gets(mupdf.pdf_trailer(document), "Root")
    found = mupdf.pdf_dict_gets(mupdf.pdf_dict_gets(root, "AcroForm"), "XFA")
    parts = [found]
    if mupdf.pdf_is_array(found):
        parts = [mupdf.pdf_array_get(found, n) for n in range(min(mupdf.pdf_array_len(found), PARTS_LOOKED_AT))]
    data = b""
    for part in parts:
        left = LONGEST - len(data)
        if mupdf.pdf_is_stream(part) and 0 < pdf_safety.unpacked(part, left + 1) <= left:
            data += pdf_safety.bytes_of(part)
    return data.decode("utf-8", "replace")


def has_scripts(xml: str) -> bool:
    return SCRIPT.search(xml) is not None


def filled_in(xml: str) -> str:
    """What the data set holds, a line for each field: its name, and what was written there."""
    found = DATA.search(xml)
    lines, name = [], ""
    for token in TOKEN.finditer(found["inside"] if found else ""):
        if token["tag"] is not None:
            name = "" if token["end"] else token["tag"].rpartition(":")[2]
        value = token["raw"] or html.unescape(token["text"] or "")
        if value.strip():
            lines.append(f"{name}: {' '.join(value.split())}" if name else " ".join(value.split()))
    return "\n".join(lines)
