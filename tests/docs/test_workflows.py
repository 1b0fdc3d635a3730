"""What docs/workflows.md shows can be published as it stands there; its fragments fit where it says."""

import re
from pathlib import Path
from textwrap import indent

import pytest

from accounts.models import User
from kmrl import seeding
from workflows.definitions import checking, publishing
from workflows.definitions.steps import KINDS

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "workflows.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
HEAD = "key: fragment\ntitle: A fragment\nvariables: {amount: {type: number}, answer_by: {type: date}}\n"
REVIEW = "  - {id: first_review, kind: human, candidates: [{department: legal, role: reviewer}]}\n"
MEASURED = "  - id: returned\n    kind: human\n    candidates: [{department: legal, role: reviewer}]\n"
WHOLE = [block for block in BLOCKS if block.startswith("key:")]
FRAGMENTS = [block for block in BLOCKS if not block.startswith("key:")]


def name_of(block: str) -> str:
    return block.split("\n", 1)[0].split("#")[0].strip()


def completed(fragment: str) -> str:
    """The fragment where it belongs: a step among steps, `sla` at a step, `triggers` of a definition."""
    if fragment.startswith("- id:"):
        return f"{HEAD}steps:\n{REVIEW}{indent(fragment, '  ')}"
    if fragment.startswith("sla:"):
        return f"{HEAD}steps:\n{REVIEW}{MEASURED}{indent(fragment, '    ')}"
    return f"{HEAD}{fragment}steps:\n{REVIEW}"


@pytest.fixture(autouse=True)
def house(db) -> None:
    seeding.seed()
    User.objects.create(username="anitha")


def test_there_are_examples_of_both():
    assert len(WHOLE) >= 5 and len(FRAGMENTS) >= 3


@pytest.mark.parametrize("block", WHOLE, ids=name_of)
def test_a_whole_definition_can_be_published_without_a_warning(block):
    checked = checking.check(block)
    assert checked.problems == []
    assert publishing.problems_of(block) == []
    assert checked.body is not None


@pytest.mark.parametrize("block", FRAGMENTS, ids=name_of)
def test_a_fragment_fits_where_it_belongs(block):
    checked = checking.check(completed(block))
    assert checked.errors == []


def test_every_kind_of_step_is_shown_in_an_example():
    shown = set(re.findall(r"kind: (\w+)", "\n".join(WHOLE)))
    assert shown == set(KINDS)
