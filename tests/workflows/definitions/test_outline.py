"""The list of steps says what the picture says: every step once, in order, with states, notes and heat."""

import re
from xml.etree import ElementTree as ET

import pytest

from tests.workflows.definitions.test_exchange import body_of
from tests.workflows.definitions.texts import BUILT_IN, FULL, SMALL
from workflows import drawing
from workflows.definitions import steps

TEXTS = [SMALL, FULL, *(path.read_text() for path in BUILT_IN)]


def read(outline: str) -> ET.Element:
    return ET.fromstring(f"<div>{outline}</div>")


def line(root: ET.Element, step: str) -> ET.Element:
    (found,) = [one for one in root.iter("li") if one.get("data-step") == step]
    return found


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("language", ["en", "ml"])
def test_every_step_of_the_picture_stands_in_the_list_once(text, language):
    body = body_of(text)
    root = read(drawing.outline(body, language=language))
    listed = [one.get("data-step") for one in root.iter("li") if one.get("data-step")]
    assert sorted(listed) == sorted(steps.by_id(body))
    assert set(listed) == set(re.findall(r'data-step="([^"]+)"', drawing.svg(body, language=language)))


def test_steps_of_the_line_come_in_their_order_and_others_within_theirs():
    body = body_of(FULL)
    root = read(drawing.outline(body))
    top = root.find("ol")
    assert top is not None
    assert [one.get("data-step") for one in top] == [step["id"] for step in body["steps"]]
    for placed in steps.walk(body):
        inside = {one.get("data-step") for one in line(root, placed.step["id"]).iter("li")}
        assert placed.parent is None or placed.step["id"] in {
            one.get("data-step") for one in line(root, placed.parent).iter("li")
        }
        assert placed.step["id"] in inside


def test_where_a_run_stands_is_said_in_words_and_marked_as_the_current_step():
    body = body_of(FULL)
    first, *rest = [step["id"] for step in body["steps"]]
    tokens = [
        drawing.Token(step=first, state="done"),
        drawing.Token(step=rest[0], state="waiting", who="Meera", since="2 h"),
    ]
    root = read(drawing.outline(body, tokens=tokens))
    at = line(root, rest[0])
    assert at.get("aria-current") == "step" and "is-waiting" in at.get("class", "")
    said = " ".join(at.itertext())
    assert "Meera, 2 h" in said and "waits" in said
    assert line(root, first).get("aria-current") is None and "done" in " ".join(line(root, first).itertext())


def test_heat_and_figures_stand_at_their_steps():
    body = body_of(FULL)
    first, second = [step["id"] for step in body["steps"]][:2]
    figures = {
        first: drawing.StepFigures(count=3, waiting=7200.0, breached=1),
        second: drawing.StepFigures(count=3, waiting=60.0),
    }
    root = read(drawing.outline(body, figures=figures))
    hot = line(root, first)
    assert "heat-4" in hot.get("class", "") and "breached" in hot.get("class", "")
    assert "3 times · 1 late" in " ".join(hot.itertext()) and "waits 2 h" in " ".join(hot.itertext())
    assert "heat" not in line(root, second).get("class", "")
    once = drawing.outline(body, figures={first: drawing.StepFigures(count=1)})
    assert '<p class="mark">1 time</p>' in once and "at most 3 times" in once


def test_what_people_write_is_escaped():
    body = body_of(SMALL.replace("title:", "title: <script>x</script>", 1))
    tokens = [drawing.Token(step=body["steps"][0]["id"], state="waiting", who="<b>Meera</b>")]
    said = drawing.outline(body | {"steps": [{**body["steps"][0], "title": "<i>a</i>"}]}, tokens=tokens)
    assert "<i>" not in said and "<b>Meera" not in said and "&lt;i&gt;a" in said
