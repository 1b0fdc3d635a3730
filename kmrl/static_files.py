"""Collects static files for the web servers, only when one of them changed."""

import hashlib
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.core.files.storage import storages
from django.core.management import call_command

# Half of all bytes, and no page of ours shows them: the second documentation viewer, DRF's browsable pages.
UNUSED = ["drf_spectacular_sidecar/redoc/*", "rest_framework"]


def collect() -> bool:
    """Bring STATIC_ROOT up to date; whether there was anything to do.

    The new collection is made aside and then put in place, so that a running server never meets half of one.
    """
    root = Path(settings.STATIC_ROOT)
    note, now = root / ".collected", _fingerprint()
    if note.exists() and note.read_text() == now:
        return False
    fresh = root.with_name(root.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    command = collectstatic.Command()
    command.storage = storages.create_storage(
        {"BACKEND": settings.STORAGES["staticfiles"]["BACKEND"], "OPTIONS": {"location": str(fresh)}}
    )
    call_command(command, interactive=False, verbosity=0, ignore_patterns=UNUSED)
    (fresh / ".collected").write_text(now)
    old = root.with_name(root.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if root.exists():
        root.rename(old)
    fresh.rename(root)
    shutil.rmtree(old, ignore_errors=True)
    return True


def _fingerprint() -> str:
    """Of every file's name, size and time, and of how they are stored."""
    found = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in finders.get_finders():
        for path, storage in finder.list(UNUSED):
            about = Path(storage.path(path)).stat()
            found.update(f"{storage.location}/{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()
