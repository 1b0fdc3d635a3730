"""OLE compound files (Word, Excel, PowerPoint before 2007, Outlook messages, encrypted OOXML): what is in them.

Only the directory is read: names of streams and the root's class. [MS-CFB]
"""

import struct
from dataclasses import dataclass
from typing import IO

from documents.validation import kinds

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
INSTALLER_CLASSES = {
    bytes.fromhex("84100c0000000000c000000000000046"),  # msi
    bytes.fromhex("86100c0000000000c000000000000046"),  # msp
    bytes.fromhex("82100c0000000000c000000000000046"),  # mst
}
MOST_SECTORS = 256
END = 0xFFFFFFFA  # and above: no sector


@dataclass(frozen=True)
class Ole:
    content_type: str
    installer: bool
    macros: bool


def read(file: IO[bytes]) -> Ole:
    """What this compound file is. A damaged directory gives the general `OLE` type: the reader says the rest."""
    names, root = _directory(file)
    return Ole(_type_of(names), root in INSTALLER_CLASSES, bool(names & {"_VBA_PROJECT", "VBA", "Macros"}))


def _type_of(names: set[str]) -> str:
    if "EncryptedPackage" in names:
        return kinds.ENCRYPTED_OFFICE
    if "WordDocument" in names:
        return kinds.DOC
    if names & {"Workbook", "Book"}:
        return kinds.XLS
    if "PowerPoint Document" in names:
        return kinds.PPT
    if "__properties_version1.0" in names or any(name.startswith("__substg1.0_") for name in names):
        return kinds.MSG
    return kinds.OLE


def _directory(file: IO[bytes]) -> tuple[set[str], bytes]:
    """The names of all entries and the class of the root."""
    file.seek(0)
    header = file.read(512)
    if len(header) < 512:
        return set(), b""
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in (9, 12):
        return set(), b""
    sector, names, root, seen = struct.unpack_from("<I", header, 48)[0], set[str](), b"", 0
    while sector < END and seen < MOST_SECTORS:
        block = _sector(file, sector, 1 << shift)
        for start in range(0, len(block) - 127, 128):
            length = min(struct.unpack_from("<H", block, start + 64)[0], 64)
            if length >= 2:
                names.add(block[start : start + length - 2].decode("utf-16-le", "replace"))
            if block[start + 66] == 5:
                root = block[start + 80 : start + 96]
        sector, seen = _next(file, header, sector, shift), seen + 1
    return names, root


def _next(file: IO[bytes], header: bytes, sector: int, shift: int) -> int:
    """The sector behind this one in its chain, from the allocation table (its first 109 sectors: 7 MB and more)."""
    by_sector = (1 << shift) // 4
    place = sector // by_sector
    if place >= 109:
        return END
    table = struct.unpack_from("<I", header, 76 + 4 * place)[0]
    if table >= END:
        return END
    entry = _sector(file, table, 1 << shift)[4 * (sector % by_sector) :][:4]
    return int.from_bytes(entry, "little") if len(entry) == 4 else END


def _sector(file: IO[bytes], number: int, size: int) -> bytes:
    file.seek((number + 1) * size)
    return file.read(size)
