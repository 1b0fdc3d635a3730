"""Which module reads which type of file. A new family of formats is one new module and its lines here."""

from collections.abc import Callable

from documents.extraction import image, mail, office, pdf, text
from documents.extraction.answers import Progress, Reading

Family = Callable[[str, str, Progress], Reading]

FAMILIES: dict[str, Family] = {
    "application/pdf": pdf.read,
    "application/json": text.read,
    "application/xml": text.read,
    "application/xhtml+xml": text.read,
    "message/rfc822": mail.read,
    "application/vnd.ms-outlook": mail.read,
    "application/rtf": office.read,
    "text/rtf": office.read,
    "application/msword": office.read,
    "application/encrypted": office.read,
    "application/epub+zip": office.read,
    "application/zip": office.read,
    "application/x-ole-storage": office.read,
}
PREFIXES: tuple[tuple[str, Family], ...] = (
    ("text/", text.read),
    ("image/", image.read),
    ("application/vnd.openxmlformats-officedocument.", office.read),
    ("application/vnd.oasis.opendocument.", office.read),
    ("application/vnd.ms-", office.read),
)


def of(content_type: str) -> Family | None:
    """The reader of a type, or None when no family reads it."""
    if found := FAMILIES.get(content_type):
        return found
    return next((family for prefix, family in PREFIXES if content_type.startswith(prefix)), None)
