"""Conditions in words: as true as what is written, never half said, and never to be read in two ways."""

import itertools
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Department
from documents.models import Source
from kmrl.pages import condition_words, drawn
from tests.workflows.definitions import test_drawing
from tests.workflows.definitions.test_exchange import body_of
from tests.workflows.definitions.texts import BUILT_IN, FULL
from workflows import conditions, running
from workflows.drawing import lettering
from workflows.drawing.layout import Pen

pytestmark = pytest.mark.django_db

BODY = body_of("""\
key: words
title: Words
variables:
  amount: {type: number}
  limit: {type: integer}
  acknowledge: {type: boolean}
  names: {type: list}
  found: {type: map}
  note: {type: string}
  answer_by: {type: date}
steps:
  - id: legal
    kind: human
    title: Legal review
    title_ml: നിയമ പരിശോധന
    candidates: [{department: legal, role: reviewer}]
    outcomes:
      - {key: approved, title: It binds us, title_ml: ബാധകമാണ്}
      - {key: returned, title: Return for rework}
    form:
      - {name: pay, title: Amount to be paid, type: number}
  - {id: twin_one, kind: human, title: Twin, candidates: [{department: legal, role: reviewer}]}
  - {id: twin_two, kind: human, title: Twin, candidates: [{department: legal, role: reviewer}]}
  - id: marks
    kind: human
    title: The “good” ones
    candidates: [{department: legal, role: reviewer}]
  - id: each
    kind: foreach
    items: vars.names
    as: name
    steps: [{id: look, kind: timer, wait: 1 hours}]
""")

