"""Small facts that stand plainly in a file: its metadata and the reference numbers of its text.

A fact is `{"value": …, "from": "metadata" | "page N"}`; nothing is guessed.
"""

import re
from typing import Any

from documents.extraction.answers import PageText

REFERENCE = re.compile(r"(?<![\w/.:])[A-Z][A-Z&]{1,11}(?:/[A-Z0-9][A-Z0-9&.()\-]{0,14}){1,4}/[0-9]{1,6}(?![\w/])")
"""`KMRL/S&T/2026-27/0142`: capitals first, two strokes at least, a number last."""
REFERENCES_KEPT = 20
DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:([+\-Z])(\d{2})?'?(\d{2})?)?")
LONGEST = 300


def references(pages: list[PageText]) -> list[dict[str, str]]:
    """Each reference number once, with the page where it first stands."""
    found: dict[str, int] = {}
    for number, page in enumerate(pages, start=1):
        if page.text.count("/") < 2:
            continue
        for match in REFERENCE.finditer(page.text):
            if len(found) < REFERENCES_KEPT:
                found.setdefault(match.group(), number)
        if len(found) >= REFERENCES_KEPT:
            break
    return [{"value": value, "from": f"page {number}"} for value, number in found.items()]


def metadata(values: dict[str, str]) -> dict[str, Any]:
    """Those of `values` that say something, as facts."""
    facts = {}
    for name, value in values.items():
        said = " ".join(value.replace("\x00", "").split())[:LONGEST].encode("utf-8", "ignore").decode()
        if said:
            facts[name] = {"value": said, "from": "metadata"}
    return facts


def pdf_date(value: str) -> str:
    """ISO 8601 of a PDF date (`D:20260314093000+05'30'`), as exact as it was given; empty when it is none."""
    match = DATE.match(value.strip())
    if match is None:
        return ""
    year, month, day, hour, minute, second, sign, off_hour, off_minute = match.groups()
    if month is None or day is None:
        return "-".join(part for part in (year, month) if part)
    if hour is None or minute is None:
        return f"{year}-{month}-{day}"
    zone = "" if sign is None else "Z" if sign == "Z" or off_hour is None else f"{sign}{off_hour}:{off_minute or '00'}"
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{zone}"
