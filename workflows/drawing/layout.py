"""Where everything stands: a definition's blocks laid out from left to right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workflows.drawing import boundaries, words
from workflows.drawing.lettering import wrap
from workflows.drawing.shapes import (
    END,
    FRAME,
    GUARD,
    INNER_END,
    INNER_START,
    JOIN,
    MERGE,
    SPLIT,
    START,
    TASK,
    Edge,
    Exit,
    Figure,
    Label,
    Shape,
    connect,
    row,
    single,
    stacked,
    way,
)
from workflows.drawing.words import Line, Say

Step = dict[str, Any]

BOX = 184.0
PADDING = 12.0
LINE, SMALL = 17.0, 15.0
GATE, DOT, CIRCLE = 40.0, 10.0, 28.0
COLUMN = 124.0  # a gateway with its title below
LANE_GAP = 18.0
BUS = 22.0  # from a gateway to where lanes branch off
MARGIN = 20.0


@dataclass
class Pen:
    """Draws steps. `notes` are further lines in the boxes of steps: who has it, how long it waits.

    `say` says conditions and values; without it they stand as they are written.
    """

    language: str = "en"
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    say: Say = words.AS_WRITTEN

    def whole(self, body: dict[str, Any]) -> Figure:
        """The definition from its start to its end, with a margin."""
        start = single(Shape("the.start", START, 0, 0, CIRCLE, CIRCLE, lines=()))
        parts = [start, *(self.step(step) for step in body["steps"])]
        if all(part.exit for part in parts if not part.passes):
            parts.append(self._event("the.finish", END, "", "done"))
        line = row(parts)
        moved = line.moved(MARGIN, MARGIN)
        moved.width, moved.height = line.width + 2 * MARGIN, line.height + 2 * MARGIN
        return moved

    def steps(self, steps: Sequence[Step]) -> Figure:
        """A list of steps on one line; what comes after an end is not connected."""
        return row([self.step(step) for step in steps])

    def step(self, step: Step) -> Figure:
        """One step with everything in it and at its edges."""
        bordered = boundaries.has_any(step)
        match step["kind"]:
            case "end":
                figure = self._event(step["id"], END, step["id"], step["outcome"], title=words.own(step, self.language))
            case "choice" | "parallel":
                figure = self._framed(step, self._split(step)) if bordered else self._split(step)
            case "repeat" | "foreach":
                figure = self._framed(step, self.steps(step["steps"]))
            case _:
                figure = self._task(step)
        if bordered:
            figure = boundaries.around(figure, step, self.steps, self.say)
        return self._guarded(step, figure) if step["when"] else figure

    def _task(self, step: Step) -> Figure:
        room = BOX - 2 * PADDING
        lines = wrap(words.title(step, self.language), room)
        small = wrap(words.kind(step["kind"]), room, size=11, most=1)
        said = words.details(step, self.say)
        details, code = _small(said, room)
        notes = self._noted(step["id"], room)
        height = PADDING + SMALL + len(lines) * LINE + (len(details) + len(notes)) * SMALL + PADDING
        border = boundaries.room_for(step)
        return single(
            Shape(
                step["id"], TASK, 0, 0, BOX, height + border, step=step["id"], kind=step["kind"], lines=lines,
                small=(*small, *details), notes=notes, written=_written(said), code=code,
            )
        )  # fmt: skip

    def _event(self, key: str, role: str, step: str, outcome: str, title: str = "") -> Figure:
        lines = wrap(title or words.outcome(outcome), 96, size=12, most=3)
        notes = self._noted(step, 96)
        below = 8 + (len(lines) + len(notes)) * SMALL
        shape = Shape(key, role, 0, 0, CIRCLE, CIRCLE, step=step, kind="end", lines=lines, notes=notes)
        figure = single(shape, below=below, aside=0)
        figure = replace_width(figure, 100)
        figure.exit = None
        return figure

    # --- branches
    def _split(self, step: Step) -> Figure:
        parallel = step["kind"] == "parallel"
        ways = step["branches"] if parallel else [*step["options"], {**step["otherwise"], "title": None, "when": None}]
        lanes = [self._lane(way_, number, parallel) for number, way_ in enumerate(ways)]
        height = sum(lane.height for lane in lanes) + LANE_GAP * (len(lanes) - 1)
        gate = Shape(
            step["id"], SPLIT, (COLUMN - GATE) / 2, height / 2 - GATE / 2, GATE, GATE, step=step["id"],
            kind=step["kind"], lines=wrap(words.title(step, self.language), COLUMN - 4, size=12),
            notes=self._noted(step["id"], COLUMN),
        )  # fmt: skip
        figure = Figure(height=height, axis=height / 2, shapes=[gate], entry=gate)
        left = COLUMN + BUS
        right = left + max(lane.width for lane in lanes)
        join = Shape(
            f"{step['id']}.join", JOIN, right + BUS, height / 2 - GATE / 2, GATE, GATE, step=step["id"],
            kind=step["kind"], lines=wrap(words.join(step), 72, size=11.5, most=2) if parallel else (),
        )  # fmt: skip
        joined = False
        for (top, lane), way_ in zip(stacked(lanes, gap=LANE_GAP), ways, strict=True):
            condition, otherwise = way_.get("when") or "", not parallel and way_["when"] is None
            joined |= self._branch(figure, lane.moved(left, top), gate, join, right, condition, otherwise)
        return _closed(figure, gate, join if joined else None, right)

    def _branch(
        self, figure: Figure, lane: Figure, gate: Shape, join: Shape, right: float, condition: str, otherwise: bool
    ) -> bool:
        """Lay the lane into the figure, between gateway and join; whether it reaches the join."""
        figure.take(lane)
        loose = Exit(gate.key, (gate.right, gate.middle), condition=condition, default=otherwise)
        bend = COLUMN + BUS / 2
        if lane.entry:
            figure.edges.append(connect(loose, lane.entry, by=bend))
            if lane.exit is None:
                return False
            figure.edges.append(connect(lane.exit, join, by=right + BUS / 2))
            return True
        level = self._level(lane)
        points = (
            *way(loose.at, (right, level), by=bend),
            *way((right, level), (join.x, join.middle), by=right + BUS / 2),
        )
        figure.edges.append(Edge(gate.key, join.key, _bare(points), condition=condition, default=otherwise))
        return True

    def _level(self, lane: Figure) -> float:
        """Where the line of an empty lane runs: below its label."""
        label = lane.labels[0]
        return label.y + len(label.lines) * SMALL + 2

    def _lane(self, lane: dict[str, Any], number: int, parallel: bool) -> Figure:
        content = self.steps(lane["steps"])
        said = words.lane(lane, number, self.language, parallel=parallel, say=self.say)
        gate = content.entry is not None and content.entry.role == SPLIT
        room = COLUMN if gate else max(content.width, BOX - 24)
        lines = wrap(said.text, room, size=12, most=_most(said), code=said.code)
        head = len(lines) * SMALL + 6
        figure = Figure(width=max(content.width, BOX), height=head + max(content.height, 10))
        placed = content.moved(0, head)
        figure.take(placed)
        level = placed.entry.y - head if gate and placed.entry else 0.0  # close to its line, where there is room
        figure.labels.insert(0, Label(0, level, lines, said))
        figure.axis, figure.entry, figure.exit = head + content.axis, placed.entry, placed.exit
        return figure

    def _noted(self, step: str, room: float) -> tuple[str, ...]:
        return tuple(line for note in self.notes.get(step, ()) for line in wrap(note, room, size=11.5, most=2))

    # --- frames and guards
    def _framed(self, step: Step, content: Figure) -> Figure:
        """A frame around what belongs together; a loop has its title and conditions in it."""
        loop = step["kind"] in {"repeat", "foreach"}
        room = max(content.width + 120, BOX) if loop else content.width + 100
        lines = wrap(words.title(step, self.language), room, most=2) if loop else ()
        details = words.details(step, self.say) if loop else []
        small, code = _small(details, room)
        notes = self._noted(step["id"], room) if loop else ()
        inner = self._between_events(step, content)
        head = PADDING + len(lines) * LINE + (len(small) + len(notes)) * SMALL + 10
        width = max(inner.width, room) + 2 * PADDING
        height = head + inner.height + PADDING + boundaries.room_for(step)
        frame = Shape(
            step["id"] if loop else f"{step['id']}.frame", FRAME, 0, 0, width, height, step=step["id"],
            kind=step["kind"], lines=lines, small=small, notes=notes, port=head + inner.axis,
            written=_written(details), code=code,
        )  # fmt: skip
        placed = inner.moved(PADDING, head)
        for number, shape in enumerate(placed.shapes):
            placed.shapes[number] = shape if shape.within else replace(shape, within=frame.key)
        figure = Figure(width, height, head + inner.axis, [frame, *placed.shapes], placed.edges, placed.labels, frame)
        if content.exit or content.passes:
            figure.exit = Exit(frame.key, (width, figure.axis))
        return figure

    def _between_events(self, step: Step, content: Figure) -> Figure:
        parts = [single(Shape(f"{step['id']}.in", INNER_START, 0, 0, 14, 14)), content]
        if content.exit or content.passes:
            parts.append(single(Shape(f"{step['id']}.out", INNER_END, 0, 0, 14, 14)))
        return row(parts, gap=24)

    def _guarded(self, step: Step, inner: Figure) -> Figure:
        """A step with `when`: a small gateway before it, and a way past it above."""
        above, lead = 22.0, DOT * 2 + 24
        said = words.guard(step, self.say)
        lines = wrap(said.text, inner.width + lead, size=11.5, most=_most(said), code=said.code)
        above += len(lines) * SMALL
        axis = inner.axis + above
        guard = Shape(f"{step['id']}.when", GUARD, 0, axis - DOT, DOT * 2, DOT * 2, step=step["id"], kind=step["kind"])
        placed = inner.moved(lead, above)
        merge = Shape(f"{step['id']}.past", MERGE, lead + inner.width + 24, axis - DOT / 2, DOT, DOT)
        figure = Figure(
            merge.right, inner.height + above, axis, [guard, *placed.shapes], placed.edges, placed.labels, guard
        )
        figure.labels.append(Label(DOT + 8, 8, lines, said))
        figure.shapes.append(merge)
        top = 4.0
        past = ((guard.x + DOT, guard.y), (guard.x + DOT, top), (merge.x + DOT / 2, top), (merge.x + DOT / 2, merge.y))
        figure.edges.append(Edge(guard.key, merge.key, past, default=True))
        if placed.entry:
            figure.edges.append(connect(Exit(guard.key, (guard.right, axis), condition=step["when"]), placed.entry))
        if placed.exit:
            figure.edges.append(connect(placed.exit, merge))
        figure.exit = Exit(merge.key, (merge.right, axis))
        return figure


def _small(said: Sequence[Line], room: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The details of a step in lines, and which of these lines are code."""
    wrapped = [(line, wrap(line.text, room, size=11.5, most=_most(line), code=line.code)) for line in said]
    return tuple(one for _line, lines in wrapped for one in lines), tuple(
        one for line, lines in wrapped if line.code for one in lines
    )