SAID = {
    # comparisons, with the values that pages show
    'document.type == "invoice"': "the type is “Vendor invoice”",
    '"invoice" == document.type': "the type is “Vendor invoice”",
    'document.type != "invoice"': "the type is not “Vendor invoice”",
    'document.type == ""': "the type is empty",
    'document.type != ""': "the type is not empty",
    'document.department == "operations"': "the department is “Operations”",
    'document.source == "api"': "the source is “Programming interface”",
    'document.priority == "high"': "the priority is “high”",
    'document.language == "ml"': "the language is “Malayalam”",
    'document.access == "restricted"': "the access is “named people only”",
    'document.status == "processed"': "the state is “Done”",
    "document.page_count > 0": "the number of pages is more than 0",
    "10 < document.page_count": "the number of pages is more than 10",
    "10 >= document.page_count": "the number of pages is at most 10",
    "document.confidence < 0.6": "the confidence is less than 0.6",
    "document.duplicate": "“The same as another document” is “yes”",
    "document.facts.amount > 50000": "“Amount” as it was read is more than 50,000",
    'document.metadata.folder == "in"': "“Folder” of the metadata is “in”",
    "vars.amount >= 1250000.5": "the variable “Amount” is at least 1,250,000.5",
    "vars.amount > -5": "the variable “Amount” is more than -5",
    "vars.amount > vars.limit": "the variable “Amount” is more than the variable “Limit”",
    "vars.note == document.title": "the variable “Note” is the title",
    "vars.amount != null": "the variable “Amount” has a value",
    "vars.amount == null": "the variable “Amount” has no value",
    "vars.found.date == null": "“Date” of the variable “Found” has no value",
    'steps.legal.outcome == "approved"': "the outcome of “Legal review” is “It binds us”",
    'steps.legal.outcome == "timeout"': "the outcome of “Legal review” is “not in time”",
    'steps.twin_two.outcome == "approved"': "the outcome of “Twin” [twin_two] is “Approve”",
    "steps.legal.form.pay <= 100": "“Amount to be paid” of “Legal review” is at most 100",
    "steps.legal.round > 1": "the round of “Legal review” is more than 1",
    'instance.priority == "low"': "the priority of the run is “low”",
    "event.version > 1": "“Version” of the event is more than 1",
    'name != ""': "“Name” is not empty",
    # there or not, among, within
    "has(document.facts.amount)": "“Amount” as it was read is there",
    '"amount" in document.facts': "“Amount” as it was read is there",
    '"no_text" in document.flags': "the list of flags contains “no text”",
    'document.type in ["invoice", "letter"]': "the type is one of “Vendor invoice”, “Letter”",
    "vars.amount in [1, 2000]": "the variable “Amount” is one of 1, 2,000",
    'document.department == "operations" || document.department == "nowhere"': (
        "the department is one of “Operations”, “nowhere”"
    ),
    'document.type != "invoice" && document.type != "letter"': "the type is none of “Vendor invoice”, “Letter”",
    "vars.note in vars.names": "the variable “Note” is one of the variable “Names”",
    'document.head.contains("tax invoice")': "the beginning of the text contains “tax invoice”",
    'document.title.startsWith("Re:")': "the title begins with “Re:”",
    'document.title.endsWith("final")': "the title ends with “final”",
    "size(vars.names) > 2": "the number of entries of the variable “Names” is more than 2",
    "vars.found.size() == 0": "the number of entries of the variable “Found” is 0",
    "document.title.size() > 80": "the number of characters of the title is more than 80",
    # not
    "!vars.acknowledge": "the variable “Acknowledge” is “no”",
    "!!vars.acknowledge": "the variable “Acknowledge” is “yes”",
    "vars.amount > 1 && !!(vars.acknowledge || vars.limit > 2)": (
        "the variable “Amount” is more than 1 and"
        " (the variable “Acknowledge” is “yes” or the variable “Limit” is more than 2)"
    ),
    "vars.acknowledge == false": "the variable “Acknowledge” is “no”",
    "!(vars.amount < 5)": "the variable “Amount” is at least 5",
    "!(vars.amount == 5)": "the variable “Amount” is not 5",
    "!has(document.facts.amount)": "“Amount” as it was read is not there",
    '!("no_text" in document.flags)': "the list of flags does not contain “no text”",
    '!(document.type in ["invoice", "letter"])': "the type is none of “Vendor invoice”, “Letter”",
    '!document.head.contains("x")': "the beginning of the text does not contain “x”",
    '!(document.type == "invoice" || document.type == "letter")': "the type is none of “Vendor invoice”, “Letter”",
    '!(document.type != "invoice" && document.type != "letter")': "the type is one of “Vendor invoice”, “Letter”",
    '!(document.type == "invoice" || vars.acknowledge)': (
        "it is not so that (the type is “Vendor invoice” or the variable “Acknowledge” is “yes”)"
    ),
    # and, or
    "vars.acknowledge && vars.amount > 1 && vars.limit > 2": (
        "the variable “Acknowledge” is “yes” and the variable “Amount” is more than 1"
        " and the variable “Limit” is more than 2"
    ),
    "vars.acknowledge && (vars.amount > 1 || vars.limit > 2)": (
        "the variable “Acknowledge” is “yes” and"
        " (the variable “Amount” is more than 1 or the variable “Limit” is more than 2)"
    ),
    "vars.acknowledge || vars.amount > 1 && vars.limit > 2": (
        "the variable “Acknowledge” is “yes” or"
        " (the variable “Amount” is more than 1 and the variable “Limit” is more than 2)"
    ),
    'vars.acknowledge && (document.type == "invoice" || document.type == "letter")': (
        "the variable “Acknowledge” is “yes” and the type is one of “Vendor invoice”, “Letter”"
    ),
    'vars.note == null || vars.note == ""': "the variable “Note” has no value or the variable “Note” is empty",
}
UNSAID = [
    "vars.amount * 1.5 > 100",
    "vars.amount + vars.limit > 100",
    "-vars.amount > 100",
    "vars.amount > 1e21",
    'document.title.matches("[0-9]+")',
    'vars.names.exists(n, n == "x")',
    'vars.amount > 5 ? vars.acknowledge : document.type == "x"',
    "vars.names[0] == 'x'",
    'string(vars.amount) == "5"',
    'document.date < "2026-01-01"',  # texts are compared letter by letter
    "document.date < vars.answer_by",
    "document.facts.amount > document.facts.limit",  # of what kind they are is not known
    "size(document.facts.amount) > 1",
    '"x" in document.facts.names',
    "document.facts.Amount > 1",  # could be read as “amount”
    'document.facts["the amount"] > 1',
    "vars.found.date.day == 1",
    'vars.note == "a “b” c"',
    r'vars.note == "a\"b"',
    r'vars.note.contains("a\nb")',
    'document.type in ["invoice", ""]',
    "document.type in []",
    'steps.marks.outcome == "approved"',
    'steps.nowhere.outcome == "approved"',
    "vars.nowhere",
    "document.nowhere == 1",
    "vars.acknowledge && vars.amount * 2 > 1",  # half of it would be another condition
    "this is none",
    "",
]


@pytest.fixture(autouse=True)
def house(operations, api_source):
    """The department and the source that conditions name."""
    assert Department.objects.filter(key="operations", name="Operations").exists()
    Source.objects.filter(key="api").update(name="Programming interface")


def words(text: str, body: dict[str, Any] = BODY) -> str:
    return condition_words.of(body).condition(text)


@pytest.mark.parametrize("text", SAID)
def test_a_condition_is_said_in_words(text):
    assert words(text) == SAID[text]


@pytest.mark.parametrize("text", UNSAID)
def test_what_has_no_certain_words_is_not_said_at_all(text):
    assert words(text) == ""


