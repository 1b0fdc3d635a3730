"""How wide text is, near enough to keep it inside its box, and how it is broken into lines."""

import unicodedata

_NARROW = frozenset("iljtfrI.,:;'’|!()[] ")
_WIDE = frozenset("mwMW@%—…")
_CODE = 0.56  # of a sign of code, which `style.CSS` draws in smaller letters of one width


def width(text: str, size: float = 13, *, code: bool = False) -> float:
    """The width in pixels of one line at this size, rather too much than too little."""
    return (len(text) * _CODE if code and text.isascii() else sum(_em(sign) for sign in text)) * size


def wrap(text: str, room: float, *, size: float = 13, most: int = 4, code: bool = False) -> tuple[str, ...]:
    """The text in lines that fit into `room` pixels; what needs more than `most` lines ends in “…”.

    `code`: it is drawn as code.
    """
    lines: list[str] = []
    line = ""
    for word in _pieces(text, room, size, code=code):
        longer = f"{line} {word}" if line else word
        if width(longer, size, code=code) <= room or not line:
            line = longer
        else:
            lines.append(line)
            line = word
    if line:
        lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(lines[most - 1], room, size, code=code)]
    return tuple(lines)


def _pieces(text: str, room: float, size: float, *, code: bool) -> list[str]:
    """The words; those that are too long for a line cut where they are full, never within a syllable's signs."""
    pieces: list[str] = []
    for word in text.split():
        part = ""
        for cluster in _clusters(word):
            if part and width(part + cluster, size, code=code) > room:
                pieces.append(part)
                part = ""
            part += cluster
        pieces.append(part)
    return pieces


def _clusters(word: str) -> list[str]:
    clusters: list[str] = []
    for sign in word:
        joined = clusters and (
            unicodedata.category(sign) in {"Mn", "Mc", "Cf"} or clusters[-1].endswith(("\u0d4d", "\u200d"))
        )
        if joined:
            clusters[-1] += sign
        else:
            clusters.append(sign)
    return clusters


def _shortened(line: str, room: float, size: float, *, code: bool) -> str:
    clusters = _clusters(line)
    while clusters and width("".join(clusters) + "…", size, code=code) > room:
        clusters.pop()
    return "".join(clusters).rstrip() + "…"


def _em(sign: str) -> float:
    if sign in _NARROW:
        return 0.36
    if sign in _WIDE:
        return 0.95
    if "\u0d00" <= sign <= "\u0d7f":  # Malayalam: letters are wide, signs above and below take nothing
        return {"Mn": 0.1, "Mc": 0.62}.get(unicodedata.category(sign), 0.95)
    if unicodedata.east_asian_width(sign) in {"W", "F"}:
        return 1.05
    if sign.isupper() or sign.isdigit():
        return 0.68
    return 0.59 if sign.isascii() else 0.75