def _written(said: Sequence[Line]) -> tuple[str, ...]:
    return tuple(line.told for line in said if line.written)


def _most(line: Line) -> int:
    """A sentence about a condition is not cut as soon as a name."""
    return 6 if line.written else 2


def replace_width(figure: Figure, width: float) -> Figure:
    """The figure in the middle of so much room; its line ends at the shape."""
    return figure if figure.width >= width else _widened(figure, width)


def _widened(figure: Figure, width: float) -> Figure:
    moved = figure.moved((width - figure.width) / 2, 0)
    moved.width = width
    return moved


def _closed(figure: Figure, gate: Shape, join: Shape | None, right: float) -> Figure:
    """The figure with its join, and with room for the texts below gateway and join."""
    figure.width = right
    texts = len(gate.lines) * SMALL + len(gate.notes) * SMALL
    below = GATE / 2 + 8 + texts
    if join:
        figure.shapes.append(join)
        figure.width = join.right
        figure.exit = Exit(join.key, (join.right, join.middle))
        below = max(below, GATE / 2 + 8 + len(join.lines) * SMALL)
    short = max(0.0, max(below, GATE / 2) - figure.below)
    high = max(0.0, GATE / 2 - figure.axis)
    if high:
        figure = _lower(figure, high)
    figure.height += short + high
    return figure


def _lower(figure: Figure, by: float) -> Figure:
    lowered = figure.moved(0, by)
    lowered.axis += by
    return lowered


def _bare(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    return tuple(point for number, point in enumerate(points) if number == 0 or point != points[number - 1])
