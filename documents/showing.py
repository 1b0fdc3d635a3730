"""Pages on demand for people who look: words and pictures, made by children of the web process and kept for a while."""

import hashlib
import threading
from typing import Any

import orjson
from django.core.cache import cache

from accounts.refusals import NotFound, Refusal, TooMany
from documents import page_cache
from documents.models import Version
from documents.processing import local_file
from jobs.children import ChildFailed, ChildRefused
from jobs.nursery import NURSERY

AT_ONCE = 2
"""Children of one web process; a caller who waits longer than WAITS seconds for one is told to come again."""
WAITS, SECONDS = 10.0, 20.0
WORDS_KEPT = 3600
LAYOUT = "1"
"""Part of every key: raise it when what is made changes."""

_children = threading.BoundedSemaphore(AT_ONCE)


class NoImage(Refusal):
    """Files of this type have no pages that could be shown."""

    status, code, title = 404, "no_image", "There is no picture of this page"


class NotRendered(Refusal):
    """The page cannot be shown, by fault of the file."""

    status, code, title = 422, "not_rendered", "This page cannot be shown"


def words(version: Version, number: int) -> dict[str, Any]:
    """`{"width", "height", "words": [{"text", "x0", "y0", "x1", "y1", "confidence"}]}`; kept for an hour.

    Types without pages have no words with boxes: the list is empty. Raises NotFound, NotRendered, TooMany.
    """
    key = f"page-words-{LAYOUT}-{version.blob_id}-{number}"
    if (kept := cache.get(key)) is not None:
        known: dict[str, Any] = orjson.loads(kept)
        return known
    try:
        found: dict[str, Any] = _ask("words", version, number)
    except NoImage:
        found = {"width": 0, "height": 0, "words": []}
    cache.set(key, orjson.dumps(found), WORDS_KEPT)
    return found


def picture(version: Version, number: int, *, width: int) -> bytes:
    """A page as PNG. Raises NotFound, NoImage, NotRendered, TooMany."""
    key = tag(version, number, width=width)
    data = page_cache.get(key)
    if data is None:
        data = bytes(_ask("picture", version, number, width))
        page_cache.put(key, data)
    return data


def tag(version: Version, number: int, *, width: int) -> str:
    """Names what `picture` gives: the same as long as it is the same."""
    return hashlib.sha256(f"{LAYOUT} {version.blob_id} {number} {width}".encode()).hexdigest()[:40]


def _ask(what: str, version: Version, number: int, *more: int) -> Any:
    """Call a child of this process. Raises NotFound, NoImage, NotRendered, TooMany."""
    if not _children.acquire(timeout=WAITS):
        raise TooMany("Many pages are being drawn just now. Try again in a moment.", retry_after=5)
    child = NURSERY.take()
    try:
        with local_file(version.blob_id) as path:
            return child.call(
                f"documents.extraction.showing:{what}", path, version.content_type, number, *more, timeout=SECONDS
            )
    except ChildRefused as refusal:
        raise _refused(refusal) from None
    except ChildFailed:
        raise NotRendered("Drawing this page takes more time or memory than the gateway gives to one page.") from None
    except FileNotFoundError:
        raise NotFound from None
    finally:
        NURSERY.give_back(child)
        _children.release()


def _refused(refusal: ChildRefused) -> Refusal:
    if refusal.code == "no_such_page":
        return NotFound(refusal.detail)
    if refusal.code == "no_image":
        return NoImage(refusal.detail)
    return NotRendered(refusal.detail)
