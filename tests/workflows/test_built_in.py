"""The five built-in ways: they are there, they are sound, and what people made of them stays."""

import pytest

from kmrl import seeding
from workflows.definitions import checking, publishing
from workflows.models import Category, Definition
from workflows.seeding import definitions

pytestmark = pytest.mark.django_db


def test_a_new_house_knows_one_way_of_each_category():
    seeding.seed()
    assert sorted(Definition.objects.values_list("category", flat=True)) == sorted(Category.values)
    assert all(one.published.number == 1 and one.active for one in Definition.objects.select_related("published"))


def test_each_is_published_without_a_warning():
    seeding.seed()
    texts = [file.read_text() for file in sorted(definitions.FOLDER.glob("*.yaml"))]
    assert [problem for text in texts for problem in publishing.problems_of(text)] == []


def test_each_speaks_malayalam_to_those_who_decide():
    seeding.seed()
    for file in definitions.FOLDER.glob("*.yaml"):
        body = checking.check(file.read_text()).body
        assert body is not None
        silent = [step["id"] for step in _steps(body["steps"]) if step["kind"] == "human" and not step["title_ml"]]
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


def _steps(found):
    """Every step below, however deep."""
    if isinstance(found, dict):
        if "kind" in found and "id" in found:
            yield found
        for value in found.values():
            yield from _steps(value)
    elif isinstance(found, list):
        for value in found:
            yield from _steps(value)
