"""One page on demand: its words with their boxes, and its picture. Runs in a child process, as reading does."""

from typing import Any

import pymupdf

from documents import confidence
from documents.extraction import image, mupdf_session
from documents.extraction.answers import LIMITS, Bomb, PageWords, Unreadable, Word

WIDEST, TALLEST = 2_000, 4_000
MOST_WORDS = 20_000


class NoSuchPage(Unreadable):
    """The file has no page of that number."""

    code = "no_such_page"


class NotShown(Unreadable):
    """Files of this type have no pages that could be shown."""

    code = "no_image"


def words(path: str, content_type: str, number: int) -> dict[str, Any]:
    """A page's words as `PageWords.as_dict`. Raises NoSuchPage, NotShown, Damaged, Bomb, Encrypted."""
    with mupdf_session.tidy():
        page = _page(path, content_type, number)
        box = page.rect
        found = page.get_text("words", flags=mupdf_session.TEXT_FLAGS)[:MOST_WORDS] if _is_pdf(content_type) else []
        width, height = max(box.width, 1.0), max(box.height, 1.0)
        listed = [
            Word(
                text=word,
                x0=_share(x0 - box.x0, width),
                y0=_share(y0 - box.y0, height),
                x1=_share(x1 - box.x0, width),
                y1=_share(y1 - box.y0, height),
                confidence=confidence.of_text(word),
            )
            for x0, y0, x1, y1, word, *_ in found
        ]
        return PageWords(width=round(width, 2), height=round(height, 2), words=listed).as_dict()


def picture(path: str, content_type: str, number: int, width: int) -> bytes:
    """A page as PNG, `width` pixels wide. Raises as `words` does."""
    with mupdf_session.tidy():
        page = _page(path, content_type, number)
        _check_pixels(page)
        width = max(16, min(width, WIDEST))
        scale = width / max(page.rect.width, 1.0)
        scale = min(scale, TALLEST / max(page.rect.height, 1.0))
        drawn = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False)
        data: bytes = drawn.tobytes("png")
        return data


def _page(path: str, content_type: str, number: int) -> Any:
    if _is_pdf(content_type):
        mupdf_session.open_pdf(path)  # says in its own words when it asks for a password
        kind = "pdf"
    elif content_type in image.MUPDF_TYPES:
        kind = image.MUPDF_TYPES[content_type]
    else:
        raise NotShown("Files of this type have no page pictures; read their text, or download the original.")
    try:
        document = pymupdf.open(path, filetype=kind)
        if not 1 <= number <= document.page_count:
            if document.page_count == 1:
                raise NoSuchPage("This document has 1 page.")
            raise NoSuchPage(f"This document has {document.page_count} pages.")
        return document[number - 1]
    except (RuntimeError, ValueError) as fault:
        raise NotShown(f"This page cannot be shown ({mupdf_session.reason(fault)}).") from None


def _check_pixels(page: Any) -> None:
    """Pictures are decoded whole before they are made small."""
    largest = max((one["width"] * one["height"] for one in page.get_image_info()), default=0)
    if largest > LIMITS.pixels:
        raise Bomb("This page holds a picture that is larger than the gateway shows; download the original.")


def _is_pdf(content_type: str) -> bool:
    return content_type == "application/pdf"


def _share(points: float, of: float) -> float:
    return round(points / of, 5)
