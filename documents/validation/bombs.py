"""Pictures whose header declares more pixels than a machine should unpack."""

import struct
from collections.abc import Iterator
from typing import IO

from documents.refusals import Bomb
from documents.validation import kinds

MOST_PIXELS = 200_000_000  # A0 at 300 dpi has 140 million
MOST_PIXELS_OF_ALL_PAGES = 20 * MOST_PIXELS
MOST_PAGES = 2_000
SEGMENTS = 2_000
HEIC_HEAD = 1024 * 1024
FRAMES = (0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)

Size = tuple[int, int]


def refuse_large_pictures(file: IO[bytes], content_type: str) -> None:
    """Raises Bomb for over 200 million pixels on a page, twenty times that on all, or over 2,000 pages.

    A header that cannot be read refuses nothing: the reader will say that the file is damaged.
    """
    measure = MEASURES.get(content_type)
    if measure is None:
        return
    total = pages = 0
    try:
        for width, height in measure(file):
            pages, total = pages + 1, total + width * height
            if width * height > MOST_PIXELS or total > MOST_PIXELS_OF_ALL_PAGES or pages > MOST_PAGES:
                raise Bomb(
                    f"The picture declares {max(width * height, total) / 1e6:,.0f} million pixels on {pages} page(s); "
                    f"{MOST_PIXELS // 1_000_000} million a page are taken. Scan it at a lower resolution."
                )
    except struct.error:
        return


def _head(file: IO[bytes], size: int = 64) -> bytes:
    file.seek(0)
    return file.read(size)


def _png(file: IO[bytes]) -> Iterator[Size]:
    yield struct.unpack_from(">2I", _head(file), 16)


def _gif(file: IO[bytes]) -> Iterator[Size]:
    yield struct.unpack_from("<2H", _head(file), 6)


def _bmp(file: IO[bytes]) -> Iterator[Size]:
    head = _head(file)
    if struct.unpack_from("<I", head, 14)[0] == 12:
        yield struct.unpack_from("<2H", head, 18)
    else:
        width, height = struct.unpack_from("<2i", head, 18)
        yield abs(width), abs(height)


def _webp(file: IO[bytes]) -> Iterator[Size]:
    head = _head(file)
    form = head[12:16]
    if form == b"VP8 ":
        width, height = struct.unpack_from("<2H", head, 26)
        yield width & 0x3FFF, height & 0x3FFF
    elif form == b"VP8L":
        bits = struct.unpack_from("<I", head, 21)[0]
        yield (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif form == b"VP8X":
        yield int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1


def _jpeg(file: IO[bytes]) -> Iterator[Size]:
    place = 2
    for _ in range(SEGMENTS):
        file.seek(place)
        head = file.read(9)
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:
            return
        if head[1] == 0xFF:  # padding
            place += 1
        elif head[1] in FRAMES:
            height, width = struct.unpack_from(">2H", head, 5)
            yield width, height
            return
        elif 0xD0 <= head[1] <= 0xD9 or head[1] == 0x01:
            place += 2
        else:
            place += 2 + struct.unpack_from(">H", head, 2)[0]


def _tiff(file: IO[bytes]) -> Iterator[Size]:
    head = _head(file, 16)
    order = "<" if head[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", head, 2)[0] == 43
    place = struct.unpack_from(order + "Q", head, 8)[0] if big else struct.unpack_from(order + "I", head, 4)[0]
    seen: set[int] = set()
    while place and place not in seen and len(seen) <= MOST_PAGES:
        seen.add(place)
        entries, place = _tiff_directory(file, place, order, big)
        yield entries.get(256, 0), entries.get(257, 0)


def _tiff_directory(file: IO[bytes], place: int, order: str, big: bool) -> tuple[dict[int, int], int]:
    """The short and long values of one page's directory, and where the next lies."""
    count_form, entry_size, offset_form = ("Q", 20, "Q") if big else ("H", 12, "I")
    file.seek(place)
    count = struct.unpack(order + count_form, file.read(struct.calcsize(order + count_form)))[0]
    count = min(count, 4096)
    data = file.read(count * entry_size + struct.calcsize(order + offset_form))
    found = {}
    for start in range(0, count * entry_size, entry_size):
        tag, kind = struct.unpack_from(order + "2H", data, start)
        if tag in (256, 257):
            value = start + (12 if big else 8)
            found[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, value)[0]
    return found, struct.unpack_from(order + offset_form, data, count * entry_size)[0]


def _heic(file: IO[bytes]) -> Iterator[Size]:
    """Each `ispe` box: version and flags, width, height."""
    head = _head(file, HEIC_HEAD)
    place, largest = head.find(b"ispe"), (0, 0)
    while place >= 0 and place + 16 <= len(head):
        largest = max(largest, struct.unpack_from(">2I", head, place + 8), key=lambda size: size[0] * size[1])
        place = head.find(b"ispe", place + 4)
    yield largest


MEASURES = {
    kinds.PNG: _png,
    kinds.GIF: _gif,
    kinds.BMP: _bmp,
    kinds.WEBP: _webp,
    kinds.JPEG: _jpeg,
    kinds.TIFF: _tiff,
    kinds.HEIC: _heic,
}
