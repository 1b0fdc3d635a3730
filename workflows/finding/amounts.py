"""Amounts of money as they are written here: ₹ 12,34,567.89, Rs. 5,000/-, INR 3.5 lakh, 2 കോടി രൂപ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from workflows.finding.words import alike, excerpt

_SIGN = r"(?:₹|Rs\.?|INR|രൂപ)"
_DIGITS = r"\d{1,3}(?:,\d{2,3})+(?:\.\d{1,2})?|\d{1,12}(?:\.\d{1,2})?"
_SCALE = r"lakhs?|lacs?|crores?|thousand|ലക്ഷം|കോടി|ആയിരം"
_MONEY = re.compile(
    rf"(?P<sign>{_SIGN})?\s*(?<![\d,./-])(?P<digits>{_DIGITS})(?![\d,]*\d)(?:\s*/-)?(?:\s*(?P<scale>{_SCALE})(?![a-z\u0d00-\u0d7f]))?"
    r"(?:\s*(?P<after>രൂപ|rupees))?",
    re.IGNORECASE,
)
_SCALES = {"lakh": 100_000, "lac": 100_000, "crore": 10_000_000, "thousand": 1_000}
_SCALES |= {alike("ലക്ഷം"): 100_000, alike("കോടി"): 10_000_000, alike("ആയിരം"): 1_000}

_LABELS = {
    100: r"grand\s+total|total\s+invoice\s+(?:value|amount)|invoice\s+(?:total|value|amount)|ആകെ\s+തുക",
    90: r"(?:net|total)\s+(?:amount\s+)?payable|amount\s+(?:payable|due)|balance\s+due|net\s+amount",
    70: r"total\s+(?:amount|value|incl\w*)|amount\s+chargeable|മൊത്തം",
    40: r"(?<!sub)(?<!sub[\s-])\btotal\b|ആകെ",
}
LABELS = [(certain, re.compile(names, re.IGNORECASE)) for certain, names in _LABELS.items()]
"""What stands before a total, by how surely it is the whole."""
_PARTS = re.compile(
    r"sub[\s-]?total|taxable|total\s+(?:tax|gst|cgst|sgst|igst|qty|quantity|discount|items|pages)", re.I
)
NEAR = 60


@dataclass(frozen=True)
class Amount:
    """Rupees, and where they stand. `certain` (0 to 100): how surely it is the total of the paper."""

    value: Decimal
    page: int
    words: str
    certain: int
    start: int


def find(pages: Sequence[tuple[int, str]]) -> list[Amount]:
    """Every amount of these numbered pages: with a sign of money, grouped as money is, or behind a total's name."""
    return [amount for page, text in pages for amount in _of_page(page, alike(text))]


def total(amounts: Sequence[Amount]) -> Amount | None:
    """The one that is most surely the total: by its name, then the largest, then the last. None when none is named."""
    named = [amount for amount in amounts if amount.certain]
    return max(named, key=lambda one: (one.certain, one.value, one.page, one.start), default=None)


def read(digits: str) -> Decimal | None:
    """The number that `12,34,567.89` means; None when it is none."""
    try:
        return Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None


def grouped(value: Decimal) -> str:
    """₹ 12,34,567.89: with the grouping of lakh and crore."""
    whole, _, part = f"{abs(value):.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    while head:
        head, tail = head[:-2], f"{head[-2:]},{tail}"
    return f"₹ {'-' if value < 0 else ''}{tail}.{part}"


def _of_page(page: int, text: str) -> Iterator[Amount]:
    for match in _MONEY.finditer(text):
        value = read(match["digits"])
        if value is None:
            continue
        scale = (match["scale"] or "").lower().removesuffix("s")
        value *= _SCALES.get(scale, 1)
        certain = _certain(text, match.start())
        money = bool(match["sign"] or match["after"])
        if money or (certain and _looks_like_money(match["digits"])):
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            yield Amount(value, page, _said(text, start, match.end()), certain, start)


def _looks_like_money(digits: str) -> bool:
    return "," in digits or "." in digits or len(digits) >= 3


def _certain(text: str, start: int) -> int:
    """By the name nearest before the amount on its line, or at the end of the line before."""
    before = text[max(0, start - NEAR) : start]
    lines = before.rstrip(" :₹.-\t").split("\n")
    near = "\n".join(lines[-2:]) if not re.search(r"\w", lines[-1]) else lines[-1]
    if _between_numbers(near):
        near = near[_between_numbers(near) :]
    if _PARTS.search(near):
        return 0
    return next((certain for certain, label in LABELS if label.search(near)), 0)


def _between_numbers(near: str) -> int:
    """Where the text after the last amount before begins: a name belongs to the first amount behind it."""
    found = [match.end() for match in re.finditer(r"\d[\d,]*\.\d{2}\b(?!%)", near)]
    return found[-1] if found else 0


def _said(text: str, start: int, end: int) -> str:
    line = text.rfind("\n", 0, start) + 1
    return excerpt(text, max(line, start - NEAR), end)