def test_in_malayalam_it_is_said_with_the_names_of_that_language():
    with translation.override("ml"):
        said = words('steps.legal.outcome == "approved" && (document.type == "invoice" || !vars.acknowledge)')
    assert said == (
        "“നിയമ പരിശോധന” എന്നതിലെ തീരുമാനം “ബാധകമാണ്” ആണ്, കൂടാതെ"
        " (ഇനം “വെണ്ടർ ഇൻവോയ്സ്” ആണ്, അല്ലെങ്കിൽ “Acknowledge” എന്ന ചരം “അല്ല” ആണ്)"
    )


def written(held: Any) -> list[str]:
    """Every condition in a part of a body."""
    if isinstance(held, list):
        return [text for one in held for text in written(one)]
    if not isinstance(held, dict):
        return []
    own = [held[key] for key in ("when", "until") if isinstance(held.get(key), str)]
    return own + [text for one in held.values() for text in written(one)]


@pytest.mark.parametrize("path", BUILT_IN, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["en", "ml"])
def test_every_condition_of_the_built_in_ways_has_words(path, language):
    body = body_of(path.read_text())
    found = written(body)
    assert found
    with translation.override(language):
        said = {text: words(text, body) for text in found}
    assert [text for text, one in said.items() if not one] == []
    code = re.compile(r"[=!<>]=|&&|\|\||document\.|steps\.|vars\.|[{}]")
    assert [one for one in said.values() if code.search(one)] == []


# --- the same truth

NAMES = "abcd"
TREES = st.recursive(
    st.sampled_from([f"vars.{name}" for name in NAMES]),
    lambda below: st.one_of(
        below.map(lambda one: f"!({one})"),
        st.tuples(below, st.sampled_from(["&&", "||"]), below).map(lambda three: f"({three[0]} {three[1]} {three[2]})"),
    ),
    max_leaves=7,
)
LOOSE = st.lists(st.tuples(st.sampled_from(["&&", "||"]), TREES), max_size=3)
READERS = {
    "en": (r"the variable “(\w)” is “(yes|no)”", " and ", " or ", r"it is not so that \((.*)\)"),
    "ml": (r"“(\w)” എന്ന ചരം “(അതെ|അല്ല)” ആണ്", ", കൂടാതെ ", ", അല്ലെങ്കിൽ ", r"\((.*)\) എന്നത് ശരിയല്ല"),
}


def levels(said: str) -> list[str]:
    """The sentence's words of the outermost level, and each bracket as one."""
    found, depth, start = list[str](), 0, 0
    for at, sign in enumerate(said):
        if sign == "(":
            if depth == 0:
                found.append(said[start:at])
                start = at
            depth += 1
        if sign == ")":
            depth -= 1
            if depth == 0:
                found.append(said[start : at + 1])
                start = at + 1
    assert depth == 0
    return [part for part in [*found, said[start:]] if part]


