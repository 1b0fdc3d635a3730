"""Plain text and what is nearly plain text: CSV, JSON, XML, HTML, Markdown. Form feeds and length make the pages."""

import os
import re
from html.parser import HTMLParser

from documents import confidence
from documents.extraction.answers import LIMITS, Bomb, PageText, Progress, Reading
from documents.extraction.encodings import Decoded, decode

PAGE_CHARACTERS = 4_000
LONGEST_FILE = 4 * LIMITS.total_characters
NESTED_ENTITY = re.compile(r"<!ENTITY\s+[%\s]*[\w.:-]+\s+(\"[^\"]*&[\w.:-]+;|'[^']*&[\w.:-]+;)")
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
XML_TYPES = frozenset({"text/xml", "application/xml", "image/svg+xml"})


def read(path: str, content_type: str, progress: Progress) -> Reading:
    """The whole text, cut into pages. Raises Damaged, Bomb."""
    if os.path.getsize(path) > LONGEST_FILE:
        raise Bomb("This text is longer than the gateway reads from one file.")
    with open(path, "rb") as file:
        decoded = decode(file.read())
    if len(decoded.text) > LIMITS.total_characters:
        raise Bomb("This text is longer than the gateway reads from one file.")
    if decoded.text.count("\f") >= LIMITS.pages:
        raise Bomb(f"This text has more than {LIMITS.pages} form feeds; the gateway reads at most so many pages.")
    reading = of_text(plain(decoded, content_type))
    reading.certainty = decoded.certainty
    reading.facts["encoding"] = {"value": decoded.encoding, "from": "file"}
    if content_type in HTML_TYPES and "<script" in decoded.text.lower():
        reading.flags.add("active_content")
    return reading


def plain(decoded: Decoded, content_type: str) -> str:
    """The words that a reader of the page would see. XML entities are never resolved, and never loaded."""
    if content_type in HTML_TYPES:
        return of_html(decoded.text)
    if content_type in XML_TYPES and len(NESTED_ENTITY.findall(decoded.text[:100_000])) >= 2:
        raise Bomb("This XML defines entities out of entities, which unpack without end; the gateway does not read it.")
    return decoded.text


def of_text(text: str) -> Reading:
    trusted = ((part, confidence.of_text(part, from_fonts=False)) for part in paginate(text))
    return Reading(pages=[PageText(part, trust, blank=not part.strip()) for part, trust in trusted])


def paginate(text: str) -> list[str]:
    """Cut at form feeds, and long stretches at a line end near PAGE_CHARACTERS. Joined again they are the text."""
    pages: list[str] = []
    for stretch in text.split("\f"):
        at = 0
        while len(stretch) - at > PAGE_CHARACTERS * 5 // 4:
            end = _line_end(stretch, at + PAGE_CHARACTERS)
            pages.append(stretch[at:end])
            at = end
        pages.append(stretch[at:])
    while len(pages) > 1 and not pages[-1].strip():
        pages.pop()
    return pages


def _line_end(text: str, near: int) -> int:
    """Just after the last line end before `near`, else after a space, else `near`."""
    for mark in ("\n", " "):
        found = text.rfind(mark, near - PAGE_CHARACTERS // 2, near)
        if found >= 0:
            return found + 1
    return near


class _Words(HTMLParser):
    """Keeps what is shown; a block begins a line."""

    HIDDEN = frozenset({"script", "style", "template", "noscript", "head"})
    INLINE = frozenset({"a", "b", "i", "em", "strong", "span", "u", "small", "sub", "sup", "font", "code", "img"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: list[str] = []
        self._title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.HIDDEN:
            self._hidden.append(tag)
        elif tag == "body":
            self._hidden.clear()
        self._title = tag == "title"
        if tag not in self.INLINE:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
        self._title = False
        if tag not in self.INLINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden or self._title:
            self.parts.append(data)


def of_html(text: str) -> str:
    """The words of an HTML page, without scripts and styles."""
    words = _Words()
    words.feed(text)
    words.close()
    lines = (" ".join(line.split()) for line in "".join(words.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
