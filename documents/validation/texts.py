"""Text: whether bytes are text at all, and which kind."""

import codecs
import re

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
HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]?[^\r\n]*(\r?\n[ \t][^\r\n]*)*\r?\n")
MAIL_HEADERS = frozenset(
    [
        "from",
        "to",
        "subject",
        "date",
        "received",
        "mime-version",
        "return-path",
        "message-id",
        "content-type",
        "delivered-to",
        "x-mailer",
        "sender",
        "cc",
        "reply-to",
        "x-received",
        "dkim-signature",
        "authentication-results",
        "content-transfer-encoding",
        "in-reply-to",
        "references",
    ]
)
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
        return _utf16(head)
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
    """At least three headers of mail at the very top; one is enough where the name says so."""
    if text.startswith(("From ", ">From ")):
        text = text.partition("\n")[2]
    found, place = 0, 0
    while (header := HEADER.match(text, place)) and place < 32_768:
        found += header[1].lower() in MAIL_HEADERS
        place = header.end()
    return found >= (1 if suffix in ("eml", "mht", "mhtml") else 3)


def _utf16(head: bytes) -> str | None:
    """UTF-16 without a mark: nearly every other byte of Latin text is zero, or all pairs are assigned letters."""
    head = head[: len(head) & ~1]
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if max(odd, even) < 0.3 * len(head) / 2 or min(odd, even) > 0.02 * len(head):
        return None
    return _if_text(head.decode("utf-16-le" if odd > even else "utf-16-be", "ignore"))


def _if_text(text: str) -> str | None:
    return text if len(CONTROLS.findall(text)) <= max(1, FEW_CONTROLS * len(text)) else None
