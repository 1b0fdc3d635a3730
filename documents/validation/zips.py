"""Zip files: office documents are, and so are many bombs. Only the directory and beginnings are unpacked, bounded."""

import struct
import time
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

from documents.refusals import Bomb, Unsupported
from documents.validation import kinds, markup

MAGIC = b"PK\x03\x04"
EMPTY_MAGIC = b"PK\x05\x06"
MOST_ENTRIES = 20_000
LARGEST_DIRECTORY = 8 * 1024 * 1024
LARGEST_TOTAL = 1024**3
SUSPECT_SIZE, SUSPECT_RATIO = 32 * 1024 * 1024, 100
DEFLATE_BEST = 1032  # what deflate can reach at most
CHECKED_SECONDS, CHECKED_BYTES = 1.0, 512 * 1024 * 1024
XML_PARTS_CHECKED, XML_HEAD = 400, 4096
STREAM = 64 * 1024

DIRECTORY_END = struct.Struct("<4s4H2LH")
OFFICE_PARTS = {"word/": kinds.DOCX, "xl/": kinds.XLSX, "ppt/": kinds.PPTX}
ODF_TYPES = {kinds.ODT, kinds.ODS, kinds.ODP, kinds.ODG, kinds.EPUB}


@dataclass(frozen=True)
class Zip:
    """`content_type` is None for an archive that is no document."""

    content_type: str | None
    macros: bool = False
    embedded: bool = False
    cut_off: bool = False


def read(file: IO[bytes], size: int) -> Zip:
    """What this zip is. Raises Bomb when it unpacks to too much and Unsupported for paths outside itself."""
    if not _directory_is_bounded(file, size):
        return Zip(_type_of_truncated(file), cut_off=True)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _refuse_bombs(entries, size)
            _refuse_outside_paths(entries)
            found = _type_of(archive, {entry.filename for entry in entries})
            if found.content_type:
                _refuse_lies(archive, entries)
                _refuse_entities(archive, entries)
            return found
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError, RuntimeError):
        return Zip(_type_of_truncated(file), cut_off=True)


def _directory_is_bounded(file: IO[bytes], size: int) -> bool:
    """False when there is no directory (a truncated file). Raises Bomb when it is larger than any document's."""
    tail_size = min(size, 65_557)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    place = tail.rfind(EMPTY_MAGIC)
    if place < 0 or len(tail) - place < DIRECTORY_END.size:
        return False
    _, _, _, _, entries, directory_size, _, _ = DIRECTORY_END.unpack_from(tail, place)
    if 0xFFFF in (entries,) or directory_size == 0xFFFFFFFF:
        wide = tail.rfind(b"PK\x06\x06", 0, place)
        if wide < 0 or len(tail) - wide < 56:
            raise Bomb("The archive claims more files than a document has.")
        entries, directory_size = struct.unpack_from("<2Q", tail, wide + 32)
    if entries > MOST_ENTRIES or directory_size > LARGEST_DIRECTORY:
        raise Bomb(f"The archive claims {entries:,} files; a document has {MOST_ENTRIES:,} at most.")
    return True


def _refuse_bombs(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Bomb(f"The archive holds {len(entries):,} files; a document has {MOST_ENTRIES:,} at most.")
    packed, total = sum(e.compress_size for e in entries), sum(e.file_size for e in entries)
    if total > LARGEST_TOTAL or (total > SUSPECT_SIZE and total > SUSPECT_RATIO * size):
        raise Bomb(f"The file has {size / 1e6:.1f} MB and would unpack to {total / 1e6:,.0f} MB. It was not kept.")
    for entry in entries:
        if entry.file_size > SUSPECT_SIZE and entry.file_size > SUSPECT_RATIO * max(1, entry.compress_size):
            raise Bomb(f"A part of the file would unpack to {entry.file_size / 1e6:,.0f} MB. It was not kept.")
    if packed > size:
        raise Bomb("The parts of the archive overlap, which only bombs do. It was not kept.")


def _refuse_outside_paths(entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or name[1:2] == ":" or ".." in name.split("/") or "\x00" in entry.orig_filename:
            raise Unsupported(
                "The archive names places outside itself. No office program writes that; it was not kept."
            )


def _refuse_lies(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Unpack (and forget) what could be larger than it says. Stops at a bound: the reader has limits of its own."""
    until, budget = time.monotonic() + CHECKED_SECONDS, CHECKED_BYTES
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_DEFLATED or entry.compress_size * DEFLATE_BEST < SUSPECT_SIZE:
            continue
        budget -= _measured(archive, entry, min(budget, max(SUSPECT_SIZE, entry.file_size) + 1), until)
        if budget <= 0 or time.monotonic() > until:
            return


def _measured(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, until: float) -> int:
    """How many bytes it really unpacks to, up to `most`. Raises Bomb when these are many more than it says."""
    raw = archive.fp
    if raw is None:
        return 0
    raw.seek(entry.header_offset)
    header = raw.read(30)
    if len(header) < 30:
        return 0
    raw.seek(entry.header_offset + 30 + sum(struct.unpack("<2H", header[26:30])))
    inflater, left, out = zlib.decompressobj(-15), entry.compress_size, 0
    pending = b""
    while out < most and not inflater.eof and (left > 0 or pending) and time.monotonic() < until:
        if not pending:
            pending = raw.read(min(left, STREAM))
            left -= len(pending)
            if not pending:
                break
        out += len(inflater.decompress(pending, 1024 * 1024))
        pending = inflater.unconsumed_tail
    if out > entry.file_size and out > SUSPECT_SIZE:
        raise Bomb("A part of the file unpacks to far more than it says. It was not kept.")
    return out


def _refuse_entities(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """No office format allows a document type with entities in its parts."""
    parts = [e for e in entries if e.filename.lower().endswith((".xml", ".rels"))][:XML_PARTS_CHECKED]
    for entry in parts:
        if entry.flag_bits & 0x1:
            continue
        with archive.open(entry) as part:
            markup.refuse_entities(part.read(XML_HEAD))


def _type_of(archive: zipfile.ZipFile, names: set[str]) -> Zip:
    if "META-INF/MANIFEST.MF" in names and any(name.endswith(".class") for name in names):
        raise Unsupported("This is a Java program. Programs are not taken in.")
    if "AndroidManifest.xml" in names:
        raise Unsupported("This is an Android program. Programs are not taken in.")
    if "[Content_Types].xml" in names:
        for start, content_type in OFFICE_PARTS.items():
            parts = [name for name in names if name.startswith(start)]
            if parts:
                macros = any(name.endswith("vbaProject.bin") for name in parts)
                return Zip(content_type, macros, any(name.startswith(f"{start}embeddings/") for name in parts))
        return Zip(None)
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        said = archive.read("mimetype").decode("ascii", "replace").strip().removesuffix("-template")
        if said in ODF_TYPES:
            return Zip(said, any(name.startswith("Basic/") and name.endswith(".xml") for name in names))
    return Zip(None)


def _type_of_truncated(file: IO[bytes]) -> str | None:
    """What the first parts say of a zip whose directory is gone, so that a cut-off office file is kept as damaged."""
    file.seek(0)
    head = file.read(STREAM)
    for content_type in ODF_TYPES:
        if head[30:].startswith(b"mimetype" + content_type.encode()):
            return content_type
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head:
        for start, content_type in OFFICE_PARTS.items():
            if start.encode() in head:
                return content_type
        return kinds.DOCX
    return None
