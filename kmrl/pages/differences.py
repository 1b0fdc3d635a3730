"""What is new in a version: its text against that of the one before, page by page, and the facts that changed."""

import difflib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from documents.models import Document, Page, Version
from kmrl.pages import wording

PAGES_MOST, LINES_MOST, SHOWN_MOST = 40, 400, 300
AROUND = 1
"""Lines that stay the same and are shown around a change, so that it can be found."""


@dataclass(frozen=True)
class Line:
    """`tone` is `added`, `removed`, `same`, or `gap` where lines are left out."""

    tone: str
    text: str


@dataclass(frozen=True)
class PageChange:
    number: int
    lines: list[Line]


@dataclass(frozen=True)
class Differences:
    """Between versions `before` and `after`. `cut`: there is more than is compared or shown."""

    before: int
    after: int
    pages: list[PageChange]
    facts: list[tuple[str, str, str]]
    cut: bool = False

    @property
    def any(self) -> bool:
        return bool(self.pages or self.facts)


def of_newest(document: Document) -> Differences | None:
    """Against the last version before that was read; None while there is none, or the newest is not read."""
    after = document.newest
    if after is None or after.number < 2 or document.readable_id != after.pk:
        return None
    earlier = document.versions.filter(number__lt=after.number, status="processed").order_by("-number").first()
    return None if earlier is None else between(earlier, after)


def between(before: Version, after: Version) -> Differences:
    """Bounded: forty pages of four hundred lines are compared, three hundred lines shown."""
    old, new = _texts(before), _texts(after)
    pages: list[PageChange] = []
    shown, cut = 0, max(before.page_count or 0, after.page_count or 0) > PAGES_MOST
    for number in sorted(old.keys() | new.keys()):
        lines = list(_changes(_lines(old.get(number, "")), _lines(new.get(number, ""))))
        if not lines:
            continue
        cut = cut or shown + len(lines) > SHOWN_MOST
        lines = lines[: SHOWN_MOST - shown]
        shown += len(lines)
        if lines:
            pages.append(PageChange(number, lines))
    return Differences(before.number, after.number, pages, _facts(before, after), cut)


def _texts(version: Version) -> dict[int, str]:
    found = Page.objects.filter(version=version, number__lte=PAGES_MOST).values_list("number", "text")
    return dict(found)


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()][:LINES_MOST]


def _changes(old: list[str], new: list[str]) -> Iterator[Line]:
    """The lines that went and came, each group with a line around it."""
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=len(old) + len(new) > LINES_MOST)
    for number, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if number:
            yield Line("gap", "…")
        for tag, a0, a1, b0, b1 in group:
            if tag == "equal":
                yield from (Line("same", text) for text in new[b0:b1])
                continue
            yield from itertools.chain(
                (Line("removed", text) for text in old[a0:a1]), (Line("added", text) for text in new[b0:b1])
            )


def _facts(before: Version, after: Version) -> list[tuple[str, str, str]]:
    """(name, old, new) of what was read otherwise."""
    old, new = before.facts or {}, after.facts or {}
    sides = ((name, _said(name, old.get(name)), _said(name, new.get(name))) for name in sorted(old.keys() | new.keys()))
    return [(wording.field(name), was, now) for name, was, now in sides if was != now]


def _said(name: str, fact: object) -> str:
    parts = fact if isinstance(fact, list) else [fact]
    values = [part.get("value") if isinstance(part, dict) else part for part in parts]
    return ", ".join(wording.value(name, value) for value in values)
