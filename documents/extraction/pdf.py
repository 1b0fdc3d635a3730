"""PDF, page by page, by MuPDF. The text layer only: a page that shows something but says nothing awaits OCR."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pymupdf
from pymupdf import mupdf

from documents import confidence
from documents.extraction import facts, legacy_fonts, mupdf_session, pdf_safety, xfa
from documents.extraction.answers import LIMITS, Bomb, Damaged, PageText, Progress, Reading

SPARSE, LONG_STAMP = 200, 400
"""A page with fewer characters is looked at for pictures: a stamp over a scan is not the page's text. A signature that
names its certificate is longer, and then the picture must be the page."""
PICTURE_SHARE, STAMPED_SHARE, WHOLE_PAGE = 0.01, 0.4, 0.9
OUTLINES = 10
DRAWING = 2 * 1024 * 1024
"""Bytes of content that is all lines: a picture's takes some fifty, and words are not sparse then."""
PAGES_DOUBTED, BLANK_BYTES = 20, 100
PICTURES = frozenset({"fill-image", "fill-imgmask"})
METADATA = {"title": "Title", "author": "Author", "created": "CreationDate", "producer": "Producer"}


def read(path: str, content_type: str, progress: Progress) -> Reading:
    """All pages of a PDF. Raises Encrypted, Damaged, Bomb."""
    with mupdf_session.tidy(), mupdf_session.colourless():
        start, end = pdf_safety.ends_of(path)
        if b"%PDF-" not in start:
            raise Damaged("This is not a PDF: its header is missing.")
        document = mupdf_session.open_pdf(path)
        reading = Reading(pages=[], flags=pdf_safety.flags_of_document(document), facts=_metadata(document))
        if pdf_safety.polyglot(start, end):
            reading.flags.add("polyglot")
        _read_pages(document, reading, progress)
        _read_form(document, reading)
        del document  # not open twice: a damaged file's table of contents may take half of what a child may have
        _look_at_sparse_pages(path, reading.pages)
        if "repaired" in reading.facts and all(page.blank for page in reading.pages):
            _check_that_pages_are_meant_to_be_blank(path)
        return reading


