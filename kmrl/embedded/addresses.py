"""Where the private services of a data folder answer, for every other command on this host.

The supervisor writes it when they run; `manage.py ingest` in another terminal reads it through the settings. It holds
passwords: readable by its owner alone.
"""

import json
import os
from pathlib import Path


def read(data: Path) -> dict[str, str]:
    """DATABASE_URL and REDIS_URL of the services that run on `data`; empty where none do."""
    try:
        found = json.loads(_place(data).read_text())
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return {}
    return {str(name): str(url) for name, url in found.items()}


def write(data: Path, addresses: dict[str, str]) -> None:
    place = _place(data)
    fresh = place.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(addresses, file)
    fresh.replace(place)


def forget(data: Path) -> None:
    _place(data).unlink(missing_ok=True)


def _place(data: Path) -> Path:
    return data / "addresses.json"
