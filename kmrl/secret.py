"""Secrets of a host that was given none: made once, kept beside the data, readable by their owner alone."""

import os
import secrets
from pathlib import Path


def kept_in(data: Path) -> str:
    """The signing key kept below `data`, made at the first call."""
    return kept_at(data / "secret.key")


def kept_at(place: Path) -> str:
    """The secret kept in the file `place`, made at the first call. Safe when several processes ask at once."""
    try:
        return place.read_text().strip()
    except FileNotFoundError:
        place.parent.mkdir(parents=True, exist_ok=True)
    made = place.with_name(f"{place.name}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(fresh())
    try:
        os.link(made, place)
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return place.read_text().strip()


def fresh() -> str:
    """Nobody guesses it; letters, digits, `-` and `_` only."""
    return secrets.token_urlsafe(48)
