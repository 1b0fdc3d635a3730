"""The text of documents, as it was read: whole, or page by page."""

from dataclasses import dataclass

from accounts.refusals import NotFound
from documents.models import Document, Page, Status, Version


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
        pages = version.page_count or 0
        if pages == 1:
            raise NotFound("This document has 1 page.")
        raise NotFound(f"This document has {pages} pages.")
    return found