def read(said: str, language: str, held: dict[str, bool]) -> bool:
    """How a person reads it: brackets first; and and or beside each other are not to be understood."""
    atom, both, either, denied = READERS[language]
    masked = "".join("#" * len(part) if part.startswith("(") else part for part in levels(said))
    ways = [sign for sign in (both, either) if sign in masked]
    assert len(ways) < 2, said
    if ways:
        cuts = [found.span() for found in re.finditer(ways[0], masked)]
        edges = [0, *itertools.chain.from_iterable(cuts), len(said)]
        parts = [said[edges[n] : edges[n + 1]] for n in range(0, len(edges), 2)]
        assert len(parts) > 1
        return (all if ways[0] == both else any)([read(part, language, held) for part in parts])
    if found := re.fullmatch(denied, said):
        return not read(found[1], language, held)
    if said.startswith("("):
        return read(said[1:-1], language, held)
    found = re.fullmatch(atom, said)
    assert found, said
    return held[found[1].lower()] == (found[2] in ("yes", "അതെ"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES, LOOSE, st.sampled_from(["en", "ml"]))
def test_however_it_is_nested_the_words_are_true_when_the_condition_is(first, more, language):
    text = " ".join([first, *(f"{sign} {tree}" for sign, tree in more)])
    body = BODY | {"variables": {name: {"type": "boolean", "title": "", "title_ml": ""} for name in NAMES}}
    with translation.override(language):
        said = words(text, body)
    assert said
    for values in itertools.product([True, False], repeat=len(NAMES)):
        held = dict(zip(NAMES, values, strict=True))
        assert read(said, language, held) == conditions.holds(text, {"vars": held}), (text, said, held)


# --- in the drawing


def guarded(when: str) -> dict[str, Any]:
    return body_of(f"""\
key: guarded
title: Guarded
variables: {{amount: {{type: number, default: 1}}}}
steps:
  - {{id: look, kind: timer, wait: 1 hours, when: {when!r}}}
  - id: which
    kind: choice
    options: [{{when: {when!r}, steps: []}}]
    otherwise: {{steps: []}}
  - {{id: rounds, kind: repeat, until: {when!r}, steps: [{{id: again, kind: timer, wait: 1 hours}}]}}
""")


def test_the_drawing_and_the_list_say_conditions_in_words_and_keep_what_is_written():
    when = "vars.amount > 50000"
    shown = drawn.of(guarded(when))
    said = "the variable “Amount” is more than 50,000"
    picture = ET.fromstring(shown.picture)
    svg = "{http://www.w3.org/2000/svg}"
    labels = " ".join(" ".join(one.itertext()) for one in picture.iter(f"{svg}text"))
    assert when not in labels
    assert labels.count(said) == 3
    titles = [one.text for one in picture.iter(f"{svg}title")]
    assert sorted(one for one in titles if one.endswith(when)) == [
        f"Rounds, Repeated\nuntil {said}\n{when}",
        f"{said}\n{when}",
        f"when {said}\n{when}",
    ]
    steps = ET.fromstring(f"<div>{shown.steps}</div>")
    lines = [one for one in steps.iter("p") if "Amount" in "".join(one.itertext())]
    assert ["".join(one.itertext()) for one in lines] == [
        f"Waits for the clock · when {said} · 1 hour",
        said,
        f"Repeated · until {said} · at most 10 times",
    ]
    folds = ["".join(one.find("code").itertext()) for one in steps.iter("details")]
    assert folds == [when, when, when]
    assert all(one.find("summary") is not None for one in steps.iter("details"))


def test_what_has_no_words_stands_there_as_code():
    when = "vars.amount * 2 > 50000"
    shown = drawn.of(guarded(when))
    steps = ET.fromstring(f"<div>{shown.steps}</div>")
    assert [one.text for one in steps.iter("code")] == [f"when {when}", when, f"until {when}"]
    assert list(steps.iter("details")) == []
    svg = "{http://www.w3.org/2000/svg}"
    marked = [one.text for one in ET.fromstring(shown.picture).iter(f"{svg}text") if "code" in one.get("class", "")]
    assert " ".join(marked).count("vars.amount * 2") == 3


def test_a_step_that_asks_whoever_decided_another_says_so():
    body = body_of(FULL.replace("people: [{expr: name}]", "people: [{expr: steps.review.by}]"))
    assert "the person who decided “Review”" in drawn.of(body).steps


@pytest.mark.parametrize("text", [FULL, *(path.read_text() for path in BUILT_IN)])
@pytest.mark.parametrize("language", ["en", "ml"])
def test_nothing_lies_over_anything_when_conditions_are_sentences(text, language):
    body = body_of(text)
    with translation.override(language):
        figure = Pen(language, say=condition_words.of(body)).whole(body)
    assert test_drawing.overlaps(figure) == []
    cut = [label for label in figure.labels if label.said.written and label.lines[-1].endswith("…")]
    assert cut == []


def test_code_is_given_the_room_that_letters_of_one_width_take():
    lines = lettering.wrap("ill.ill == iii.lll && lil.ill", 100, size=12, code=True)
    assert len(lines) > 1
    assert all(len(line) * 10.5 * 0.602 <= 100 for line in lines)


def test_the_drawing_names_departments_and_times_in_the_language_of_the_page():
    Department.objects.filter(key="operations").update(name_ml="പ്രവർത്തനം")
    body = body_of(FULL)
    said = drawn.of(body).steps
    assert "Operations: reviewer, head of its department" in said and "target 2 working days" in said
    assert "“Name” of the variable “Names”; one after the other" in said
    with translation.override("ml"):
        said = drawn.of(body).steps
    assert "പ്രവർത്തനം: റിവ്യൂവർ" in said and "2 പ്രവൃത്തിദിനങ്ങൾ" in said
    assert "working" not in said and "operations" not in said


def test_the_page_of_a_run_speaks_as_one(client, publish, paper, reviewer):
    """What the drawing calls a variable, the card of variables calls it too, and numbers are written alike."""
    variables = {"amount": {"type": "number", "default": 60000}, "names": {"type": "list", "default": []}}
    nap = "- {id: nap, kind: timer, wait: 9 days, when: vars.amount > 50000}"
    run = running.start(definition=publish("limits", nap, variables=variables), document=paper, by=None, reason={})
    client.force_login(reviewer)
    page = client.get(f"/workflows/{run.pk}/").content.decode()
    assert "Waits for the clock · when the variable “Amount” is more than 50,000 · 9 days" in page
    assert "<dt>Amount</dt><dd>60,000</dd><dt>Names</dt><dd>nothing</dd>" in page
