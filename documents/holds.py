"""What keeps a document from leaving the bin for good. Apps above say so (`provide`): a workflow that runs on it."""

from collections.abc import Callable, Collection
from uuid import UUID

Check = Callable[[Collection[UUID]], Collection[UUID]]
_checks: dict[str, Check] = {}


def provide(name: str, check: Check) -> None:
    """Have `check` asked, which gives those of the ids that it holds. The documents' rows are locked meanwhile."""
    _checks[name] = check


def held(ids: Collection[UUID]) -> set[UUID]:
    """Those of the documents that somebody holds."""
    return {pk for check in _checks.values() for pk in check(ids)} if ids else set()
