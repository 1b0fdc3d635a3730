"""A definition as a list from top to bottom: what the picture says, for narrow screens and for who hears pages read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from workflows.drawing import boundaries, marks, words
from workflows.drawing.marks import StepFigures, Token
from workflows.drawing.words import Line, Say

Step = dict[str, Any]


def outline(
    body: dict[str, Any],
    *,
    tokens: Sequence[Token] = (),
    figures: Mapping[str, StepFigures] | None = None,
    heat: str = "waiting",
    language: str = "en",
    say: Say = words.AS_WRITTEN,
) -> str:
    """An ordered list of the steps, those within others in lists of their own; what it is told is as for `svg`."""
    with translation.override(language):
        figures = figures or {}
        writer = _Writer(
            language, marks.states(tokens), marks.notes(tokens, figures), marks.heats(figures, heat), figures, say
        )
        return writer.steps(body["steps"], name="flow-steps")


@dataclass(frozen=True)
class _Writer:
    language: str
    states: Mapping[str, str]
    notes: Mapping[str, list[str]]
    heats: Mapping[str, int]
    figures: Mapping[str, StepFigures]
    say: Say

    def steps(self, steps: Sequence[Step], *, name: str = "") -> str:
        if not steps:
            return f'<p class="small">{escape(_("goes on"))}</p>'
        opened = f'<ol class="{name}">' if name else "<ol>"
        return opened + "".join(self.step(step) for step in steps) + "</ol>"

    def step(self, step: Step) -> str:
        """A line for the step, then what stands within it and at its edges."""
        key, kind = step["id"], step["kind"]
        parts = [self._said(step)]
        parts += [f'<p class="mark">{escape(line)}</p>' for line in self.notes.get(key, ())]
        lanes = "".join(self._lane(said, steps) for said, steps in self._within(step))
        if lanes:
            parts.append(f'<ul class="lanes">{lanes}</ul>')
        elif kind in ("repeat", "foreach"):
            parts.append(self.steps(step["steps"]))
        aside = "".join(self._lane(Line(one.said), one.steps) for one in boundaries.of(step, self.say))
        if aside:
            parts.append(f'<ul class="lanes aside">{aside}</ul>')
        classes = marks.classes(key, kind, self.states, self.heats, self.figures)
        current = ' aria-current="step"' if self.states.get(key) in _AT_WORK else ""
        return f'<li class="{classes}" data-step="{escape(key)}"{current}>{"".join(parts)}</li>'

    def _said(self, step: Step) -> str:
        kind, title = step["kind"], words.title(step, self.language)
        details = words.details(step, self.say)
        if kind == "end":
            title = words.own(step, self.language) or words.outcome(step["outcome"])
        if kind == "parallel":
            details = [Line(words.join(step)), *details]
        if step["when"]:
            details = [words.guard(step, self.say), *details]
        small = " · ".join([escape(words.kind(kind)), *(_html(line) for line in details)])
        state = self.states.get(step["id"])
        standing = f' <span class="standing">{escape(_state(state))}</span>' if state else ""
        return f'<p><b>{escape(title)}</b>{standing}</p><p class="small">{small}</p>{_as_written(details)}'

    def _within(self, step: Step) -> Iterator[tuple[Line, Sequence[Step]]]:
        """The branches or options of a step, with what stands above each."""
        if step["kind"] == "parallel":
            for number, way in enumerate(step["branches"]):
                yield words.lane(way, number, self.language, parallel=True), way["steps"]
        if step["kind"] == "choice":
            ways = [*step["options"], {**step["otherwise"], "title": None, "when": None}]
            for number, way in enumerate(ways):
                yield words.lane(way, number, self.language, parallel=False, say=self.say), way["steps"]

    def _lane(self, said: Line, steps: Sequence[Step]) -> str:
        return f'<li><p class="lane">{_html(said)}</p>{_as_written([said])}{self.steps(steps)}</li>'


def _html(line: Line) -> str:
    """A line; marked as code where it holds an expression as it is written."""
    return f'<code translate="no">{escape(line.text)}</code>' if line.code else escape(line.text)


def _as_written(lines: Sequence[Line]) -> str:
    """The expressions that these lines put in words, folded away."""
    written = [line.written for line in lines if line.written and not line.code]
    found = "".join(f'<code lang="en" translate="no">{escape(one)}</code>' for one in written)
    if not found:
        return ""
    summary = f'<summary class="small">{escape(_("Show the rule"))}</summary>'
    return f'<details class="as-written">{summary}{found}</details>'


_AT_WORK = ("incident", "paused", "waiting", "active")


def _state(state: str) -> str:
    """What the colour of a step says."""
    return {
        "incident": _("stands at an incident"),
        "paused": _("paused"),
        "waiting": _("waits"),
        "active": _("at work"),
        "done": _("done"),
    }[state]
