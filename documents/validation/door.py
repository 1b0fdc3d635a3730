"""The door: what a file is by its bytes, and whether it may come in."""

import re
from dataclasses import dataclass
from typing import IO

import puremagic

from documents.refusals import Empty, Unsupported
from documents.validation import bombs, kinds, markup, names, ole, programs, texts, zips

HEAD = 64 * 1024
PDF_HEADER_WITHIN = 1024
PDF_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b|%%EOF|\bxref\b")
TAKEN = "Send PDF, text, office, e-mail or image files."

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", kinds.PNG),
    (b"\xff\xd8\xff", kinds.JPEG),
    (b"II*\x00", kinds.TIFF),
    (b"MM\x00*", kinds.TIFF),
    (b"II+\x00", kinds.TIFF),
    (b"MM\x00+", kinds.TIFF),
    (b"GIF87a", kinds.GIF),
    (b"GIF89a", kinds.GIF),
    (b"\xffWPC", kinds.WPD),
    (b"{\\rtf", kinds.RTF),
)
ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive"),
    (b"MSCF", "a cabinet archive"),
)
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
DWG = re.compile(rb"AC10\d\d\x00")


@dataclass(frozen=True)
class Examined:
    """What a file is: its content type and the flags that can be told without reading it."""

    content_type: str
    flags: tuple[str, ...] = ()


def examine(file: IO[bytes], size: int, name: str) -> Examined:
    """What this file is, by its bytes. Bounded in time and memory, whatever the file claims of itself.

    Raises Empty, Unsupported or Bomb. `name` is cleaned already (`names.cleaned`).
    """
    if size == 0:
        raise Empty
    if suffix := names.executable_suffix(name):
        raise Unsupported(f"“{name}” has the name of a program (.{suffix}). Programs are not taken in.")
    file.seek(0)
    head = file.read(HEAD)
    if program := programs.named(head):
        raise Unsupported(f"“{name}” is {program}. Programs and scripts are not taken in, whatever they are called.")
    suffix = (names.suffixes(name) or [""])[-1]
    found = _sniffed(file, head, size, suffix)
    bombs.refuse_large_pictures(file, found.content_type)
    if found.content_type in (kinds.XML, kinds.HTML):
        markup.refuse_entities_in(file)
    if (
        found.content_type == kinds.HTML
        and kinds.contradicts(kinds.HTML, suffix)
        and suffix not in kinds.SUFFIXES[kinds.TEXT]
    ):
        raise Unsupported(f"“{name}” is a web page, probably a download that failed. Fetch the document again.")
    flags = list(found.flags)
    if kinds.contradicts(found.content_type, suffix):
        flags.append("extension_mismatch")
    if found.content_type == kinds.PDF or found.content_type.startswith("image/"):
        flags.extend(_polyglot(file, size))
    return Examined(found.content_type, tuple(flags))


def _sniffed(file: IO[bytes], head: bytes, size: int, suffix: str) -> Examined:
    if head.startswith(b"%PDF-"):
        return Examined(kinds.PDF)
    for beginning, content_type in SIGNATURES:
        if head.startswith(beginning):
            return Examined(content_type)
    if head.startswith((zips.MAGIC, zips.EMPTY_MAGIC)):
        return _sniffed_zip(file, size)
    if head.startswith(ole.MAGIC):
        return _sniffed_ole(file)
    if contained := _container(head):
        return Examined(contained)
    for beginning, archive in ARCHIVES:
        if head.startswith(beginning):
            raise Unsupported(f"This is {archive}. Unpack it and send the files in it, many at once if you like.")
    if _pdf_after_junk(head, suffix):
        return Examined(kinds.PDF)
    text = texts.decoded(head)
    if text is None:
        raise Unsupported(f"The bytes are of no kind that is taken in{_guess(head)}. {TAKEN}")
    kind = texts.kind_of(text, suffix)
    if kind is None:
        raise Unsupported("This is an SVG drawing, which may hold programs. Send it as PDF or PNG.")
    return Examined(kind)


def _sniffed_zip(file: IO[bytes], size: int) -> Examined:
    found = zips.read(file, size)
    if found.content_type is None and found.cut_off:
        raise Unsupported("This zip file is cut off or damaged: its end is missing. Fetch the original again.")
    if found.content_type is None:
        raise Unsupported("This is a zip archive, not a document. Unpack it and send the files in it, many at once.")
    flags = [flag for flag, there in (("macro", found.macros), ("embedded_file", found.embedded)) if there]
    return Examined(found.content_type, tuple(flags))


def _sniffed_ole(file: IO[bytes]) -> Examined:
    found = ole.read(file)
    if found.installer:
        raise Unsupported("This is a Windows installer. Programs are not taken in.")
    return Examined(found.content_type, ("macro",) if found.macros else ())


def _container(head: bytes) -> str | None:
    """Kinds whose mark is not at the very beginning, or short enough to need a second look."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return kinds.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return kinds.HEIC
    if head[:2] == b"BM" and len(head) > 26 and head[6:10] == b"\x00\x00\x00\x00":
        return kinds.BMP
    return kinds.DWG if DWG.match(head) else None


def _pdf_after_junk(head: bytes, suffix: str) -> bool:
    """A PDF header within the first 1,024 bytes, as readers accept it; not in a text that merely speaks of PDF."""
    place = head.find(b"%PDF-", 0, PDF_HEADER_WITHIN)
    if place < 0 or not PDF_OBJECT.search(head, place):
        return False
    junk = head[:place].decode("latin-1")
    return suffix == "pdf" or not junk.strip() or texts.CONTROLS.search(junk) is not None


def _polyglot(file: IO[bytes], size: int) -> list[str]:
    """A zip that ends exactly where this file ends makes it two files in one."""
    file.seek(max(0, size - 1024))
    tail = file.read(1024)
    place = tail.rfind(zips.EMPTY_MAGIC)
    if place < 0 or len(tail) - place < 22:
        return []
    comment = int.from_bytes(tail[place + 20 : place + 22], "little")
    return ["polyglot"] if place + 22 + comment == len(tail) else []


def _guess(head: bytes) -> str:
    """What puremagic takes it for, to help whoever sent it."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    return f" (it looks like: {found[0].name})" if found and found[0].name else ""
