"""Text made alike before it is looked at: chillu and digits of Malayalam in one form each, numbers said in words."""

import re
import unicodedata

VIRAMA, JOINER, NON_JOINER = "\u0d4d", "\u200d", "\u200c"
_CHILLU = {"ണ": "ൺ", "ന": "ൻ", "ര": "ർ", "ല": "ൽ", "ള": "ൾ", "ക": "ൿ"}
_DIGITS = {ord("൦") + value: str(value) for value in range(10)}

_UNITS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_ENGLISH = {word: value for value, word in enumerate(f"{_UNITS} eighteen nineteen".split(), start=1)} | {
    "a": 1, "twenty": 20, "thirty": 30, "forty": 40, "forty five": 45, "fifty": 50, "sixty": 60, "ninety": 90,
    "twenty one": 21, "twenty eight": 28, "hundred": 100, "one hundred and twenty": 120, "hundred and eighty": 180,
}  # fmt: skip
_MALAYALAM = {
    "ഒരു": 1, "ഒര": 1, "ഒന്ന്": 1, "രണ്ട്": 2, "രണ്ടു": 2, "രണ്ട": 2, "മൂന്ന്": 3, "മൂന്നു": 3, "മൂന്ന": 3, "നാല്": 4,
    "നാലു": 4, "നാല": 4, "അഞ്ച്": 5, "അഞ്ചു": 5, "ആറ്": 6, "ആറു": 6, "ഏഴ്": 7, "ഏഴു": 7, "എട്ട്": 8, "എട്ടു": 8,
    "ഒൻപത്": 9, "ഒമ്പത്": 9, "പത്ത്": 10, "പത്തു": 10, "പന്ത്രണ്ട്": 12, "പതിനാല്": 14, "പതിനഞ്ച്": 15, "പതിനഞ്ചു": 15,
    "ഇരുപത്": 20, "ഇരുപത്തിയൊന്ന്": 21, "മുപ്പത്": 30, "മുപ്പതു": 30, "നാൽപ്പത്തിയഞ്ച്": 45, "അറുപത്": 60, "തൊണ്ണൂറ്": 90,
}  # fmt: skip


def alike(text: str) -> str:
    """NFC, chillu in their atomic form, no joiners, digits 0 to 9; otherwise as it was written."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text).translate(_DIGITS)
    for base, chillu in _CHILLU.items():
        text = text.replace(base + VIRAMA + JOINER, chillu)
    return text.replace(JOINER, "").replace(NON_JOINER, "")


_NUMBERS = {alike(word): value for word, value in (_ENGLISH | _MALAYALAM).items()}
SAID_NUMBER = "|".join(sorted((re.escape(word).replace(r"\ ", r"[\s-]+") for word in _NUMBERS), key=len, reverse=True))
"""A pattern for a number said in words."""


def number(said: str) -> int | None:
    """What a number of digits or words means: `15`, `fifteen`, `പതിനഞ്ച്`; None when it is none."""
    plain = " ".join(re.split(r"[\s-]+", said.strip().lower()))
    if plain.isascii() and plain.isdigit():
        return int(plain)
    return _NUMBERS.get(plain)


def excerpt(text: str, start: int, end: int, *, around: int = 0, most: int = 200) -> str:
    """The words from `start` to `end`, and some characters around, on one line."""
    return " ".join(text[max(0, start - around) : end + around].split())[:most]
