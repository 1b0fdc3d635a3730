"""Pictures of definitions: valid, complete, and nothing lies over anything else."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.definitions.test_exchange import body_of
from tests.workflows.definitions.texts import BUILT_IN, FULL, SMALL
from workflows import drawing
from workflows.definitions import defaults, steps
from workflows.drawing import lettering
from workflows.drawing import shapes as roles
from workflows.drawing.layout import SMALL as LEADING
from workflows.drawing.layout import Pen

TEXTS = [SMALL, FULL, *(path.read_text() for path in BUILT_IN)]
SVG = "{http://www.w3.org/2000/svg}"


def boxes(figure: roles.Figure) -> list[tuple[str, float, float, float, float]]:
    """Shapes (but frames, and marks on edges) and texts beside them, as (what, left, top, right, bottom)."""
    found = []
    for shape in figure.shapes:
        if shape.role in {roles.FRAME, roles.BOUNDARY}:
            continue
        found.append((shape.key, shape.x, shape.y, shape.right, shape.y + shape.height))
        if shape.role != roles.TASK:
            for number, line in enumerate(shape.lines):
                half = lettering.width(line, 12) / 2
                middle, top = shape.x + shape.width / 2, shape.y + shape.height + 6 + number * LEADING
                found.append((f"{shape.key}: {line}", middle - half, top, middle + half, top + 12))
    for label in figure.labels:
        for number, line in enumerate(label.lines):
            top = label.y + number * LEADING
            found.append((line, label.x, top, label.x + lettering.width(line, 12), top + 12))
    return found


def overlaps(figure: roles.Figure) -> list[tuple[str, str]]:
    placed = boxes(figure)
    return [
        (a[0], b[0])
        for number, a in enumerate(placed)
        for b in placed[number + 1 :]
        if a[1] < b[3] - 1 and b[1] < a[3] - 1 and a[2] < b[4] - 1 and b[2] < a[4] - 1
    ]


def check(body: dict) -> None:
    for language in ("en", "ml"):
        figure = Pen(language).whole(body)
        assert overlaps(figure) == []
        keys = [shape.key for shape in figure.shapes]
        assert len(keys) == len(set(keys))
        for shape in figure.shapes:
            assert shape.x >= 0 and shape.y >= 0
            assert shape.right <= figure.width and shape.y + shape.height <= figure.height
        for edge in figure.edges:
            assert {edge.source, edge.target} <= set(keys)
        frames = {shape.key: shape for shape in figure.shapes if shape.role == roles.FRAME}
        for shape in figure.shapes:
            if shape.within:
                frame = frames[shape.within]
                assert frame.x <= shape.x and shape.right <= frame.right
                assert frame.y <= shape.y and shape.y + shape.height <= frame.y + frame.height


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_lies_over_anything_and_everything_is_in_the_picture(text):
    check(body_of(text))


@pytest.mark.parametrize("text", TEXTS)
def test_every_step_is_a_group_that_can_be_linked_to(text):
    body = body_of(text)
    root = ET.fromstring(drawing.svg(body))
    groups = [element.get("data-step") for element in root.iter(f"{SVG}g") if element.get("data-step")]
    assert sorted(groups) == sorted(steps.by_id(body))
    assert {element.get("href") for element in root.iter(f"{SVG}a")} == {f"#step-{step}" for step in groups}
    assert root.find(f"{SVG}title").text == body["title"]


def test_tokens_and_figures_stand_in_their_boxes():
    picture = drawing.svg(
        body_of(FULL),
        tokens=[
            {"step": "review", "state": "waiting", "who": "Anitha", "since": "2 days"},
            {"step": "find", "state": "done"},
            {"step": "review", "state": "incident"},
        ],
        figures={
            "review": {"count": 12, "open": 2, "waiting": 90_000, "breached": 1},
            "find": {"count": 12, "waiting": 60},
        },
    )
    groups = {one.get("data-step"): one for one in ET.fromstring(picture).iter(f"{SVG}g") if one.get("data-step")}
    review = groups["review"]
    assert {"is-incident", "heat-4", "breached"} <= set(review.get("class").split())
    written = [text.text for text in review.iter(f"{SVG}text")]
    assert {"Anitha, 2 days", "12 times · 2 open · 1 late", "waits 1 d"} <= set(written)
    assert "is-done" in groups["find"].get("class")
    assert "heat" not in groups["find"].get("class")
    assert "is-" not in groups["both"].get("class")


def test_malayalam_titles_are_used_where_they_are_asked_for():
    body = body_of(FULL)
    assert "പരിശോധന" in drawing.svg(body, language="ml")
    assert "പരിശോധന" not in drawing.svg(body)


def test_what_is_written_is_text_and_never_markup():
    body = body_of(SMALL.replace("A small one", '"<script>alert(1)</script>"'))
    body["steps"][0]["title"] = '<a href="x">&'
    picture = drawing.svg(body)
    assert "<script>" not in picture
    assert ET.fromstring(picture) is not None


@pytest.mark.parametrize("text", ["short", "a" * 300, "മലയാളത്തിൽ ഒരു നീണ്ട തലക്കെട്ട് ഇവിടെ എഴുതിയിരിക്കുന്നു", "one two " * 40])
def test_lines_fit_into_their_room(text):
    lines = lettering.wrap(text, 160, most=4)
    assert 1 <= len(lines) <= 4
    assert all(lettering.width(line) <= 160 for line in lines)
    assert (lines[-1][-1] == "…") == (len("".join(lines).replace(" ", "")) - 1 < len(text.replace(" ", "")) - 1)


def blocks(draw, depth: int, names: list[int]) -> list[dict]:
    return [step_of(draw, depth, names) for _ in range(draw(st.integers(0, 3)))]


def step_of(draw, depth: int, names: list[int]) -> dict:
    names[0] += 1
    kinds = ["timer", "human", "service", "end"] + (["choice", "parallel", "repeat", "foreach"] * 2 if depth else [])
    kind = draw(st.sampled_from(kinds))
    step = {
        "id": f"s{names[0]}",
        "kind": kind,
        "title": draw(st.sampled_from(["Short", "A rather long title " * 5, "നിർദ്ദേശം പരിശോധിക്കുക"])),
    }
    inner = lambda: blocks(draw, depth - 1, names)  # noqa: E731
    if kind == "choice":
        step |= {"options": [{"when": "true == true", "steps": inner()}], "otherwise": {"steps": inner()}}
    elif kind == "parallel":
        step |= {"branches": [{"title": "Branch", "steps": inner()} for _ in range(draw(st.integers(2, 4)))]}
    elif kind == "repeat":
        step |= {"until": "true == true", "steps": [step_of(draw, depth - 1, names), *inner()]}
    elif kind == "foreach":
        step |= {"items": "[1]", "as": "one", "steps": [step_of(draw, depth - 1, names)]}
    step |= {
        "timer": {"wait": "1 hours"}, "human": {"candidates": [{"uploader": True}]}, "service": {"call": "notify"},
        "end": {"outcome": "over"},
    }.get(kind, {})  # fmt: skip
    if kind != "end" and draw(st.integers(0, 4)) == 0:
        step["when"] = "vars.something_long == vars.something_longer"
    if depth and kind in {"human", "parallel", "repeat", "service"}:
        if draw(st.integers(0, 2)) == 0:
            step["on_error"] = {"steps": inner()}
        if draw(st.integers(0, 2)) == 0:
            step["on_timeout"] = {"after": "2 days", "steps": inner(), "cancel": draw(st.booleans())}
    return step


@st.composite
def bodies(draw) -> dict:
    names = [0]
    return defaults.filled({"key": "any", "title": "Any", "steps": [step_of(draw, 3, names), *blocks(draw, 3, names)]})


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies())
def test_in_no_picture_lies_anything_over_anything(body):
    check(body)