def _read_pages(document: Any, reading: Reading, progress: Progress) -> None:
    count = mupdf.pdf_count_pages(document)
    if count == 0:
        raise Damaged("This PDF is damaged: it has no page that can be read.")
    if count > LIMITS.pages:
        raise Bomb(f"This PDF says that it has {count} pages; the gateway reads at most {LIMITS.pages}.")
    watch, fonts, options = pdf_safety.Watch(), legacy_fonts.Fonts(document), mupdf_session.stext_options()
    characters = broken = 0
    for index in range(count):
        try:
            page = mupdf.pdf_lookup_page_obj(document, index)
            watch.look(page)
            shown = mupdf.pdf_load_page(document, index)
            text = mupdf_session.text_of(shown, options)
            legacy = fonts.on_page(page) and legacy_fonts.draw_much(mupdf_session.xml_of(shown, options))
        except mupdf_session.Fault as fault:
            if mupdf_session.wants_memory(fault):
                raise
            broken += 1
            reading.pages.append(PageText("", awaits_ocr=True))
            continue
        characters += _counted(text, characters)
        reading.pages.append(PageText(text, confidence.of_text(text, legacy=legacy), legacy=legacy))
        progress(100 * (index + 1) // count, "reading")
    if broken == count:
        raise Damaged("This PDF is damaged: none of its pages can be read.")
    reading.flags |= watch.flags
    if broken:
        reading.facts["unreadable_pages"] = {"value": broken, "from": "file"}
    if mupdf.pdf_was_repaired(document):
        reading.facts["repaired"] = {"value": True, "from": "file"}


def _read_form(document: Any, reading: Reading) -> None:
    """What was filled into a form that keeps it beside its pages goes to the end of the first one."""
    if form := xfa.source(document):
        if xfa.has_scripts(form):
            reading.flags.add("active_content")
        first = reading.pages[0]
        lines = [line for line in xfa.filled_in(form).split("\n") if line.rpartition(": ")[2] not in first.text]
        if lines and _counted(said := "\n".join(lines), sum(len(page.text) for page in reading.pages)):
            first.text = f"{first.text}\n\n{said}".strip()
            first.confidence = first.confidence or confidence.of_text(said)


def _counted(text: str, before: int) -> int:
    if len(text) > LIMITS.page_characters or before + len(text) > LIMITS.total_characters:
        raise Bomb("This PDF holds more text than the gateway reads from one file.")
    return len(text)


def _look_at_sparse_pages(path: str, pages: list[PageText]) -> None:
    """Decides which pages await OCR and which are blank; opens the file anew only when it must look at pictures."""
    document = None
    for index, page in enumerate(pages):
        if page.awaits_ocr:
            continue
        characters = len(page.text.strip())
        page.awaits_ocr = characters > 0 and page.confidence < confidence.NONSENSE
        if characters >= LONG_STAMP or page.awaits_ocr:
            continue
        if document is None:
            document = mupdf_session.opened(path, "pdf")
        shown = _shown(document, index)
        if characters == 0:
            page.awaits_ocr = shown.pictures >= PICTURE_SHARE or shown.outlines >= OUTLINES
            page.blank = not page.awaits_ocr
        elif not shown.recognised:
            page.awaits_ocr = shown.pictures >= (STAMPED_SHARE if characters < SPARSE else WHOLE_PAGE)


def _check_that_pages_are_meant_to_be_blank(path: str) -> None:
    """A mended file whose contents show nothing has lost them, or the key to them. Raises Damaged."""
    document = mupdf_session.open_pdf(path)
    for index in range(min(mupdf.pdf_count_pages(document), PAGES_DOUBTED)):
        for stream in pdf_safety.streams_of(mupdf.pdf_lookup_page_obj(document, index)):
            if mupdf.pdf_to_int(mupdf.pdf_dict_gets(stream, "Length")) > BLANK_BYTES:
                raise Damaged("This PDF is damaged: what its pages show is lost. Fetch it again, or send it anew.")


@dataclass(frozen=True)
class _Shown:
    """What a page shows: the share of it that pictures cover (overlaps counted twice), the number of outlines drawn,
    and whether its text is all invisible, as an OCR engine lays it over a picture."""

    pictures: float
    outlines: int = 0
    recognised: bool = False


def _shown(document: Any, index: int) -> _Shown:
    try:
        if _draws_much(document, index):
            return _Shown(0.0, OUTLINES)
        page = document[index]
        area = abs(page.rect) or 1.0
        drawn = page.get_bboxlog()
    except (mupdf_session.Fault, RuntimeError, ValueError):
        return _Shown(1.0)
    kinds = Counter(kind for kind, *_ in drawn)
    pictures = sum(abs(pymupdf.Rect(box) & page.rect) for kind, box, *_ in drawn if kind in PICTURES)
    return _Shown(
        pictures / area,
        kinds["fill-path"] + kinds["stroke-path"],
        kinds["ignore-text"] > 0 and not kinds["fill-text"] + kinds["stroke-text"],
    )


def _draws_much(document: Any, index: int) -> bool:
    """Whether a page is a drawing, by the mere length of its content: to list its lines would take too much memory."""
    page = mupdf.pdf_lookup_page_obj(mupdf.pdf_document_from_fz_document(document), index)
    left = DRAWING
    for stream in pdf_safety.streams_of(page):
        left -= pdf_safety.unpacked(stream, left)
        if left <= 0:
            return True
    return False


def _metadata(document: Any) -> dict[str, Any]:
    info = mupdf.pdf_dict_gets(mupdf.pdf_trailer(document), "Info")
    if not mupdf.pdf_is_dict(info):
        return {}
    values = {name: mupdf.pdf_to_text_string(mupdf.pdf_dict_gets(info, key)) for name, key in METADATA.items()}
    values["created"] = facts.pdf_date(values["created"])
    return facts.metadata(values)
