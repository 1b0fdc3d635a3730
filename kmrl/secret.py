"""Secrets of a host that was given none: made once, kept beside the data, readable by their owner alone."""

import os
import secrets
from pathlib import Path

from kmrl import environment as env

SHORTEST = 32  # characters
HOW = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"


def key(data: Path) -> str:
    """What sessions and tokens are signed with: KMRL_SECRET_KEY, or one kept below `data`.

    Raises BadSetting where KMRL_REQUIRE_SECRET asks for a good one and there is none, or pages would show too much.
    """
    given, required = env.text("KMRL_SECRET_KEY"), env.flag("KMRL_REQUIRE_SECRET")
    if required and not given:
        raise env.BadSetting(f"KMRL_SECRET_KEY is not set, and KMRL_REQUIRE_SECRET wants it; {HOW}")
    if required and len(given) < SHORTEST:
        raise env.BadSetting(f"KMRL_SECRET_KEY has {len(given)} characters; the least is {SHORTEST}: {HOW}")
    if required and env.flag("KMRL_DEBUG"):
        raise env.BadSetting(
            "KMRL_DEBUG is true, and so is KMRL_REQUIRE_SECRET: debug pages show secrets. Write false for KMRL_DEBUG."
        )
    try:
        return given or kept_in(data)
    except OSError as problem:
        raise env.BadSetting(
            f"KMRL_DATA is {str(data)!r}, and the signing key cannot be kept there ({problem.strerror}); write "
            "a folder that may be written to, or give KMRL_SECRET_KEY."
        ) from None


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
