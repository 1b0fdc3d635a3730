"""The text of documents, as it was read: whole, or page by page."""

from dataclasses import dataclass

from accounts.refusals import NotFound
from documents.models import Document, Page, Status, Version

MOST = 2**31 - 1  # what a parser can be asked for


class NotRead(NotFound):
    """The document exists, but nothing of it has been read."""

    code, title = "not_read", "This document has not been read"


@dataclass(frozen=True)
class Text:
    """A version's text; `pages` in order."""

    version: Version
    pages: list[Page]

    @property
    def whole(self) -> str:
        return "\n".join(page.text for page in self.pages)


def readable(document: Document, number: int | None = None) -> Version:
    """The newest processed version, or the processed one of that number. Raises NotRead, NotFound."""
    if number is not None:
        version = document.versions.filter(number=number).first()
        if version is None:
            raise NotFound(f"There is no version {number}.")
        if version.status != Status.PROCESSED:
            raise NotRead(f"Version {number} has not been read.")
        return version
    if document.readable is None:
        raise NotRead("This document has not been read yet, or cannot be; its status says which.")
    return document.readable


def shown(document: Document, number: int | None = None) -> Version:
    """The version whose pages are drawn: as `readable`, or the newest while nothing has been read."""
    if number is None and document.readable is None and document.newest is not None:
        return document.newest
    if number is not None and (version := document.versions.filter(number=number).first()) is not None:
        return version
    return readable(document, number)


def text(document: Document, number: int | None = None) -> Text:
    """Raises NotRead, NotFound."""
    version = readable(document, number)
    return Text(version, list(version.pages.all()))


def page(version: Version, number: int) -> Page:
    """Raises NotFound."""
    found = version.pages.filter(number=number).first()
    if found is None:
        raise NotFound(_so_many(version.page_count or 0))
    return found


def in_bounds(version: Version, number: int) -> int:
    """The number, of a page that there may be: of what has not been read nobody knows how many. Raises NotFound."""
    if not 1 <= number <= (version.page_count or MOST):
        raise NotFound(_so_many(version.page_count or 0))
    return number


def _so_many(pages: int) -> str:
    return "This document has 1 page." if pages == 1 else f"This document has {pages} pages."
