"""What follows when documents have settled. An app above says what it can do about it there and then (`provide`)."""

from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from documents.models import Document

AtOnce = Callable[[Sequence[Document]], Collection[UUID]]
_followers: dict[str, AtOnce] = {}


def provide(name: str, at_once: AtOnce) -> None:
    """Have `at_once` told of locked documents in the transaction that settles them, their rows written.

    It gives those that it is done with; for each of the others there will be a job `document.settled`.
    """
    _followers[name] = at_once


def done_at_once(documents: Sequence[Document]) -> set[UUID]:
    """Those that need no job: everybody is done with them."""
    if not documents or not _followers:
        return set()
    done = [set(at_once(documents)) for at_once in _followers.values()]
    return set.intersection(*done)
