"""Pictures: whole or damaged, how many pages. They have no text until an OCR engine reads them."""

import os
import struct
import zlib
from typing import BinaryIO

import pymupdf

from documents.extraction import mupdf_session
from documents.extraction.answers import LIMITS, Bomb, Damaged, PageText, Progress, Reading, Unreadable

MUPDF_TYPES = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "image/bmp": "bmp",
    "image/x-ms-bmp": "bmp",
    "image/jp2": "jp2",
}
"""What this family can decode and show."""
PHOTOGRAPHS = frozenset({"image/webp", "image/heic", "image/heif", "image/avif"})
"""Kept unopened until an OCR engine takes them; what else calls itself an image (drawings) has no page to look at."""

PART = 1024 * 1024  # bytes of a PNG in memory at a time


def read(path: str, content_type: str, progress: Progress) -> Reading:
    """One empty page a picture. Raises Damaged, Bomb."""
    kind = MUPDF_TYPES.get(content_type)
    if kind is None:
        return awaiting(1 if content_type in PHOTOGRAPHS else 0)
    if kind == "png":
        check_png(path)
    with mupdf_session.tidy():
        return awaiting(_decoded_pages(path, kind, progress))


def awaiting(pages: int) -> Reading:
    return Reading(pages=[PageText("", awaits_ocr=True) for _ in range(pages)], flags={"no_text"})


def _decoded_pages(path: str, kind: str, progress: Progress) -> int:
    """Decodes each page once: a header alone does not show that a picture is whole."""
    try:
        document = mupdf_session.opened(path, kind)
        count = int(document.page_count)
    except (mupdf_session.Fault, RuntimeError, ValueError) as fault:
        raise _unreadable(fault) from None
    if count > LIMITS.pages:
        raise Bomb(f"This picture says that it has {count} pages; the gateway reads at most {LIMITS.pages}.")
    pymupdf.TOOLS.reset_mupdf_warnings()
    for index in range(count):
        _decode(document, index)
        progress(100 * (index + 1) // count, "looking")
    if count == 0:
        raise Damaged("This picture is damaged: nothing in it can be shown.")
    return count


def _decode(document: "pymupdf.Document", index: int) -> None:
    try:
        page = document[index]
        info = page.get_image_info()
        pixels = max((one["width"] * one["height"] for one in info), default=int(abs(page.rect)))
        if pixels > LIMITS.pixels:
            raise Bomb(f"This picture has {pixels // 1_000_000} million pixels; the gateway shows at most 120 million.")
        scale = min(1.0, 256 / max(page.rect.width, page.rect.height, 1))
        page.get_pixmap(matrix=pymupdf.Matrix(scale, scale))
    except (mupdf_session.Fault, RuntimeError, ValueError) as fault:
        raise _unreadable(fault) from None


def _unreadable(fault: Exception) -> Unreadable:
    if mupdf_session.wants_memory(fault):
        return mupdf_session.out_of_memory()
    return Damaged(f"This picture is damaged: it cannot be decoded ({mupdf_session.reason(fault)}).")


def check_png(path: str) -> None:
    """Walks the chunks: their checksums hold and the last one is IEND. Raises Damaged.

    A chunk says how long it is, and what it says is not believed: it may be longer than the file.
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(8)
        while header := file.read(8):
            if len(header) < 8:
                raise _cut()
            length, name = struct.unpack(">I4s", header)
            if file.tell() + length + 4 > size:
                raise _cut()
            checksum = _checksum(file, name, length)
            if int.from_bytes(file.read(4), "big") != checksum and name.isupper():
                raise Damaged("This picture is damaged: a part of it does not match its checksum.")
            if name == b"IEND":
                return
    raise _cut()


def _checksum(file: BinaryIO, name: bytes, length: int) -> int:
    found = zlib.crc32(name)
    while length > 0 and (part := file.read(min(length, PART))):
        found, length = zlib.crc32(part, found), length - len(part)
    return found


def _cut() -> Damaged:
    return Damaged("This picture is damaged: the file ends before the picture does.")
