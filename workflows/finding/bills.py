"""Bills, orders and goods receipts: their numbers, their lines, their taxes and totals."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from workflows.finding import amounts
from workflows.finding.words import alike

_SLASHED = r"[A-Z0-9][A-Z0-9&()./-]{2,38}[A-Z0-9]"
ORDER_NUMBER = re.compile(
    rf"\b(?:P\.?\s?O\.?|purchase\s+order|work\s+order|order)\s*(?:no|number|ref|#)\.?\s*[:.#-]?\s*(?P<id>{_SLASHED})",
    re.I,
)
RECEIPT_NUMBER = re.compile(
    rf"\b(?:G\.?R\.?N\.?|goods\s+receipt(?:\s+note)?|material\s+receipt)\s*(?:no|number|#)\.?\s*[:.#-]?\s*(?P<id>{_SLASHED})",
    re.I,
)
_LINE = re.compile(
    r"^\s*(?:\d{1,3}[.)]?\s+)?(?P<item>[A-Za-z\u0d00-\u0d7f][^\n]{1,80}?)\s+(?:(?P<hsn>\d{4,8})\s+)?"
    r"(?P<quantity>\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d{1,7}(?:\.\d{1,3})?)\s*(?P<unit>nos?\.?|pcs?\.?|sets?|kgs?|m|mtrs?|"
    r"litres?|ltrs?|units?|each|ea|pairs?|boxes?|rolls?|lot)?\s+"
    r"(?:[x@×]\s*)?(?:₹|Rs\.?)?\s*(?P<rate>\d{1,3}(?:,\d{2,3})+(?:\.\d{1,2})?|\d{1,9}(?:\.\d{1,2})?)"
    r"(?:\s+=?\s*(?:₹|Rs\.?)?\s*(?P<amount>\d{1,3}(?:,\d{2,3})+(?:\.\d{1,2})?|\d{1,12}(?:\.\d{1,2})?))?\s*$",
    re.I,
)
_RECEIVED = re.compile(
    r"^\s*(?:\d{1,3}[.)]?\s+)?(?P<item>[A-Za-z\u0d00-\u0d7f][^\n]{1,80}?)\s+"
    r"(?P<quantity>\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d{1,7}(?:\.\d{1,3})?)\s*"
    r"(?:nos?\.?|pcs?\.?|sets?|kgs?|m|mtrs?|litres?|ltrs?|units?|each|ea|pairs?|boxes?|rolls?|lot)\s*$",
    re.I,
)
_TAX = re.compile(
    r"\b(?P<tax>CGST|SGST|UTGST|IGST|GST)\b\s*(?:@|\()?\s*(?P<rate>\d{1,2}(?:\.\d{1,2})?)\s*%\)?"
    r"(?:[^\d\n]{0,20}(?P<amount>\d{1,3}(?:,\d{2,3})+(?:\.\d{1,2})?|\d{1,12}(?:\.\d{1,2})?))?",
    re.I,
)
_NO_ITEM = re.compile(r"\b(?:total|gst|cgst|sgst|igst|tax|date|no|number|page|phone|pin|round(?:ed)?\s+off)\b", re.I)
_CELL = re.compile(
    r"^\s*(?:₹|Rs\.?)?\s*\d[\d,.]*\s*(?:nos?\.?|pcs?\.?|sets?|kgs?|m|mtrs?|litres?|units?|each|pairs?)?\s*$", re.I
)
_SERIAL_BEHIND = re.compile(r"^(.*\d)\s+\d{1,3}$")  # of the next row, where each cell had a line of its own
MOST_LINES = 200


@dataclass(frozen=True)
class Line:
    """One item; `rate` is None on a receipt, which has none."""

    item: str
    quantity: Decimal
    rate: Decimal | None


@dataclass(frozen=True)
class Bill:
    """What one of the three papers says."""

    order: str = ""
    receipt: str = ""
    lines: tuple[Line, ...] = ()
    taxes: dict[str, Decimal] = field(default_factory=dict)
    total: Decimal | None = None

    @property
    def tax_rate(self) -> Decimal | None:
        """Of CGST and SGST together, or of IGST; None when the paper says nothing of tax."""
        if not self.taxes:
            return None
        whole = self.taxes.get("IGST") or self.taxes.get("GST")
        return whole or sum((rate for rate in self.taxes.values()), Decimal(0))


def read(pages: Sequence[tuple[int, str]]) -> Bill:
    """What stands plainly in these pages; nothing is guessed."""
    text = alike("\n".join(text for _, text in pages))
    found = amounts.total(amounts.find(pages))
    return Bill(
        order=_number(ORDER_NUMBER, text),
        receipt=_number(RECEIPT_NUMBER, text),
        lines=tuple(_lines(text)),
        taxes={match["tax"].upper(): Decimal(match["rate"]) for match in _TAX.finditer(text)},
        total=found.value if found else None,
    )


def same_item(one: str, other: str) -> bool:
    """Whether two papers mean the same item: the same words, whatever signs stand between them."""
    return _plain(one) == _plain(other)


def _number(pattern: re.Pattern[str], text: str) -> str:
    for match in pattern.finditer(text):
        said: str = match["id"].strip(".-/")
        if any(sign.isdigit() for sign in said):
            return said.upper()
    return ""


def _lines(text: str) -> list[Line]:
    lines: list[Line] = []
    for row in _rows(text):
        line = _line(row) or (_line(found[1]) if (found := _SERIAL_BEHIND.match(row)) else None)
        if line is not None:
            lines.append(line)
        if len(lines) >= MOST_LINES:
            break
    return lines


def _rows(text: str) -> list[str]:
    """The rows of its tables: where each cell has a line of its own, they are put together again."""
    rows: list[str] = []
    for line in text.split("\n"):
        if rows and _CELL.match(line) and any(sign.isalpha() for sign in rows[-1]):
            rows[-1] = f"{rows[-1]} {line.strip()}"
        else:
            rows.append(line)
    return rows


def _line(row: str) -> Line | None:
    if len(row) > 200 or _NO_ITEM.search(row):
        return None
    match, rate = _LINE.match(row), None
    if match is not None:
        quantity, rate = amounts.read(match["quantity"]), amounts.read(match["rate"])
        amount = amounts.read(match["amount"]) if match["amount"] else None
        if quantity is None or rate is None or (amount is not None and abs(quantity * rate - amount) > 1):
            return None
    else:
        match = _RECEIVED.match(row)
        quantity = amounts.read(match["quantity"]) if match else None
    if match is None or quantity is None:
        return None
    return Line(" ".join(match["item"].split()), quantity, rate)


def _plain(item: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", item.lower()))
