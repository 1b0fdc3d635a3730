"""Terms: by when a paper wants something done. `within 15 days`, `on or before 05/11/2026`, `15 ദിവസത്തിനകം`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from workflows.finding import dates
from workflows.finding.words import SAID_NUMBER, alike, excerpt, number

_COUNT = rf"(?P<count>\d{{1,3}}|{SAID_NUMBER})"
_AGAIN = r"(?:\s*\(\s*[\w\s-]{1,24}\)?\s*\))?"
_UNIT = r"(?P<unit>hour|day|week|fortnight|month)s?"
_WORKING = r"(?P<working>working|business|office)?"
_WITHIN = (
    r"\b(?:within|not\s+(?:later|more)\s+than|no\s+later\s+than|latest\s+by|in)\s+(?:a\s+)?(?:the\s+|next\s+)?"
    r"(?:(?:period|time|maximum)\s+(?:of\s+)?)?"
    rf"{_COUNT}{_AGAIN}[\s-]*(?:clear\s+|calendar\s+)?{_WORKING}[\s-]*{_UNIT}(?:'|’)?\b"
)
_ML_UNIT = (
    r"(?P<unit>മണിക്കൂറ|ദിവസ|ആഴ്ച|ാഴ്ച|മാസ)[\u0d02-\u0d4d]*"
    r"(?:ത്തിന|ങ്ങൾക്ക|യ്ക്ക|ക്ക|ന|ങ്ങളുടെ\s*|ത്തിന്റെ\s*)[\u0d02-\u0d4d]*\s*(?:കം|അകം|ക|ള്ളിൽ|ഉള്ളിൽ)"
)
_ML_WITHIN = (
    rf"(?P<count>\d{{1,3}}|{SAID_NUMBER})\s*(?:\(\s*[\w\s\u0d00-\u0d7f-]{{1,24}}\)\s*)?"
    rf"(?P<working>പ്രവൃത്തി|പ്രവർത്തി)?\s*{_ML_UNIT}"
)
_BY = (
    r"\b(?:on\s+or\s+before|not\s+later\s+than|no\s+later\s+than|latest\s+by|at\s+the\s+latest\s+by|positively\s+by|before"
    r"|by|until|up\s*to|due\s+(?:date|on|by)|last\s+date(?:\s+(?:for|of)\s+[a-z ]{1,40})?|deadline(?:\s+is)?)"
    rf"\s*(?:is\s+|:\s*|-\s*)?(?:the\s+)?{dates.DATE}"
)
_ML_BEFORE = r"മു(?:മ്പ|ൻപ)"
_ML_BY = (
    rf"{dates.DATE}\s*-?\s*(?:തീയതി\S*\s*)?"
    rf"(?:നകം|ന്\s*അകം|നുള്ളിൽ|നു?\s*{_ML_BEFORE}|ന്\s*{_ML_BEFORE}|ക്കകം|യ്ക്കകം|ക്ക്\s*{_ML_BEFORE}|\s*{_ML_BEFORE})"
)
_WITHIN_PATTERNS = [re.compile(one, re.IGNORECASE) for one in (_WITHIN, _ML_WITHIN)]
_BY_PATTERNS = [re.compile(one, re.IGNORECASE) for one in (_BY, _ML_BY)]
_ASKS = re.compile(
    r"repl(?:y|ies)|respon[ds]|answer|submit|furnish|compl[iy]|report|return|rectif|action|implement|send|forward|"
    r"explain|confirm|deposit|remit|pay|intimat|inform|മറുപടി|സമർപ്പി|അറിയി|നടപടി|നൽക|പാലി|റിപ്പോർട്ട്|വിശദീകരണ|ഹാജരാ",
    re.IGNORECASE,
)
_RECEIPT = re.compile(r"receipt|receiv|കൈപ്പറ്റ|ലഭിച്ച|കിട്ടി", re.IGNORECASE)
_WRITTEN = re.compile(r"\b(?:dated?|dt)\.?\s*[:.-]?\s*(?=[\da-z])|(?:തീയതി|തിയതി)\s*[:.-]?\s*", re.IGNORECASE)
_UNITS = {"മണിക്കൂറ": "hour", "ദിവസ": "day", "ആഴ്ച": "week", "ാഴ്ച": "week", "മാസ": "month"}
AROUND = 160


@dataclass(frozen=True)
class Term:
    """One term of a text. Either `day`, or `count` of `unit` (hour, day, week, month) from the paper's date on, or from
    its receipt (`from_receipt`). `asks`: something is asked for nearby."""

    page: int
    start: int
    words: str
    asks: bool
    day: date | None = None
    count: int = 0
    unit: str = ""
    working: bool = False
    from_receipt: bool = False


def find(pages: Sequence[tuple[int, str]]) -> list[Term]:
    """Every term of these numbered pages, in their order."""
    found: list[Term] = []
    for page, text in pages:
        plain = alike(text)
        terms = [*_within(page, plain), *_by(page, plain)]
        found += sorted(terms, key=lambda term: term.start)
    return found


def written_on(text: str) -> date | None:
    """The date that a letter gives itself: `Date: 01/06/2026`, `dated 1st June 2026`, `തീയതി: 01.06.2026`."""
    plain = alike(text)
    named = {match.end() for match in _WRITTEN.finditer(plain)}
    return next((found.day for found in dates.find(plain) if found.start in named), None)


def _within(page: int, text: str) -> Iterator[Term]:
    for pattern in _WITHIN_PATTERNS:
        for match in pattern.finditer(text):
            count = number(match["count"])
            unit = _UNITS.get(match["unit"], match["unit"].lower())
            if not count:
                continue
            if unit == "fortnight":
                count, unit = count * 14, "day"
            after = text[match.end() : match.end() + 80]
            before = text[max(0, match.start() - 60) : match.start()] if match["unit"] in _UNITS else ""
            yield Term(
                page,
                match.start(),
                excerpt(text, match.start(), match.end()),
                _asks(text, match),
                count=count,
                unit=unit,
                working=bool(match["working"]),
                from_receipt=bool(_RECEIPT.search(_sentence(after)) or _RECEIPT.search(before)),
            )


def _by(page: int, text: str) -> Iterator[Term]:
    for pattern in _BY_PATTERNS:
        for match in pattern.finditer(text):
            if (day := dates.of_match(match)) is not None:
                words = excerpt(text, match.start(), match.end())
                yield Term(page, match.start(), words, _asks(text, match), day=day)


def _asks(text: str, match: re.Match[str]) -> bool:
    return bool(_ASKS.search(text, max(0, match.start() - AROUND), match.end() + AROUND))


def _sentence(text: str) -> str:
    """Up to its end."""
    return re.split(r"[.;]\s|\n\n", text, maxsplit=1)[0]
