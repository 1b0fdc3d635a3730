"""Addresses from which somebody has signed in lately: what others guess elsewhere does not close the door to them.

Programs keep no cookie (`accounts.known_browsers`), but call from where they called yesterday. Failures from there are
counted by name and address together; anybody else's by name, for everybody.
"""

from accounts import counting

SECONDS = 30 * 24 * 3600


def number_of(name: str, address: str) -> str | None:
    """What that account's failures are counted by at that address; None where nobody signed in. Raises CountsAway."""
    place = _place(name, address)
    return place if address and counting.is_noted(place) else None


def remember(name: str, address: str) -> None:
    """Somebody has just signed in there, by the name whose digest this is. Raises CountsAway."""
    if address:
        counting.note(_place(name, address), SECONDS)


def _place(name: str, address: str) -> str:
    return f"{name}@{address}"
