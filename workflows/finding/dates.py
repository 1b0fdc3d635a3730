"""Dates as people here write them: the day first, in English or Malayalam."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from workflows.finding.words import alike

_NAMES = "january february march april may june july august september october november december"
_ENGLISH = _NAMES.split()
_MALAYALAM = {
    1: "ജനുവരി", 2: "ഫെബ്രുവരി|ഫിബ്രവരി", 3: "മാർച്ച്|മാർച്ച", 4: "ഏപ്രിൽ", 5: "മേയ്|മെയ്", 6: "ജൂൺ", 7: "ജൂലൈ|ജൂലായ്",
    8: "ഓഗസ്റ്റ്|ആഗസ്റ്റ്|ആഗസ്ത്|ഓഗസ്റ്റ|ആഗസ്റ്റ", 9: "സെപ്റ്റംബർ|സെപ്തംബർ|സെപ്റ്റമ്പർ", 10: "ഒക്ടോബർ", 11: "നവംബർ|നവമ്പർ",
    12: "ഡിസംബർ|ഡിസമ്പർ",
}  # fmt: skip
_MONTHS = {name: number for number, names in _MALAYALAM.items() for name in alike(names).split("|")}
_MONTHS |= {name: number for number, name in enumerate(_ENGLISH, start=1)}
_MONTHS |= {name[:3]: number for number, name in enumerate(_ENGLISH, start=1)} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_END = r"(?!\d)(?![a-z])"

DATE = (
    r"(?<![\d/.-])(?:"
    r"(?P<iso>\d{4}-\d{2}-\d{2})"
    r"|(?P<day>\d{1,2})(?P<sign>[/.-])(?P<month>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+day\s+of|\s+of)?[\s.,-]*(?P<name2>{_MONTH})\.?[\s.,-]*(?P<year2>\d{{4}}|\d{{2}})"
    rf"|(?P<name3>{_MONTH})\.?\s+(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year3>\d{{4}})"
    rf"|(?P<year4>\d{{4}}),?\s+(?P<name4>{_MONTH})\s+(?P<day4>\d{{1,2}})"
    rf"){_END}"
)
"""A pattern for a date, to be matched without regard to case; `of_match` reads what it matched."""
_PATTERN = re.compile(DATE, re.IGNORECASE)


@dataclass(frozen=True)
class Dated:
    """A date and where it stands in the text."""

    day: date
    start: int
    end: int


def find(text: str) -> Iterator[Dated]:
    """Every date of a text (made alike), in order; what looks like one and is none (31/02/2026) is passed over."""
    for match in _PATTERN.finditer(text):
        if (day := of_match(match)) is not None:
            yield Dated(day, match.start(), match.end())


def of_match(match: re.Match[str]) -> date | None:
    """The date that `DATE` matched, the day first; None when there is no such day."""
    part = match.groupdict()
    try:
        if part["iso"]:
            return date.fromisoformat(part["iso"])
        if part["day"]:
            return date(_year(part["year"]), int(part["month"]), int(part["day"]))
        for way in ("2", "3", "4"):
            if part[f"name{way}"]:
                month = _MONTHS[part[f"name{way}"].lower()]
                return date(_year(part[f"year{way}"]), month, int(part[f"day{way}"]))
    except ValueError:
        return None
    return None


def _year(said: str) -> int:
    """Two digits are of this century up to 69, as computers have it."""
    year = int(said)
    if len(said) == 4:
        return year
    return year + (2000 if year < 70 else 1900)
