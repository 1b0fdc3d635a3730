"""What a drawing is made of: shapes and edges with their places, and figures that are put together of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from workflows.drawing.words import Line

Point = tuple[float, float]

TASK, SPLIT, JOIN, GUARD, MERGE, FRAME, BOUNDARY = "task", "split", "join", "guard", "merge", "frame", "boundary"
START, END, INNER_START, INNER_END, STOP = "start", "end", "inner_start", "inner_end", "stop"
GAP = 36.0


@dataclass(frozen=True)
class Shape:
    """One thing in the drawing. `key` is its own; `step` the id of the step that it belongs to, empty for the run's.

    `lines` is its text; `text_at` says where its first line stands. `within` is the key of the frame around it.
    `written` is what is told on hover of its expressions; `code` those of its small lines that hold them as they are.
    """

    key: str
    role: str
    x: float
    y: float
    width: float
    height: float
    step: str = ""
    kind: str = ""
    lines: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    attached: str = ""
    within: str = ""
    port: float = 0.0  # how far below its top one comes in; 0: in the middle

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def level(self) -> float:
        """The y at which one comes in."""
        return self.y + self.port if self.port else self.middle

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True)
class Edge:
    """A way from one shape to another. `look`: flow, or boundary (what happens instead or beside)."""

    source: str
    target: str
    points: tuple[Point, ...]
    look: str = "flow"
    condition: str = ""
    default: bool = False


@dataclass(frozen=True)
class Label:
    """Text that stands by itself: the name of a branch, or a condition; `said` is the whole of it."""

    x: float
    y: float
    lines: tuple[str, ...]
    said: Line


@dataclass(frozen=True)
class Exit:
    """A loose end: the next thing is connected to it."""

    source: str
    at: Point
    look: str = "flow"
    condition: str = ""
    default: bool = False


@dataclass
class Figure:
    """Part of a drawing, in its own coordinates: the line that runs through it is at `axis` below its top.

    `entry` is the shape where one comes in, at the left end of the axis (None: nothing is there, one passes through);
    `exit` the loose end at its right (None: nothing goes on).
    """

    width: float = 0.0
    height: float = 0.0
    axis: float = 0.0
    shapes: list[Shape] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    entry: Shape | None = None
    exit: Exit | None = None

    @property
    def below(self) -> float:
        """How far it reaches below its axis."""
        return self.height - self.axis

    @property
    def passes(self) -> bool:
        """Whether there is nothing in it."""
        return self.entry is None

    def moved(self, dx: float, dy: float) -> "Figure":
        """The same elsewhere."""
        entry = replace(self.entry, x=self.entry.x + dx, y=self.entry.y + dy) if self.entry else None
        end = self.exit
        return Figure(
            self.width,
            self.height,
            self.axis,
            [replace(one, x=one.x + dx, y=one.y + dy) for one in self.shapes],
            [replace(one, points=tuple((x + dx, y + dy) for x, y in one.points)) for one in self.edges],
            [replace(one, x=one.x + dx, y=one.y + dy) for one in self.labels],
            entry,
            replace(end, at=(end.at[0] + dx, end.at[1] + dy)) if end else None,
        )

    def take(self, other: "Figure") -> None:
        """Lay the parts of the other into this one, where they are."""
        self.shapes += other.shapes
        self.edges += other.edges
        self.labels += other.labels


def connect(end: Exit, target: Shape, *, by: float | None = None) -> Edge:
    """The edge from a loose end to the left side of a shape, bent once where the two are not level.

    `by` is the x of the bend; without it halfway.
    """
    goal = (target.x, target.level)
    return Edge(end.source, target.key, way(end.at, goal, by=by), end.look, end.condition, end.default)


def way(start: Point, goal: Point, *, by: float | None = None) -> tuple[Point, ...]:
    """The points of a line that runs level, then straight up or down, then level."""
    if abs(start[1] - goal[1]) < 0.5:
        return start, goal
    bend = (start[0] + goal[0]) / 2 if by is None else by
    points = [start, (bend, start[1]), (bend, goal[1]), goal]
    return tuple(point for number, point in enumerate(points) if number == 0 or point != points[number - 1])


def row(figures: Sequence[Figure], *, gap: float = GAP) -> Figure:
    """The figures one after the other on one axis, connected."""
    shown = [figure for figure in figures if not figure.passes]
    if not shown:
        return Figure()
    whole = Figure(axis=max(figure.axis for figure in shown))
    whole.height = whole.axis + max(figure.below for figure in shown)
    at, loose = 0.0, None
    for figure in shown:
        placed = figure.moved(at, whole.axis - figure.axis)
        whole.take(placed)
        if placed.entry and loose:
            whole.edges.append(connect(loose, placed.entry))
        whole.entry = whole.entry or placed.entry
        loose = placed.exit
        at += figure.width + gap
    whole.width, whole.exit = at - gap, loose
    return whole


def single(shape: Shape, *, above: float = 0.0, below: float = 0.0, aside: float = 0.0) -> Figure:
    """One shape as a figure, with room for its text above, below and to both sides."""
    placed = replace(shape, x=aside, y=above)
    return Figure(
        width=shape.width + 2 * aside,
        height=shape.height + above + below,
        axis=above + shape.height / 2,
        shapes=[placed],
        entry=placed,
        exit=Exit(placed.key, (placed.right, placed.middle)),
    )


def stacked(figures: Iterable[Figure], *, gap: float) -> Iterator[tuple[float, Figure]]:
    """Each figure with its top, one below the other."""
    top = 0.0
    for figure in figures:
        yield top, figure
        top += figure.height + gap
