"""The bell: a wake-up to every web process through Redis pub/sub. Losing a ring loses nothing: tails poll too."""

from datetime import datetime
from typing import Any


def ring() -> None:
    """Say that something is there to be told. Never raises and never waits longer than 0.2 s."""


def publish_ephemeral(*, type: str, at: datetime, audience: list[str], data: dict[str, Any]) -> None:
    """Hand an event without position to every web process. Never raises."""
