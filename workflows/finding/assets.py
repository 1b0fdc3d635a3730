"""Ids of assets, as the asset system writes them: `TS-07-BOGIE-2`."""

import re
from collections.abc import Iterable

from workflows.finding.words import alike

ASSET = re.compile(r"(?<![\w/-])[A-Z]{2,5}-\d{1,4}(?:-[A-Z]{2,12}\d{0,3}){1,3}(?:-\d{1,4})?(?![\w/])(?!-\w)")
"""System and number (a trainset, a station), part, number of the part."""
KEPT = 20


def find(pages: Iterable[tuple[int, str]]) -> dict[str, int]:
    """Each asset's id with the first page where it stands, in the order of the text; at most `KEPT`."""
    found: dict[str, int] = {}
    for page, text in pages:
        for line in alike(text).splitlines():
            if "-" not in line:
                continue  # as most lines; the pattern would look at each of their letters
            for match in ASSET.finditer(line):
                found.setdefault(match.group(), page)
                if len(found) >= KEPT:
                    return found
    return found
