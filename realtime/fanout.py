"""Who hears what in this process: listeners by audience key, and the position up to which they were told."""

from collections.abc import Collection, Iterable
from typing import Protocol


class Listener(Protocol):
    """What the fan-out hands to. Both calls return at once: what is slow waits in the listener's own buffer."""

    def offer(self, position: int, frame: str) -> None:
        """An event with its position. Positions come in order, each at most once."""

    def offer_ephemeral(self, of: str, frame: str) -> None:
        """A passing event; a newer one `of` the same thing replaces it."""

    def rewound(self, position: int) -> None:
        """The log was replaced (a restored backup): it goes on after `position`."""


class Fanout:
    """The listeners of one process. Used on one event loop (or thread) only; nothing in it waits."""

    def __init__(self) -> None:
        self.position = 0
        self._keys: dict[Listener, frozenset[str]] = {}
        self._by_key: dict[str, set[Listener]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def listeners(self) -> list[Listener]:
        return list(self._keys)

    def listen(self, listener: Listener, keys: Collection[str]) -> None:
        """From the next event on `listener` hears these keys, and no others."""
        before, now = self._keys.get(listener, frozenset()), frozenset(keys)
        for key in now - before:
            self._by_key.setdefault(key, set()).add(listener)
        self._forget(listener, before - now)
        self._keys[listener] = now

    def leave(self, listener: Listener) -> None:
        self._forget(listener, self._keys.pop(listener, frozenset()))

    def deliver(self, position: int, audience: Iterable[str], frame: str) -> int:
        """Offer one event to everybody in its audience; how many that are."""
        self.position = position
        heard = self._audience(audience)
        for listener in heard:
            listener.offer(position, frame)
        return len(heard)

    def deliver_ephemeral(self, audience: Iterable[str], of: str, frame: str) -> None:
        for listener in self._audience(audience):
            listener.offer_ephemeral(of, frame)

    def rewind(self, position: int) -> None:
        """The log begins anew at `position`: everybody has to fetch everything."""
        self.position = position
        for listener in self.listeners():
            listener.rewound(position)

    def _audience(self, audience: Iterable[str]) -> set[Listener]:
        return set().union(*(self._by_key.get(key, ()) for key in audience))

    def _forget(self, listener: Listener, keys: Iterable[str]) -> None:
        for key in keys:
            left = self._by_key[key]
            left.discard(listener)
            if not left:
                del self._by_key[key]
