"""What may happen at the edge of a step: an error, a time that is over, a rung of its ladder that is a path."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from workflows.drawing.lettering import wrap
from workflows.drawing.shapes import BOUNDARY, MERGE, STOP, Edge, Exit, Figure, Label, Point, Shape, way
from workflows.drawing.words import AS_WRITTEN, Line, Say

Step = dict[str, Any]

MARK = 20.0
APART = 28.0
DOT = 10.0


@dataclass(frozen=True)
class Boundary:
    """One of them. `instead`: the step is left by it; else it runs beside."""

    name: str
    said: str
    steps: list[Step]
    instead: bool


def of(step: Step, say: Say = AS_WRITTEN) -> Iterator[Boundary]:
    """What may happen at the edge of this step."""
    if step["on_error"]:
        yield Boundary("error", _("on error"), step["on_error"]["steps"], instead=True)
    if step["on_timeout"]:
        timeout = step["on_timeout"]
        said = _("after %(time)s") % {"time": say.length(timeout["after"])}
        if timeout["cancel"] or timeout["steps"]:
            yield Boundary("timeout", said, timeout["steps"], instead=timeout["cancel"])
    for number, rung in enumerate(step["sla"]["ladder"] if step["sla"] else ()):
        if rung["do"] == "path":
            said = _("at %(share)s of the target") % {"share": rung["after"]}
            yield Boundary(f"path{number}", said, rung["steps"], instead=False)


def has_any(step: Step) -> bool:
    """Whether anything may happen at its edge."""
    return any(True for _found in of(step))


def room_for(step: Step) -> float:
    """How much higher its box is for the marks on its lower edge."""
    return MARK / 2 if has_any(step) else 0.0


def around(inner: Figure, step: Step, draw: Callable[[Sequence[Step]], Figure], say: Say) -> Figure:
    """The figure with its boundaries below it; what happens instead comes back to the line."""
    box = inner.shapes[0]
    found = list(of(step, say))
    left = 16 + APART * len(found) + 8
    figure = Figure(
        inner.width, inner.height, inner.axis, [*inner.shapes], [*inner.edges], [*inner.labels], inner.entry
    )
    top, loose = inner.height + 20, list[tuple[Exit, float]]()
    for number, boundary in enumerate(found):
        x = box.x + 16 + APART * (len(found) - 1 - number)  # from the right: so no line crosses another
        mark = Shape(
            f"{step['id']}.{boundary.name}", BOUNDARY, x, box.y + box.height - MARK / 2, MARK, MARK, step=step["id"],
            kind=boundary.name.rstrip("0123456789"), attached=box.key,
        )  # fmt: skip
        figure.shapes.append(mark)
        top, end = _lane(figure, mark, boundary, draw(boundary.steps), left, top)
        if end:
            loose.append(end)
    figure.height = top
    if loose or inner.exit:
        _merge(figure, inner, step, loose)
    return figure


def _lane(
    figure: Figure, mark: Shape, boundary: Boundary, content: Figure, left: float, top: float
) -> tuple[float, tuple[Exit, float] | None]:
    """Lay one lane into the figure; its lower end, and the loose end that comes back to the line, with its level."""
    lines = wrap(boundary.said, max(content.width, 150), size=12, most=2)
    head = len(lines) * 15 + 6
    figure.labels.append(Label(left, top, lines, Line(boundary.said)))
    placed = content.moved(left, top + head)
    figure.take(placed)
    figure.width = max(figure.width, left + max(content.width, 150))
    bottom = top + head + max(content.height, 12) + 16
    level = placed.entry.level if placed.entry else top + head + 2
    start = (mark.x + MARK / 2, mark.y + MARK)
    look = "boundary"
    points: tuple[Point, ...]
    if placed.entry:
        points = (start, (start[0], level), (placed.entry.x, level))
        figure.edges.append(Edge(mark.key, placed.entry.key, points, look))
        end = placed.exit
    else:
        end = Exit(mark.key, start, look)
    if end is None:
        return bottom, None
    if boundary.instead:
        return bottom, (end, level)
    stop = Shape(f"{mark.key}.end", STOP, end.at[0] + 24, level - 7, 14, 14)
    if end.source == mark.key:
        stop = Shape(stop.key, STOP, left, level - 7, 14, 14)
    figure.shapes.append(stop)
    figure.width = max(figure.width, stop.right)
    points = (end.at, (stop.x, level)) if end.source != mark.key else (start, (start[0], level), (stop.x, level))
    figure.edges.append(Edge(end.source, stop.key, points, look))
    return bottom, None


def _merge(figure: Figure, inner: Figure, step: Step, loose: list[tuple[Exit, float]]) -> None:
    """Where the line goes on: at a dot, when something comes back to it."""
    if not loose:
        figure.exit = inner.exit
        return
    dot = Shape(f"{step['id']}.merge", MERGE, figure.width + 18, figure.axis - DOT / 2, DOT, DOT)
    figure.shapes.append(dot)
    figure.width = dot.right
    if inner.exit:
        figure.edges.append(Edge(inner.exit.source, dot.key, way(inner.exit.at, (dot.x, dot.middle))))
    low = (dot.x + DOT / 2, dot.y + DOT)
    for end, level in loose:
        points = (end.at, (end.at[0], level), (low[0], level), low)
        figure.edges.append(Edge(end.source, dot.key, _bare(points), "boundary"))
    figure.exit = Exit(dot.key, (dot.right, dot.middle))


def _bare(points: tuple[Point, ...]) -> tuple[Point, ...]:
    return tuple(point for number, point in enumerate(points) if number == 0 or point != points[number - 1])
