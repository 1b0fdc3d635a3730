"""What goes into an evaluation and what comes out: plain values, counted and capped."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
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


class Measure:
    """Copies what is looked at into plain values, and keeps count: refuses what is too large."""

    def __init__(self, text: str) -> None:
        self.text = short(text)
        self.most = self.longest = self.count = 0

    def taken(self, held: Any, fields: frozenset[str] | None) -> Any:
        """What is held under these fields (None: all of it)."""
        if fields is None or not isinstance(held, Mapping):
            return self.copied(held, 0)
        return {name: self.copied(held[name], 1) for name in fields if name in held}

    def copied(self, held: Any, depth: int) -> Any:
        """A plain copy: maps, lists, numbers, truth and text (dates in ISO)."""
        self.count += 1
        if self.count > VALUES_MOST or depth > DEEPEST:
            raise self._too_large("more values than a condition may look at")
        if held is None or isinstance(held, bool):
            return held
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
            raise self._too_large(f"a text of more than {TEXT_LONGEST:,} characters")
        return said

    def _sized(self, size: int) -> None:
        self.most = max(self.most, size)
        if size > LIST_MOST:
            raise self._too_large(f"a list of more than {LIST_MOST:,} elements")

    def _too_large(self, what: str) -> ConditionFailed:
        return ConditionFailed("too_large", f"“{self.text}” looks at {what}.")


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
