"""What is shown of runs at the steps of a drawing: states, who has it and since when, figures, heat."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Token(TypedDict, total=False):
    """Where a run stands. `state`: waiting, active, incident, paused or done; `since` and `who` as they are shown."""

    step: str
    state: str
    since: str
    who: str


class StepFigures(TypedDict, total=False):
    """Figures of a step over many runs; `waiting` and `working` in seconds, usually the median."""

    count: int
    open: int
    waiting: float
    working: float
    breached: int


HEATS = ("waiting", "working", "count", "breached")
"""What steps can be coloured by."""


def notes(tokens: Sequence[Token], figures: Mapping[str, StepFigures]) -> dict[str, list[str]]:
    """What stands at each step, one thing a line."""
    said = {step: _of_tokens(step, tokens) for step in states(tokens)}
    for step, of in figures.items():
        said[step] = [*said.get(step, ()), *_of_figures(of)]
    return said


def states(tokens: Sequence[Token]) -> dict[str, str]:
    """The state of each step; where several tokens stand, the gravest."""
    gravity = ("incident", "paused", "waiting", "active", "done")
    found: dict[str, str] = {}
    for token in tokens:
        state = token.get("state", "active")
        state = state if state in gravity else "active"
        before = found.get(token["step"])
        if before is None or gravity.index(state) < gravity.index(before):
            found[token["step"]] = state
    return found


def heats(figures: Mapping[str, StepFigures], by: str) -> dict[str, int]:
    """0 to 4, by the share of the largest of what the steps are coloured by."""
    held = {step: float(dict(of).get(by) or 0) for step, of in figures.items()}  # type: ignore[arg-type]
    most = max(held.values(), default=0.0)
    if not most:
        return {}
    return {step: sum(one / most > limit for limit in (0.02, 0.15, 0.4, 0.75)) for step, one in held.items()}


def classes(
    step: str,
    kind: str,
    found: Mapping[str, str],
    hot: Mapping[str, int],
    figures: Mapping[str, StepFigures],
) -> str:
    """The classes of a step, by which it is coloured."""
    said = ["step", f"k-{kind}"]
    said += [f"is-{found[step]}"] if step in found else []
    said += [f"heat-{hot[step]}"] if hot.get(step) else []
    said += ["breached"] if (figures.get(step) or {}).get("breached") else []
    return " ".join(said)


def _of_tokens(step: str, tokens: Sequence[Token]) -> list[str]:
    here = [token for token in tokens if token["step"] == step and token.get("state") != "done"]
    said = [", ".join(part for part in (token.get("who"), token.get("since")) if part) for token in here[:3]]
    said = [line or _("here") for line in said]
    return said if len(here) <= 3 else [*said[:2], _("and %(count)d more") % {"count": len(here) - 2}]


def _of_figures(of: StepFigures) -> list[str]:
    said = []
    if of.get("count"):
        said.append(ngettext("%(count)d time", "%(count)d times", of["count"]) % {"count": of["count"]})
    if of.get("open"):
        said.append(_("%(count)d open") % {"count": of["open"]})
    if of.get("breached"):
        said.append(_("%(count)d late") % {"count": of["breached"]})
    lines = [" · ".join(said)] if said else []
    if of.get("waiting"):
        lines.append(_("waits %(time)s") % {"time": _time(of["waiting"])})
    if of.get("working"):
        lines.append(_("works %(time)s") % {"time": _time(of["working"])})
    return lines


def _time(seconds: float) -> str:
    for unit, size in ((_("d"), 86_400), (_("h"), 3_600), (_("min"), 60)):
        if seconds >= size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} " + _("s")
