"""What a PDF carries besides pages: scripts, launchers, attachments, a second file format; and how large it unpacks."""

import os
from typing import Any

from pymupdf import mupdf

from documents.extraction.answers import LIMITS, Bomb

ACTIVE = frozenset({"JavaScript", "Launch", "ImportData", "Rendition"})
CARRYING = frozenset({"FileAttachment", "RichMedia"})
ANNOTATIONS_LOOKED_AT = 5_000
ACTIONS_FOLLOWED, BOOKMARKS_LOOKED_AT = 100, 5_000
EXPANSION = 1400
"""No single filter expands by more: deflate by 1032 (zlib's technical notes), LZW by less than 1400."""
EXPANDING = frozenset({"FlateDecode", "Fl", "LZWDecode", "LZW", "RunLengthDecode", "RL"})
OTHER_STARTS = (b"PK\x03\x04", b"MZ", b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"#!")
HEADER_WITHIN, ZIP_TAIL = 1024, 65_557
CONTENTS, LENGTH, FILTER, ANNOTATIONS, ACTIONS = (
    mupdf.pdf_new_name(name) for name in ("Contents", "Length", "Filter", "Annots", "AA")
)


def ends_of(path: str) -> tuple[bytes, bytes]:
    """A file's first bytes, within which a PDF has its header, and its last ones."""
    with open(path, "rb") as file:
        start = file.read(HEADER_WITHIN)
        file.seek(max(0, os.fstat(file.fileno()).st_size - ZIP_TAIL))
        return start, file.read()


def polyglot(start: bytes, tail: bytes) -> bool:
    """Whether another format stands before the header or a zip directory at the end."""
    if not start.startswith(b"%PDF"):
        front = start.lstrip().lower()
        if start.startswith(OTHER_STARTS) or front.startswith((b"<html", b"<!doctype html", b"<script", b"<?php")):
            return True
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and tail.rfind(b"endstream") < at and len(tail) - at >= 22


def flags_of_document(document: Any) -> set[str]:
    """Scripts and attachments that hang on the document itself."""
    flags: set[str] = set()
    root = mupdf.pdf_dict_gets(mupdf.pdf_trailer(document), "Root")
    names = mupdf.pdf_dict_gets(root, "Names")
    active = _is_active(mupdf.pdf_dict_gets(root, "OpenAction")) or _any_active(mupdf.pdf_dict_gets(root, "AA"))
    if active or _has_active_bookmark(mupdf.pdf_dict_gets(root, "Outlines")):
        flags.add("active_content")
    if names.m_internal and mupdf.pdf_is_dict(names):
        if mupdf.pdf_is_dict(mupdf.pdf_dict_gets(names, "JavaScript")):
            flags.add("active_content")
        if mupdf.pdf_is_dict(mupdf.pdf_dict_gets(names, "EmbeddedFiles")):
            flags.add("embedded_file")
    if mupdf.pdf_is_array(mupdf.pdf_dict_gets(root, "AF")):
        flags.add("embedded_file")
    return flags


def _has_active_bookmark(outlines: Any) -> bool:
    """Looks at the first 5,000 bookmarks; one that points back to itself ends there too."""
    waiting, seen = [mupdf.pdf_dict_gets(outlines, "First")], 0
    while waiting and seen < BOOKMARKS_LOOKED_AT:
        one, seen = waiting.pop(), seen + 1
        if not mupdf.pdf_is_dict(one):
            continue
        if _is_active(mupdf.pdf_dict_gets(one, "A")):
            return True
        waiting += [mupdf.pdf_dict_gets(one, "Next"), mupdf.pdf_dict_gets(one, "First")]
    return False


