"""The five built-in ways: they are there, they are sound, and what people made of them stays."""

import re

import pytest

from kmrl import seeding
from workflows.definitions import checking, publishing
from workflows.models import Category, Definition
from workflows.seeding import definitions

pytestmark = pytest.mark.django_db

MALAYALAM = re.compile("[\u0d00-\u0d7f]")


def test_a_new_house_knows_one_way_of_each_category():
    seeding.seed()
    assert sorted(Definition.objects.values_list("category", flat=True)) == sorted(Category.values)
    assert all(one.published.number == 1 and one.active for one in Definition.objects.select_related("published"))


def test_each_is_published_without_a_warning():
    seeding.seed()
    texts = [file.read_text() for file in sorted(definitions.FOLDER.glob("*.yaml"))]
    assert [problem for text in texts for problem in publishing.problems_of(text)] == []


@pytest.mark.parametrize("file", sorted(definitions.FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_each_title_and_question_is_in_malayalam_too(file):
    """Of the workflow, its steps, their branches, outcomes and fields; a step without a title would show its id."""
    seeding.seed()
    body = checking.check(file.read_text()).body
    assert body is not None
    named = list(_named(body))
    assert len(named) >= 10
    silent = [
        one.get("id") or one.get("key") or one["title"]
        for one in named
        for word in ("title", "question")
        if (one.get(word) or (word == "title" and "kind" in one)) and not MALAYALAM.search(one.get(f"{word}_ml") or "")
    ]
    assert silent == []


def test_seeding_again_leaves_what_people_published(administrator):
    seeding.seed()
    own = Definition.objects.get(key="priority").draft.replace("title: Priority", "title: Urgent")
    publishing.publish(key="priority", source=own, by=administrator, note="We say urgent.")
    assert definitions.seed() == 0
    definition = Definition.objects.select_related("published").get(key="priority")
    assert (definition.title, definition.published.number) == ("Urgent", 2)


def test_a_newer_text_reaches_a_house_that_left_the_old_one_alone(monkeypatch, tmp_path):
    seeding.seed()
    for file in definitions.FOLDER.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text())
    text = (tmp_path / "priority.yaml").read_text()
    (tmp_path / "priority.yaml").write_text(text.replace("target: 8 working hours", "target: 6 working hours"))
    monkeypatch.setattr(definitions, "FOLDER", tmp_path)
    assert definitions.seed() == 1
    assert Definition.objects.select_related("published").get(key="priority").published.number == 2


def _named(found):
    """Everything below that has a name for people, however deep: steps with or without one, branches, fields."""
    if isinstance(found, dict):
        if "title" in found:
            yield found
        for value in found.values():
            yield from _named(value)
    elif isinstance(found, list):
        for value in found:
            yield from _named(value)
