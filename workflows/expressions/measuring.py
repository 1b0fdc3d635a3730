"""What goes into an evaluation and what comes out: plain values, counted and capped."""

import math
from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Any, NamedTuple
from uuid import UUID

LIST_MOST = 1_000
TEXT_LONGEST = 10_000
VALUES_MOST = 20_000
DEEPEST = 20


class ConditionFailed(Exception):
    """An expression gave no answer: `code` (missing, types, too_large, too_costly, not_boolean, …) and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        self.sentence = sentence
        super().__init__(sentence)


class Taken(NamedTuple):
    """What is held under a name, as plain values, and its size: the longest list and text, and all values."""

    held: Any
    most: int = 0
    longest: int = 0
    number: int = 0


Uses = tuple[tuple[str, frozenset[str] | None], ...]
"""The roots that an expression looks at, each with its fields (None: the whole)."""


class Guarded(dict[str, Any]):
    """Names that several expressions look at: what they see of them is copied and measured once.

    `sayable`: every text that was copied can be written in UTF-8, without which the library takes none.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__(names)
        self.sayable = True
        self._taken: dict[Uses, Taken] = {}
        self._parts: dict[tuple[str, str | None], Taken] = {}

    def taken(self, text: str, uses: Uses) -> Taken:
        """What this expression looks at. Raises ConditionFailed."""
        found = self._taken.get(uses)
        if found is None:
            found = self._taken[uses] = self._together(text, uses)
        return found

    def _together(self, text: str, uses: Uses) -> Taken:
        seen: dict[str, Any] = {}
        most = longest = count = 0
        for root, fields in uses:
            if root not in self:
                continue
            inside = fields is not None and isinstance(self[root], Mapping)
            parts = (
                {name: self._part(text, root, name) for name in fields or () if name in self[root]} if inside else {}
            )
            whole = None if inside else self._part(text, root, None)
            seen[root] = {name: part.held for name, part in parts.items()} if whole is None else whole.held
            for part in (*parts.values(),) if whole is None else (whole,):
                most, longest, count = max(most, part.most), max(longest, part.longest), count + part.number
        if count > VALUES_MOST:
            raise _too_many(text)
        return Taken(seen, most, longest, count)

    def _part(self, text: str, root: str, name: str | None) -> Taken:
        found = self._parts.get((root, name))
        if found is None:
            measure = Measure(text)
            held = measure.copied(self[root] if name is None else self[root][name], 0 if name is None else 1)
            self.sayable = self.sayable and measure.sayable
            found = self._parts[root, name] = Taken(held, measure.most, measure.longest, measure.count)
        return found


class Measure:
    """Copies what is looked at into plain values, and keeps count: refuses what is too large."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.most = self.longest = self.count = 0
        self.sayable = True

    def copied(self, held: Any, depth: int) -> Any:
        """A plain copy: maps, lists, numbers, truth, text (dates in ISO), and moments as times."""
        self.count += 1
        if self.count > VALUES_MOST or depth > DEEPEST:
            raise _too_many(self.text)
        if held is None or isinstance(held, bool):
            return held
        if isinstance(held, datetime) and (offset := held.utcoffset()) is not None:
            return held.replace(tzinfo=timezone(offset))  # the library knows no names of zones
        if isinstance(held, int | float):
            return held if isinstance(held, float) or -(2**63) <= held < 2**63 else float(held)
        if isinstance(held, Mapping):
            self._sized(len(held))
            return {str(key): self.copied(inner, depth + 1) for key, inner in held.items()}
        if isinstance(held, list | tuple | set | frozenset):
            self._sized(len(held))
            return [self.copied(inner, depth + 1) for inner in held]
        said = held.isoformat() if isinstance(held, date | datetime) else str(held)
        self.longest = max(self.longest, len(said))
        if len(said) > TEXT_LONGEST:
            raise _too_large(self.text, f"a text of more than {TEXT_LONGEST:,} characters")
        self.sayable = self.sayable and (said.isascii() or _is_sayable(said))
        return said

    def _sized(self, size: int) -> None:
        self.most = max(self.most, size)
        if size > LIST_MOST:
            raise _too_large(self.text, f"a list of more than {LIST_MOST:,} elements")


def _is_sayable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_many(text: str) -> ConditionFailed:
    return _too_large(text, "more values than a condition may look at")


def _too_large(text: str, what: str) -> ConditionFailed:
    return ConditionFailed("too_large", f"“{short(text)}” looks at {what}.")


def plain(found: Any, text: str) -> Any:
    """What an expression gave, as JSON keeps it. Raises ConditionFailed for what it cannot keep."""
    if found is None or isinstance(found, bool | int | str):
        return found
    if isinstance(found, float) and math.isfinite(found):
        return found
    if isinstance(found, list):
        return [plain(inner, text) for inner in found]
    if isinstance(found, dict):
        return {str(key): plain(inner, text) for key, inner in found.items()}
    if isinstance(found, date | datetime | UUID):
        return found.isoformat() if not isinstance(found, UUID) else str(found)
    raise ConditionFailed("not_a_value", f"“{short(text)}” gives {found!s:.40}, which cannot be kept: use string(…).")


def short(text: str) -> str:
    """An expression as it is quoted in a sentence."""
    text = " ".join(str(text).split())
    return text if len(text) <= 120 else text[:119] + "…"