class Watch:
    """Looks at page after page: flags found, and how much content they may have unpacked to so far."""

    def __init__(self) -> None:
        self.flags: set[str] = set()
        self._assumed = self._measured = 0
        self._annotations = 0

    def look(self, page: Any) -> None:
        """At a page's dictionary (`PdfObj`), before its content is interpreted. Raises Bomb."""
        if _any_active(mupdf.pdf_dict_get(page, ACTIONS)):
            self.flags.add("active_content")
        self._look_at_annotations(mupdf.pdf_dict_get(page, ANNOTATIONS))
        for stream in streams_of(page):
            self._measure(stream)

    def _look_at_annotations(self, annotations: Any) -> None:
        if not mupdf.pdf_is_array(annotations):
            return
        for index in range(mupdf.pdf_array_len(annotations)):
            self._annotations += 1
            if self._annotations > ANNOTATIONS_LOOKED_AT:
                return
            one = mupdf.pdf_array_get(annotations, index)
            actions = mupdf.pdf_dict_get_inheritable(one, ACTIONS)
            if _is_active(mupdf.pdf_dict_gets(one, "A")) or _any_active(actions):
                self.flags.add("active_content")
            if mupdf.pdf_to_name(mupdf.pdf_dict_gets(one, "Subtype")) in CARRYING:
                self.flags.add("embedded_file")

    def _measure(self, stream: Any) -> None:
        """Counts what a stream can unpack to at most; only where that is too much it is unpacked and measured."""
        most = mupdf.pdf_dict_get_int64(stream, LENGTH) * EXPANSION ** _expanding_filters(stream)
        if most <= LIMITS.page_content_bytes and self._assumed + most <= LIMITS.total_content_bytes:
            self._assumed += most
            return
        self._measured += self._unpacked(stream)
        if self._measured > LIMITS.total_content_bytes:
            raise _too_much(LIMITS.total_content_bytes)

    @staticmethod
    def _unpacked(stream: Any) -> int:
        size = unpacked(stream, LIMITS.page_content_bytes + 1)
        if size > LIMITS.page_content_bytes:
            raise _too_much(LIMITS.page_content_bytes)
        return size


def streams_of(page: Any) -> list[Any]:
    """The streams of a page's content, 20,000 at most."""
    contents = mupdf.pdf_dict_get(page, CONTENTS)
    if mupdf.pdf_is_array(contents):
        return [mupdf.pdf_array_get(contents, n) for n in range(min(mupdf.pdf_array_len(contents), LIMITS.entries))]
    return [contents] if contents.m_internal else []


def bytes_of(stream: Any) -> bytes:
    """What a stream unpacks to, as far as it does; look at its size (`unpacked`) before."""
    try:
        data: bytes = mupdf.pdf_load_stream(stream).fz_buffer_extract()
    except mupdf.FzErrorBase:
        return b""
    return data


def unpacked(stream: Any, most: int) -> int:
    """How many bytes a stream unpacks to, up to `most`; 0 when it does not."""
    try:
        return int(mupdf.fz_skip(mupdf.pdf_open_stream(stream), most))
    except mupdf.FzErrorBase:
        return 0


def _expanding_filters(stream: Any) -> int:
    filters = mupdf.pdf_dict_get(stream, FILTER)
    if not mupdf.pdf_is_array(filters):
        return int(mupdf.pdf_to_name(filters) in EXPANDING)
    names = [mupdf.pdf_array_get_name(filters, n) for n in range(min(mupdf.pdf_array_len(filters), 10))]
    return sum(name in EXPANDING for name in names)


def _too_much(limit: int) -> Bomb:
    return Bomb(f"This PDF unpacks to more than {limit // (1024 * 1024)} MB of page content; the gateway stops there.")


def _is_active(action: Any) -> bool:
    """Whether an action, or one that follows it (a single one or several, and so on), is a program."""
    waiting, seen = [action], 0
    while waiting and seen < ACTIONS_FOLLOWED:
        one, seen = waiting.pop(), seen + 1
        if mupdf.pdf_is_array(one):
            waiting += [mupdf.pdf_array_get(one, n) for n in range(min(mupdf.pdf_array_len(one), ACTIONS_FOLLOWED))]
        elif mupdf.pdf_is_dict(one):
            if mupdf.pdf_to_name(mupdf.pdf_dict_gets(one, "S")) in ACTIVE:
                return True
            waiting.append(mupdf.pdf_dict_gets(one, "Next"))
    return False


def _any_active(actions: Any) -> bool:
    """Of an additional-actions dictionary."""
    if not mupdf.pdf_is_dict(actions):
        return False
    return any(_is_active(mupdf.pdf_dict_get_val(actions, index)) for index in range(mupdf.pdf_dict_len(actions)))
