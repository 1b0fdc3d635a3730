"""The signing key of a host that was given none: made once, kept beside the data, readable by its owner alone."""

import os
import secrets
from pathlib import Path


def kept_in(data: Path) -> str:
    """The key kept below `data`, made at the first call. Safe when several processes ask at once."""
    place = data / "secret.key"
    try:
        return place.read_text().strip()
    except FileNotFoundError:
        data.mkdir(parents=True, exist_ok=True)
    fresh = data / f"secret.key.{os.getpid()}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        os.link(fresh, place)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return place.read_text().strip()
