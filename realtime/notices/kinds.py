"""Kinds of notifications. An app registers its own when it starts: how important, how they gather, in which words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from accounts.rights import Rights
from realtime.models import Mail


class Importance(StrEnum):
    """`low` only counts at the bell; `normal` and `high` pop up for a while; `urgent` stays until it is closed."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True)
class Gathered:
    """What a sentence is made of: how many subjects, and those of the last few that the reader may see today.

    A `single` one that is not among `seen` is hidden: the sentence must not tell what it is about.
    """

    count: int
    seen: Sequence[dict[str, Any]]

    @property
    def single(self) -> bool:
        return self.count == 1

    @property
    def first(self) -> dict[str, Any] | None:
        """The newest that may be seen."""
        return self.seen[0] if self.seen else None


def everybody(rights: Rights) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind. `label` names it on the page of preferences, `say` makes the sentence, `all_at` is where they all are.

    Within `window` what is unread and of the same group becomes one notification. `concerns` says who may get any.
    """

    name: str
    label: str | Promise
    say: Callable[[Gathered], str]
    importance: Importance = Importance.NORMAL
    window: timedelta = timedelta(hours=1)
    in_app: bool = True
    mail: Mail = Mail.NEVER
    all_at: str = ""
    icon: str = "bell"
    concerns: Callable[[Rights], bool] = field(default=everybody)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def get(name: str) -> Kind | None:
    return _kinds.get(name)


def concerning(rights: Rights) -> list[Kind]:
    """Those that a person with these rights may get, in the order in which they were registered."""
    return [kind for kind in _kinds.values() if kind.concerns(rights)]
