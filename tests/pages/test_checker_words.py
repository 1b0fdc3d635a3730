"""What the checker says to those who write definitions, in the language of the page; English where it is made."""

import ast
from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import translation

from kmrl.pages import checker_sentences, reasons
from tests.pages.test_malayalam import MALAYALAM, MESSAGES, PROJECT
from workflows.definitions import checking
from workflows.definitions.meaning import naming

SAYS = ("checking", "cycles", "problems", "reading", "shape", "meaning/*")
READS = ("../conditions", "../expressions/*", "../durations")
SAID_OTHERWISE = {"ConditionFailed", "_too_large", "_too_many"}
"""What an expression fails with while it runs: tests/pages/test_reasons.py holds that."""
NOBODY_HEARS = {"is working time: its length depends on the calendar and on when it starts."}
SAMPLES = {"advice": "Leave it out.", "which": "itself", "hint": "", "wanted": "2"}
FRAMES = {"X7.", "X7; this is X7."}
"""Sentences that are put together of what is held elsewhere."""
HOME = PROJECT / "workflows" / "definitions"


def files(names: tuple[str, ...]) -> list[str]:
    found = [file for name in names for file in sorted(HOME.glob(f"{name}.py"))]
    assert len(found) >= len(names)
    return [file.read_text() for file in found]


def made_in(source: str) -> Iterator[str]:
    """Every text of a module that reads like a sentence, with samples in its places; no docstrings."""
    tree = ast.parse(source)
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        inside = isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Call) and name_of(node) in SAID_OTHERWISE)
        passed |= {id(part) for part in ast.walk(node) if part is not node} if inside else set()
        if isinstance(node, ast.Call) and name_of(node) == "_want":
            yield f"{text(node.args[3])}; this is a map."
        elif isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in passed and is_sentence(text(node)):
            yield text(node).strip()


def is_sentence(said: str) -> bool:
    said = said.strip()
    ends = said.rstrip("”").endswith((".", "?")) and said[:1] not in ".|(" and said not in FRAMES
    return ends and " " in said and not any(part in said for part in NOBODY_HEARS)


def name_of(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(text(part) if isinstance(part, ast.Constant) else sample(part) for part in node.values)
    return ""


def sample(part: ast.AST) -> str:
    value = part.value  # type: ignore[attr-defined]
    if isinstance(value, ast.IfExp):
        return text(value.orelse)
    return SAMPLES.get(ast.unparse(value), "X7")


def told() -> Iterator[str]:
    """Messages and advice, as the checker sets them apart."""
    for source in files(SAYS):
        yield from made_in(source)
    for source in files(READS):
        for said in made_in(source):
            if said.startswith("“X7” is not a duration") or "duration" in source[:20]:
                message, _, advice = said.partition(": ")
                yield from (f"{message.rstrip('.')}.", advice[:1].upper() + advice[1:])
            else:
                yield from naming._told(said)


def test_every_message_and_advice_of_the_checker_stands_in_the_book():
    said = {one for one in told() if one}
    assert len(said) > 200
    assert sorted(one for one in said if reasons.found(one, checker_sentences.ALL) is None) == []


def test_all_of_the_book_is_in_malayalam():
    known = {message.id: message.string for message in MESSAGES}
    spoken = {one: known[one] for one in (*checker_sentences.ALL, *checker_sentences.PARTS)}
    assert [one for one, own in spoken.items() if not MALAYALAM.search(own)] == []


def test_no_sentence_is_taken_for_another():
    for book in (checker_sentences.ALL, checker_sentences.PARTS):
        for sentence in book:
            places = {name: f"sample {name}" for name in reasons.PLACE.findall(sentence)}
            assert reasons.found(sentence.format(**places), book) == (sentence, places)


WRONG = """
key: tried
title: 3
colour: red
steps:
  - {id: one, kind: timer, wait: 3 moons}
"""
ODD = """
key: tried
title: Tried
steps:
  - {id: one, kind: timer, wait: 3 moons}
  - {id: one, kind: human, candidates: [{department: nowhere, role: clerk}], quorum: all}
  - {id: two, kind: service, call: amounts.find, when: document.titel == "x" && size(3) > 1}
  - {id: three, kind: timer, wait: 1 days, when: 'document.type == 3'}
"""


@pytest.mark.django_db
@pytest.mark.parametrize("source", [WRONG, ODD, "- a", "key: [", "a: 1\na: 2", "{", "key: tried\ntitle: x"])
def test_what_the_checker_says_is_said_in_malayalam(source):
    problems = checking.check(source).problems
    assert problems
    with translation.override("ml"):
        for one in problems:
            assert MALAYALAM.search(reasons.of_checker(one.message)), one.message
            assert not one.advice or MALAYALAM.search(reasons.of_checker(one.advice)), one.advice


@pytest.mark.django_db
def test_names_and_figures_stay_and_small_words_are_said_too():
    (first, *_) = checking.check(WRONG).problems
    assert first.message == "“title” has to be a text; this is 3."
    with translation.override("ml"):
        assert reasons.of_checker(first.message) == "“title” ഒരു എഴുത്ത് ആയിരിക്കണം; ഇത് 3."
        both = reasons.in_words(f"It has an error, in line 3: {first.message} {first.advice}")
        assert "3" in both and reasons.of_checker(first.message) in both
        assert reasons.of_checker("Something that nobody wrote down.") == "Something that nobody wrote down."
    with translation.override("en"):
        assert reasons.of_checker(first.message) == first.message


@pytest.mark.django_db
def test_the_editor_says_it_in_the_language_of_the_page_and_the_api_in_english(client, administrator):
    client.force_login(administrator)
    client.post(reverse("language"), {"language": "ml"})
    page = client.post(reverse("desk:check"), {"source": WRONG}).json()
    assert page["problems"][0]["message"] == "“title” ഒരു എഴുത്ത് ആയിരിക്കണം; ഇത് 3."
    assert page["problems"][0]["lang"] == ""
    client.post(reverse("language"), {"language": "en"})
    assert client.post(reverse("desk:check"), {"source": WRONG}).json()["problems"][0]["message"].endswith("is 3.")
