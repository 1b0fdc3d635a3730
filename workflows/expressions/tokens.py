"""The words of a CEL expression, and the caps that are looked at before anything is parsed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 2_000  # characters
MOST = 400  # words: far below what makes the library's parser run out of stack

_WORD = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|0[xX][0-9a-fA-F]+|\d+)
    |(?P<text>"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[<>!+\-*/%?:.,()\[\]{}])""",
    re.VERBOSE,
)
_HINTS = {
    "=": "A single = compares nothing: write ==.",
    "&": "Write && for “and”.",
    "|": "Write || for “or”.",
    '"': "A text is not closed: end it with the quotation mark that it began with.",
    "'": "A text is not closed: end it with the quotation mark that it began with.",
}


class BadCondition(ValueError):
    """An expression that is not accepted: `sentence` for people, `position` in the text (0 is its first character)."""

    def __init__(self, sentence: str, position: int = 0) -> None:
        self.sentence = sentence
        self.position = position
        super().__init__(sentence)


@dataclass(frozen=True)
class Word:
    """One word: `kind` is number, text, name, sign or end."""

    kind: str
    text: str
    at: int


def words(text: str) -> list[Word]:
    """The expression's words and an end mark. Raises BadCondition where it is too long or cannot be read."""
    if not isinstance(text, str):
        raise BadCondition("An expression is a text: write it in quotation marks.")
    if not text.strip():
        raise BadCondition("The expression is empty: write what has to be true, or leave it out.")
    if len(text) > LONGEST:
        raise BadCondition(f"The expression has {len(text)} characters; {LONGEST} are the most. Split it up.", LONGEST)
    found = list(_words(text))
    if len(found) > MOST:
        raise BadCondition(f"The expression has more than {MOST} words: split it into several steps.", found[MOST].at)
    return found


def _words(text: str) -> Iterator[Word]:
    at = 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadCondition(_HINTS.get(text[at], f"“{text[at]}” means nothing here."), at)
        if match.lastgroup != "space":
            yield Word(match.lastgroup, match[0], at)
        at = match.end()
    yield Word("end", "", len(text))
