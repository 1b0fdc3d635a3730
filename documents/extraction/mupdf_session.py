"""MuPDF, opened quietly and left clean. Everything that touches PyMuPDF's lower layer goes through here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pymupdf
from pymupdf import mupdf

from documents.extraction import actual_text, letter_spacing, malayalam
from documents.extraction.answers import Bomb, Damaged, Encrypted

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

Fault: Any = mupdf.FzErrorBase
"""Base of everything that MuPDF raises."""
NOT_TEXT = "what is wrong with it cannot be said in letters"


def _can_be_raised_without_words() -> None:
    """Let MuPDF's faults be made without words, as those are that quote bytes of the file which are no UTF-8.

    Their classes refuse that: what came was a TypeError, which nobody takes for a fault of the file.
    """
    for name in dir(mupdf):
        kind = getattr(mupdf, name)
        if name.startswith("FzError") and kind is not Fault:
            kind.__init__.__defaults__ = (NOT_TEXT,)


_can_be_raised_without_words()

TEXT_FLAGS = mupdf.FZ_STEXT_PRESERVE_WHITESPACE | mupdf.FZ_STEXT_CLIP
"""Ligatures are spelt out, so that words are found. Without FZ_STEXT_USE_CID_FOR_UNKNOWN_UNICODE: what has no Unicode
must read as U+FFFD, not as a wrong letter."""
STILL = mupdf.FzMatrix()
"""Neither moved nor turned nor scaled."""
DROPPED_AFTER = 16
_files = 0


@contextmanager
def tidy() -> Iterator[None]:
    """Drops MuPDF's warnings afterwards, and its store after every 16th file: a child reads many and must not grow.

    What a document put into the store goes with the document. What stays serves the next one (fonts that no file
    brings along): to drop it each time took three of the ten milliseconds that a paper took.
    Turns running out of memory into `Bomb`.
    """
    global _files
    try:
        yield
    except MemoryError:
        raise out_of_memory() from None
    except Fault as fault:
        if wants_memory(fault):
            raise out_of_memory() from None
        raise Damaged(f"This file is damaged: it cannot be read ({reason(fault)}).") from None
    finally:
        _files += 1
        if _files % DROPPED_AFTER == 0:
            pymupdf.TOOLS.store_shrink(100)
        pymupdf.TOOLS.reset_mupdf_warnings()


def wants_memory(fault: Exception) -> bool:
    """Whether MuPDF failed because a child may have no more (`malloc`, `calloc`, `realloc` of so many bytes failed)."""
    return "alloc" in str(fault)


def out_of_memory() -> Bomb:
    return Bomb("Unpacked, this file needs more memory than the gateway gives to one file.")


@contextmanager
def colourless() -> Iterator[None]:
    """While it lasts, MuPDF takes colours as they are given, without their ICC profiles: a text has no use for these.

    To set up what converts them took 4 to 35 ms of each file that brings profiles along.
    """
    pymupdf.TOOLS.set_icc(False)
    try:
        yield
    finally:
        pymupdf.TOOLS.set_icc(True)


def open_pdf(path: str) -> Any:
    """A `mupdf.PdfDocument`, read as PDF whatever its name or first bytes say.

    Raises Encrypted when the empty password does not open it, Damaged when it is no PDF.
    """
    try:
        document = mupdf.pdf_open_document(path)
    except Fault as fault:
        if "password" in str(fault).lower() or "encrypt" in str(fault).lower():
            raise encrypted() from None
        raise Damaged(f"This PDF is damaged: it cannot be opened ({reason(fault)}).") from None
    if mupdf.pdf_needs_password(document) and not mupdf.pdf_authenticate_password(document, ""):
        raise encrypted()
    return document


def opened(path: str, kind: str) -> Any:
    """A `pymupdf.Document`: the library's upper layer, for pictures and for what is on a page.

    Raises MuPDF's own fault, which that layer hides behind one that does not say why.
    """
    try:
        return pymupdf.open(path, filetype=kind)
    except pymupdf.FileDataError as error:
        if isinstance(error.__cause__, Fault):
            raise error.__cause__ from None
        raise


def encrypted() -> Encrypted:
    return Encrypted("This PDF asks for a password. Save it without one and send it again.")


def reason(fault: Exception) -> str:
    """MuPDF's words, short and on one line."""
    said = " ".join(str(fault).split())
    return said.removeprefix("code=").split(": ", 1)[-1][:120]


def stext_options() -> Any:
    options = mupdf.FzStextOptions()
    options.flags = TEXT_FLAGS
    return options


def text_of(page: Any, options: Any) -> str:
    """The text of a loaded `mupdf.PdfPage`: lines end in a newline, blocks in an empty line.

    What is filled into form fields and written onto the page as notes is read after the page itself, as it is printed.
    Malayalam that came out torn or in the order of its glyphs is put together, which takes ten times as long.
    """
    structured = _structured(page, options)
    text = _printed(lambda output: mupdf.fz_print_stext_page_as_text(output, structured))
    if not text.isascii() and malayalam.is_there(text):
        text = _malayalam(page, text, structured)
    if letter_spacing.is_there(text):
        text = letter_spacing.closed(text, _as_xml(structured))
    return text.replace("\x00", "").rstrip("\n")


def _malayalam(page: Any, text: str, structured: Any) -> str:
    if said := actual_text.of_page(page.doc(), page.obj()):
        options = mupdf.FzStextOptions()
        options.flags = TEXT_FLAGS | mupdf.FZ_STEXT_IGNORE_ACTUALTEXT
        return malayalam.mended(xml_of(page, options), said)
    if malayalam.is_in_glyph_order(text):
        return malayalam.in_order(text)
    if malayalam.is_torn(text):
        text = malayalam.mended(_as_xml(structured))
    return malayalam.without_fillers(text)


def xml_of(page: Any, options: Any) -> str:
    """The same with fonts and places of the characters, as MuPDF's XML."""
    return _as_xml(_structured(page, options))


def _as_xml(structured: Any) -> str:
    return _printed(lambda output: mupdf.fz_print_stext_page_as_xml(output, structured, 0))


def _structured(page: Any, options: Any) -> Any:
    """A field or note that cannot be drawn leaves the page as it is."""
    shown = page.super()
    structured = mupdf.FzStextPage(shown.fz_bound_page())
    device, cookie = mupdf.FzDevice(structured, options), mupdf.FzCookie()  # one for the whole page, as in fz_run_page
    shown.fz_run_page_contents(device, STILL, cookie)
    for run in (shown.fz_run_page_annots, shown.fz_run_page_widgets):
        try:
            run(device, STILL, cookie)
        except Fault as fault:
            if wants_memory(fault):
                raise
    device.fz_close_device()
    return structured


def _printed(write: Callable[[Any], None]) -> str:
    buffer = mupdf.FzBuffer(4096)
    output = mupdf.FzOutput(buffer)
    write(output)
    output.fz_close_output()
    data: bytes = buffer.fz_buffer_extract()
    return data.decode("utf-8", "replace")
