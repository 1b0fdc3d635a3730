"""Collects static files for the web servers, only when one of them changed.

The installation packs them once (`bin/environment.py`), and a first start takes these where they are of the same files.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.core.files.storage import storages
from django.core.management import call_command
from whitenoise.compress import Compressor

NOTE = ".collected"
READY = Path(sys.prefix) / "share" / "kmrl" / "static"
UNPACKED = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]  # a fifth of the work, for nobody
# Half of all bytes, and no page of ours shows them: the second documentation viewer, DRF's browsable pages.
UNUSED = ["drf_spectacular_sidecar/redoc/*", "rest_framework"]


def collect() -> bool:
    """Bring STATIC_ROOT up to date; whether there was anything to do.

    The new collection is made aside and then put in place, so that a running server never meets half of one.
    """
    root = Path(settings.STATIC_ROOT)
    now = _fingerprint()
    if _is_of(root, now):
        return False
    fresh = root.with_name(root.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    if not (_is_of(READY, now) and _copy(READY, fresh)):
        _pack(fresh)
        (fresh / NOTE).write_text(now)
    old = root.with_name(root.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if root.exists():
        root.rename(old)
    fresh.rename(root)
    shutil.rmtree(old, ignore_errors=True)
    return True


def _is_of(collection: Path, fingerprint: str) -> bool:
    note = collection / NOTE
    return note.exists() and note.read_text() == fingerprint


def _copy(ready: Path, fresh: Path) -> bool:
    """Whether it is there, whole: it may be made anew just now."""
    try:
        shutil.copytree(ready, fresh, copy_function=shutil.copyfile)
    except OSError:  # and shutil's own error for many
        shutil.rmtree(fresh, ignore_errors=True)
        return False
    return True


def _pack(fresh: Path) -> None:
    fresh.mkdir(parents=True)
    command = collectstatic.Command()
    command.storage = storages.create_storage(
        {"BACKEND": settings.STORAGES["staticfiles"]["BACKEND"], "OPTIONS": {"location": str(fresh)}}
    )
    call_command(command, interactive=False, verbosity=0, ignore_patterns=UNUSED)


def _fingerprint() -> str:
    """Of every file's name, size and time, and of how they are stored."""
    found = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in finders.get_finders():
        for path, storage in finder.list(UNUSED):
            about = Path(storage.path(path)).stat()
            found.update(f"{storage.location}/{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()
