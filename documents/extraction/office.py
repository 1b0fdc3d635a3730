"""Office files: is the container whole, encrypted, with macros? Their words are not read yet (`no_text`)."""

import zipfile
import zlib

from documents.extraction.answers import LIMITS, Bomb, Damaged, Encrypted, PageText, Progress, Reading

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECTOR_END = 0xFFFFFFFE
UNPACKED_AT_MOST = 512 * 1024 * 1024
RATIO_AT_MOST, RATIO_FROM = 200, 32 * 1024 * 1024
CHUNK = 1024 * 1024


def read(path: str, content_type: str, progress: Progress) -> Reading:
    """No words yet; the flags that the container shows. Raises Encrypted, Damaged, Bomb."""
    with open(path, "rb") as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        flags = look_into_zip(path, progress)
    elif start == OLE:
        flags = look_into_ole(path)
    else:
        flags = set()
    return Reading(pages=[PageText("", blank=True)], flags=flags | {"no_text"}, page_count=0)


def look_into_zip(path: str, progress: Progress) -> set[str]:
    """Reads every entry once, without keeping it, up to the limits."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > LIMITS.entries:
                raise Bomb(f"This file packs {len(entries)} parts; the gateway opens at most {LIMITS.entries}.")
            names = {entry.filename for entry in entries}
            if any(entry.flag_bits & 1 for entry in entries) or "EncryptedPackage" in names:
                raise Encrypted("This file asks for a password. Save it without one and send it again.")
            _check_family(names)
            _unpack(archive, entries, progress)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError, zlib.error) as problem:
        raise Damaged(f"This file is damaged: its container cannot be opened ({problem}).") from None
    flags = set()
    if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
        flags.add("macro")
    if any("/embeddings/" in name or name.startswith("ObjectReplacements/") for name in names):
        flags.add("embedded_file")
    return flags


def _check_family(names: set[str]) -> None:
    if not names & {"[Content_Types].xml", "mimetype", "META-INF/manifest.xml", "content.xml"}:
        raise Damaged("This is a zip archive, but not an office file: its table of contents is missing.")


def _unpack(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], progress: Progress) -> None:
    total = 0
    for number, entry in enumerate(entries, start=1):
        size = 0
        with archive.open(entry) as part:
            while chunk := part.read(CHUNK):
                size += len(chunk)
                total += len(chunk)
                ratio = size / max(1, entry.compress_size)
                if total > UNPACKED_AT_MOST or (size > RATIO_FROM and ratio > RATIO_AT_MOST):
                    raise Bomb("Unpacked, this file is larger than the gateway reads.")
        progress(100 * number // len(entries), "checking")


def look_into_ole(path: str) -> set[str]:
    """Names of the streams, as UTF-16 in the directory of the container (MS-CFB 2.6)."""
    with open(path, "rb") as file:
        header = file.read(512)
        names = _stream_names(file.read(), header)
    if "EncryptedPackage" in names or "EncryptionInfo" in names:
        raise Encrypted("This file asks for a password. Save it without one and send it again.")
    flags = set()
    if names & {"_VBA_PROJECT", "VBA", "_VBA_PROJECT_CUR", "Macros"}:
        flags.add("macro")
    if names & {"ObjectPool", "\x01Ole10Native"}:
        flags.add("embedded_file")
    return flags


def _stream_names(body: bytes, header: bytes) -> set[str]:
    """Follows nothing: looks at each 128-byte entry of sectors that look like a directory. Raises Damaged."""
    if len(header) < 512 or len(body) < 512:
        raise Damaged("This file is damaged: its container ends too early.")
    shift = int.from_bytes(header[30:32], "little")
    first = int.from_bytes(header[48:52], "little")
    if shift not in (9, 12) or (first << shift) >= len(body) + 512:
        raise Damaged("This file is damaged: its container has no directory.")
    names = set()
    for at in range((shift == 12) * 3584, len(body) - 127, 128):
        length = int.from_bytes(body[at + 64 : at + 66], "little")
        if (
            4 <= length <= 64
            and length % 2 == 0
            and body[at + 66] in (1, 2, 5)
            and body[at + length - 2 : at + length] == b"\0\0"
        ):
            names.add(body[at : at + length - 2].decode("utf-16-le", "ignore"))
    return names
