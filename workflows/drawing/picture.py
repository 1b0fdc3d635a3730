"""A definition as SVG: boxes from left to right, with the tokens of a run or the figures of many."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from django.utils import translation

from workflows.drawing import marks, words
from workflows.drawing import shapes as roles
from workflows.drawing.layout import LINE, PADDING, SMALL, Pen
from workflows.drawing.marks import StepFigures, Token
from workflows.drawing.shapes import Edge, Figure, Label, Shape
from workflows.drawing.style import CSS
from workflows.drawing.words import Say


def svg(
    body: dict[str, Any],
    *,
    tokens: Sequence[Token] = (),
    figures: Mapping[str, StepFigures] | None = None,
    heat: str = "waiting",
    language: str = "en",
    styled: bool = True,
    say: Say = words.AS_WRITTEN,
) -> str:
    """The picture of a body as it was published, in English (`en`) or Malayalam (`ml`); `heat` is one of HEATS.

    `say` says its conditions in words; what is written for them is told on hover. Without it they stand as they are.

    Each step is a `<g data-step="id">` within a link to `#step-id`. `styled=False` leaves the colours out, for pages
    that carry `workflows.drawing.style.CSS` themselves.
    """
    with translation.override(language):
        figures = figures or {}
        whole = Pen(language, marks.notes(tokens, figures), say).whole(body)
        title = (body.get("title_ml") if language == "ml" else None) or body["title"]
        states, hot = marks.states(tokens), marks.heats(figures, heat)
        return _drawn(whole, body, str(title), states, hot, figures, styled=styled)


def _drawn(
    whole: Figure,
    body: dict[str, Any],
    title: str,
    states: Mapping[str, str],
    heats: Mapping[str, int],
    figures: Mapping[str, StepFigures],
    *,
    styled: bool,
) -> str:
    width, height = round(whole.width), round(whole.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="group" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
    ]
    if body.get("description"):
        parts.append(f"<desc>{escape(body['description'])}</desc>")
    if styled:
        parts.append(f"<style>{CSS}</style>")
    order = sorted(whole.shapes, key=lambda shape: shape.role != roles.FRAME)
    parts += [_shape(shape, states, heats, figures) for shape in order if shape.role == roles.FRAME]
    parts += [_edge(edge) for edge in whole.edges]
    parts += [_label(label) for label in whole.labels]
    parts += [_shape(shape, states, heats, figures) for shape in order if shape.role != roles.FRAME]
    return "\n".join([*parts, "</svg>"])


# --- shapes


def _shape(
    shape: Shape, states: Mapping[str, str], heats: Mapping[str, int], figures: Mapping[str, StepFigures]
) -> str:
    drawn = _DRAWN[shape.role](shape)
    named = shape.role in {roles.TASK, roles.SPLIT, roles.END, roles.FRAME} and shape.step
    if not named:
        return f'<g class="{shape.role} k-{shape.kind or "run"}">{drawn}</g>'
    if shape.role == roles.FRAME and shape.key != shape.step:
        return f'<g class="frame-of k-{shape.kind}">{drawn}</g>'
    classes = marks.classes(shape.step, shape.kind, states, heats, figures)
    said = ", ".join([" ".join(shape.lines), *([words.kind(shape.kind)] if shape.role != roles.TASK else shape.small)])
    said = ", ".join([said, *shape.notes])
    told = "\n".join([said, *shape.written])
    return (
        f'<a href="#step-{shape.step}"><g id="step-{shape.step}" data-step="{shape.step}" class="{classes}" '
        f'role="img" aria-label="{escape(said)}"><title>{escape(told)}</title>{drawn}</g></a>'
    )


def _task(shape: Shape) -> str:
    x, y = shape.x, shape.y
    parts = [
        _rect("box", x, y, shape.width, shape.height, 6),
        _rect("heat", x, y, shape.width, shape.height, 6),
        _rect("stripe", x, y + 8, 3, shape.height - 16, 1.5),
    ]
    at = y + PADDING + 9
    parts.append(_text("kind", x + PADDING, at, shape.small[:1], SMALL))
    at += LINE
    parts.append(_text("name", x + PADDING, at, shape.lines, LINE))
    at += len(shape.lines) * LINE - 2
    parts.append(_text("small", x + PADDING, at, shape.small[1:], SMALL, code=shape.code))
    at += (len(shape.small) - 1) * SMALL
    parts.append(_text("note", x + PADDING, at, shape.notes, SMALL))
    return "".join(parts)


def _frame(shape: Shape) -> str:
    if shape.key != shape.step:
        return _rect("frame", shape.x, shape.y, shape.width, shape.height, 8)
    at = shape.y + PADDING + 11
    parts = [
        _rect("frame box", shape.x, shape.y, shape.width, shape.height, 8),
        _text("name", shape.x + PADDING, at, shape.lines, LINE),
    ]
    at += len(shape.lines) * LINE - 1
    parts.append(_text("small", shape.x + PADDING, at, shape.small, SMALL, code=shape.code))
    parts.append(_text("note", shape.x + PADDING, at + len(shape.small) * SMALL, shape.notes, SMALL))
    return "".join(parts)


def _diamond(shape: Shape) -> str:
    cx, cy, half = shape.x + shape.width / 2, shape.middle, shape.width / 2
    corners = ((cx, cy - half), (cx + half, cy), (cx, cy + half), (cx - half, cy))
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in corners)
    parts = [f'<polygon class="box" points="{points}"/><polygon class="heat" points="{points}"/>']
    if shape.role != roles.GUARD:
        parts.append(f'<path class="sign" d="{_sign(shape.kind, cx, cy, half * 0.4)}"/>')
    parts.append(_text("below", cx, shape.y + shape.height + 16, shape.lines, SMALL, middle=True))
    below = shape.y + shape.height + 16 + len(shape.lines) * SMALL
    parts.append(_text("note", cx, below, shape.notes, SMALL, middle=True))
    return "".join(parts)


def _sign(kind: str, x: float, y: float, arm: float) -> str:
    """A plus for what runs side by side, a cross for a choice."""
    if kind == "parallel":
        return f"M{_n(x - arm)} {_n(y)}h{_n(2 * arm)}M{_n(x)} {_n(y - arm)}v{_n(2 * arm)}"
    arm *= 0.75
    there = f"M{_n(x - arm)} {_n(y - arm)}L{_n(x + arm)} {_n(y + arm)}"
    return f"{there}M{_n(x + arm)} {_n(y - arm)}L{_n(x - arm)} {_n(y + arm)}"


def _circle(shape: Shape) -> str:
    cx, cy, radius = shape.x + shape.width / 2, shape.middle, shape.width / 2
    thick = 'stroke-width="3"' if shape.role in {roles.END, roles.INNER_END, roles.STOP} else ""
    parts = [f'<circle class="box" cx="{_n(cx)}" cy="{_n(cy)}" r="{_n(radius)}" {thick}/>']
    if shape.role == roles.END:
        parts.append(f'<circle class="stripe" cx="{_n(cx)}" cy="{_n(cy)}" r="{_n(radius * 0.45)}"/>')
    if shape.role == roles.BOUNDARY:
        sign = "M{0} {1}v-5M{0} {1}h4" if shape.kind != "error" else "M{0} {1}l3 -5M{0} {1}l-3 5"
        parts.append(f'<path class="sign" d="{sign.format(_n(cx), _n(cy))}"/>')
    parts.append(_text("below", cx, shape.y + shape.height + 16, shape.lines, SMALL, middle=True))
    below = shape.y + shape.height + 16 + len(shape.lines) * SMALL
    parts.append(_text("note", cx, below, shape.notes, SMALL, middle=True))
    return "".join(parts)


def _edge(edge: Edge) -> str:
    path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in edge.points)
    (before_x, before_y), (x, y) = edge.points[-2:]
    if abs(x - before_x) >= abs(y - before_y):
        side = 5 if x >= before_x else -5
        tip = f"{_n(x)},{_n(y)} {_n(x - side)},{_n(y - 3.5)} {_n(x - side)},{_n(y + 3.5)}"
    else:
        side = 5 if y >= before_y else -5
        tip = f"{_n(x)},{_n(y)} {_n(x - 3.5)},{_n(y - side)} {_n(x + 3.5)},{_n(y - side)}"
    return f'<path class="edge {edge.look}" d="{path}"/><polygon class="tip" points="{tip}"/>'


def _label(label: Label) -> str:
    drawn = _text("label", label.x, label.y + 11, label.lines, SMALL, code=label.lines if label.said.code else ())
    return f"<g><title>{escape(label.said.told)}</title>{drawn}</g>" if label.said.written else drawn


def _text(
    name: str,
    x: float,
    y: float,
    lines: Sequence[str],
    step: float,
    *,
    middle: bool = False,
    code: Sequence[str] = (),
) -> str:
    """Lines one below the other; those that are `code` look so."""
    anchor = ' text-anchor="middle"' if middle else ""
    return "".join(
        f'<text class="{name}{" code" if line in code else ""}" x="{_n(x)}" y="{_n(y + number * step)}"{anchor}>'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    )


def _rect(name: str, x: float, y: float, width: float, height: float, radius: float) -> str:
    return f'<rect class="{name}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="{_n(radius)}"/>'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


_DRAWN = {
    roles.TASK: _task,
    roles.FRAME: _frame,
    roles.SPLIT: _diamond,
    roles.JOIN: _diamond,
    roles.GUARD: _diamond,
    roles.START: _circle,
    roles.END: _circle,
    roles.INNER_START: _circle,
    roles.INNER_END: _circle,
    roles.STOP: _circle,
    roles.MERGE: _circle,
    roles.BOUNDARY: _circle,
}
