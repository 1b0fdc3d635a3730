"""Text: whether bytes are text at all, and which kind."""

import codecs
import re

from documents.extraction import encodings
from documents.validation import kinds

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROLS = re.compile("[\x00-\x06\x0e-\x1a\x1c-\x1f]")
FEW_CONTROLS = 0.002  # a stray control character does not make a text a binary
HOLES = re.compile(b"\x00+")
FEW_HOLES = 3  # where a machine lost power, a log has a block of NUL
HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]?[^\r\n]*(\r?\n[ \t][^\r\n]*)*\r?\n")
BY_A_MACHINE = frozenset(
    [
        "received",
        "mime-version",
        "return-path",
        "message-id",
        "content-type",
        "delivered-to",
        "x-mailer",
        "x-received",
        "dkim-signature",
        "authentication-results",
        "content-transfer-encoding",
    ]
)
"""Headers that nobody writes at the top of a memo."""
MAIL_HEADERS = BY_A_MACHINE | {
    "from",
    "to",
    "subject",
    "date",
    "sender",
    "cc",
    "reply-to",
    "in-reply-to",
    "references",
}
HTML_START = re.compile(
    r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|script|iframe|meta\s)", re.I | re.S
)
XML_START = re.compile(r"<\?xml\s|<!DOCTYPE\s|<([A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*(\s+xmlns|\s*>)", re.I)
SVG = re.compile(r"<([A-Za-z]+:)?svg[\s>]", re.I)


def decoded(head: bytes) -> str | None:
    """The beginning of a text, or None when the bytes are no text. `head` may end within a character."""
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return _if_text(head[len(bom) :].decode(encoding, "ignore"))
    if b"\x00" in head:
        if wide := encodings.wide_without_mark(head[: encodings.WIDE_SAMPLE]):
            return _if_text(head.decode(wide, "ignore"))
        head, holes = HOLES.subn(b"", head)
        if holes > FEW_HOLES or not head:
            return None
    try:
        return _if_text(codecs.getincrementaldecoder("utf-8")().decode(head))
    except UnicodeDecodeError:
        return _if_text(head.decode("cp1252", "replace"))


def kind_of(text: str, suffix: str) -> str | None:
    """The kind of text; the suffix decides only among kinds that look alike. None for SVG: partly a program."""
    start = text.lstrip("\ufeff \t\r\n\f\v")
    if SVG.search(start[:2048]) and start.startswith("<") and not HTML_START.match(start):
        return None
    if start.startswith("{\\rtf"):
        return kinds.RTF
    if HTML_START.match(start[:4096]):
        return kinds.HTML
    if XML_START.match(start[:512]) and suffix not in ("txt", "md", "log", "csv"):
        return kinds.XML
    if looks_like_mail(start, suffix):
        return kinds.EML
    if suffix == "json" and start[:1] in ("{", "["):
        return kinds.JSON
    return {"csv": kinds.CSV, "tsv": kinds.TSV, "tab": kinds.TSV, "html": kinds.HTML, "htm": kinds.HTML}.get(
        suffix, kinds.TEXT
    )


def looks_like_mail(text: str, suffix: str) -> bool:
    """At least three headers of mail at the very top; one is enough where the name says so.

    A memo begins with From, To and Subject as well: where the name says text, one must be there that programs write.
    """
    if text.startswith(("From ", ">From ")):
        text = text.partition("\n")[2]
    found, place = [], 0
    while (header := HEADER.match(text, place)) and place < 32_768:
        found.append(header[1].lower())
        place = header.end()
    known = len([name for name in found if name in MAIL_HEADERS])
    if suffix in kinds.SUFFIXES[kinds.TEXT] and BY_A_MACHINE.isdisjoint(found):
        return False
    return known >= (1 if suffix in ("eml", "mht", "mhtml") else 3)


def _if_text(text: str) -> str | None:
    return text if len(CONTROLS.findall(text)) <= max(1, FEW_CONTROLS * len(text)) else None
