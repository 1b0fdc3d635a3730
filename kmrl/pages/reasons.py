"""Refusals and reasons of failures in the language of the page: they are English where they are made and kept."""

import re
from functools import lru_cache

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kmrl.pages import checker_sentences, run_sentences, sentences

LONGEST = 2_000  # characters of a reason; what is longer is nobody's sentence
_BETWEEN = re.compile(r"[.?] ")
PLACE = re.compile(r"\{(\w+)\}")
AT_A_STEP = re.compile(r"([a-z0-9_]+(?:\.\w+|\[\d+\])*: )(.+)", re.DOTALL)
"""Why a run stands still begins with the place in its definition."""


Book = tuple[str, ...]


@lru_cache(maxsize=8)
def _patterns(book: Book) -> list[tuple[re.Pattern[str], str]]:
    """Those with the most words of their own come first, so that `{kind}` never swallows another sentence."""
    ordered = sorted(book, key=lambda one: -len(PLACE.sub("", one)))
    return [(_pattern(one), one) for one in ordered]


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = PLACE.split(sentence)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(parts)), re.DOTALL
    )


def found(said: str, book: Book = sentences.ALL) -> tuple[str, dict[str, str]] | None:
    """The sentence of the book that this is, and what stands in its places."""
    for pattern, sentence in _patterns(book):
        if len(said) <= LONGEST and (match := pattern.fullmatch(said)):
            return sentence, match.groupdict()
    return None


def in_words(said: str) -> str:
    """The sentence in the language of the page; as it is when nobody has put it into the book."""
    if not said or (get_language() or "en").startswith("en"):
        return said
    known = found(said)
    if known is None:
        at = AT_A_STEP.fullmatch(said)
        return f"{at[1]}{in_words(at[2])}" if at else said
    sentence, places = known
    of_part = of_checker if sentence in run_sentences.NOT_SOUND else in_words
    return _(sentence).format(**{name: of_part(part) for name, part in places.items()})


def of_checker(said: str) -> str:
    """What the checker says of a definition (a message, an advice, or both) in the language of the page."""
    if not said or (get_language() or "en").startswith("en"):
        return said
    if (known := found(said, checker_sentences.ALL)) is not None:
        return _with_parts(*known)
    for between in _BETWEEN.finditer(said):
        message, advice = (
            found(one, checker_sentences.ALL) for one in (said[: between.start() + 1], said[between.end() :])
        )
        if message is not None and advice is not None:
            return f"{_with_parts(*message)} {_with_parts(*advice)}"
    return said


def _with_parts(sentence: str, places: dict[str, str]) -> str:
    """The translation; what stands in a place is a name, or a few words that the book knows."""
    said = {}
    for name, part in places.items():
        known = found(part, checker_sentences.PARTS)
        said[name] = part if known is None else _(known[0]).format(**known[1])
    return _(sentence).format(**said)


@login_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """`?said=`: for scripts, which hear the API and events in English."""
    return JsonResponse({"said": in_words(request.GET.get("said", "")[:LONGEST])})
