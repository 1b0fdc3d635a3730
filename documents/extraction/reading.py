"""What a child process is asked for: read a file, the words of a page, the picture of a page. No Django here."""

import time
from typing import Any

from documents import confidence, language
from documents.extraction import facts, families
from documents.extraction.answers import PageText, Progress, Reading, unheard

LANGUAGE_SAMPLE = 400_000
TELL_EVERY = 0.1


def read(path: str, content_type: str, progress: Progress = unheard) -> dict[str, Any]:
    """Everything that a version keeps of reading `path`: see `documents.processing.Result` for the fields.

    Raises Encrypted, Damaged, Bomb. A type that no family reads has no text; that is not a failure.
    """
    family = families.of(content_type)
    if family is None:
        found = Reading(pages=[PageText("", blank=True)], flags={"no_text"}, page_count=0)
    else:
        found = family(path, content_type, _now_and_then(progress))
    return _summary(found)


def _now_and_then(progress: Progress) -> Progress:
    """Most files are read before anybody could look: news cost more than they are worth under a tenth of a second."""
    last = time.monotonic()

    def tell(percent: int, step: str) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_EVERY:
            last = time.monotonic()
            progress(percent, step)

    return tell


def _as_kept(text: str) -> str:
    """Without what no database keeps: NUL, and halves of characters."""
    text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _language(pages: list[PageText], sample: str) -> str:
    """Of the pages whose letters mean something: a legacy font's glyph numbers are Latin letters, and no English.

    Those that such a font is known to have drawn are Malayalam.
    """
    if all(page.confidence >= confidence.NONSENSE for page in pages):
        return language.of(sample)
    meant = [page.text for page in pages if _is_meant(page)]
    said = language.of("\n".join(meant)[:LANGUAGE_SAMPLE])
    if any(page.legacy for page in pages):
        return "en+ml" if "en" in said else "ml"
    return said


def _is_meant(page: PageText) -> bool:
    if page.legacy:
        return False
    return page.confidence >= confidence.NONSENSE or confidence.means_its_letters(page.text)


def _summary(found: Reading) -> dict[str, Any]:
    pages = found.pages
    for page in pages:
        page.text = _as_kept(page.text)
    sample = "\n".join(page.text for page in pages)[:LANGUAGE_SAMPLE]
    has_text = not (sample == "" or sample.isspace())
    if not has_text:
        found.flags.add("no_text")
    if has_text and (references := facts.references(pages)):
        found.facts["references"] = references
    trusted = [page.confidence for page in pages if not page.blank]
    return {
        "pages": [page.text for page in pages] if has_text or found.page_count is None else [],
        "confidences": [page.confidence for page in pages],
        "page_count": len(pages) if found.page_count is None else found.page_count,
        "awaiting_ocr": sum(page.awaits_ocr for page in pages),
        "language": _language(pages, sample) if has_text else "und",
        "confidence": confidence.of_document(trusted, found.certainty),
        "flags": sorted(found.flags),
        "facts": found.facts,
    }
