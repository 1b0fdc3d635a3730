"""Rendered pages on disk, below KMRL_DATA/cache/pages: by bytes, page and width; the oldest go when there are too many.

Losing any of it costs only time: what is missing is rendered again.
"""

import os
import tempfile
from pathlib import Path

from django.conf import settings

MOST_BYTES = 512 * 1024 * 1024
KEPT_SHARE = 0.8
LOOKED_AT_EVERY = 64

_written = 0


def get(key: str) -> bytes | None:
    """The bytes kept under `key`, or None."""
    try:
        place = _place(key)
        data = place.read_bytes()
        os.utime(place)
    except OSError:
        return None
    return data


def put(key: str, data: bytes) -> None:
    """Keep the bytes; a full disk keeps nothing and hurts nobody."""
    global _written
    place = _place(key)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(data)
        os.replace(file.name, place)
    except OSError:
        return
    _written += 1
    if _written % LOOKED_AT_EVERY == 1:
        shrink(MOST_BYTES)


def shrink(most: int) -> int:
    """Remove the longest unused until 80 % of `most` bytes are left, when there are more than `most`; bytes removed."""
    found = []
    for place in _folder().glob("??/*"):
        try:
            stat = place.stat()
        except OSError:
            continue
        found.append((stat.st_mtime, stat.st_size, place))
    total = sum(size for _, size, _ in found)
    if total <= most:
        return 0
    removed = 0
    for _, size, place in sorted(found):
        place.unlink(missing_ok=True)
        removed += size
        if total - removed <= KEPT_SHARE * most:
            break
    return removed


def _folder() -> Path:
    return Path(settings.KMRL_DATA) / "cache" / "pages"


def _place(key: str) -> Path:
    return _folder() / key[:2] / key
