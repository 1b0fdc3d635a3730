"""Whether durations, targets and ladders can be kept."""

import re
from collections.abc import Iterator
from typing import Any

from workflows import durations
from workflows.definitions.meaning.look import Look
from workflows.definitions.problems import Path, Problem, close
from workflows.models import WorkCalendar

_SHARE = re.compile(r"(\d{1,4}(?:\.\d+)?) ?%")
_NEEDS = {"notify": "to", "reassign": "to", "raise_priority": "to_priority", "path": "steps"}


def problems(look: Look) -> Iterator[Problem]:
    """What is no duration, and what a ladder cannot do."""
    calendars: set[str] | None = None
    for path, sla, step in _slas(look):
        if calendars is None:
            calendars = set(WorkCalendar.objects.values_list("key", flat=True))
        if sla["calendar"] not in calendars:
            advice = close(sla["calendar"], calendars, otherwise="Create it before this runs.")
            yield look.odd((*path, "calendar"), f"There is no calendar “{sla['calendar']}” now.", advice)
        yield from _sla(look, sla, path, step)
    for path, text in _durations(look):
        yield from _duration(look, text, path)


def _slas(look: Look) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any] | None]]:
    if look.body["sla"]:
        yield ("sla",), look.body["sla"], None
    for placed in look.placed:
        if placed.step["sla"]:
            yield (*placed.path, "sla"), placed.step["sla"], placed.step


def _durations(look: Look) -> Iterator[tuple[Path, str]]:
    for number, trigger in enumerate(look.body["triggers"]):
        if trigger["every"]:
            yield ("triggers", number, "every"), trigger["every"]
    for placed in look.placed:
        step, path = placed.step, placed.path
        if step["on_timeout"]:
            yield (*path, "on_timeout", "after"), step["on_timeout"]["after"]
        for name in ("due", "follow_up", "wait"):
            if step.get(name):
                yield (*path, name), step[name]
        for name, text in (step.get("chase") or {}).items():
            if text:
                yield (*path, "chase", name), text


def _duration(look: Look, text: str, path: Path) -> Iterator[Problem]:
    try:
        durations.read(text)
    except ValueError as wrong:
        yield _split(look, path, str(wrong))


def _split(look: Look, path: Path, sentence: str) -> Problem:
    message, _, advice = sentence.partition(": ")
    return look.wrong(path, f"{message.rstrip('.')}.", advice[:1].upper() + advice[1:])


def _sla(look: Look, sla: dict[str, Any], path: Path, step: dict[str, Any] | None) -> Iterator[Problem]:
    yield from _duration(look, sla["target"], (*path, "target"))
    for number, step_id in enumerate(sla["pause_while"]):
        if step_id not in look.ids:
            yield look.wrong((*path, "pause_while", number), f"There is no step “{step_id}”.", close(step_id, look.ids))
    last: dict[str, float] = {}
    for number, rung in enumerate(sla["ladder"]):
        here = (*path, "ladder", number)
        yield from _rung(look, rung, here, step)
        kind, height = _height(rung["after"])
        if kind == "":
            yield look.wrong(
                (*here, "after"),
                f"“{rung['after']}” is neither a share nor a duration.",
                "Write 75 %, or 2 days.",
            )
        elif height <= last.get(kind, 0.0):
            yield look.wrong((*here, "after"), "This rung is not higher than the one before.", "Order them by `after`.")
        last[kind] = height


def _height(after: str) -> tuple[str, float]:
    if share := _SHARE.fullmatch(after.strip()):
        return "share", float(share[1])
    try:
        duration = durations.read(after)
    except ValueError:
        return "", 0.0
    return f"working {duration.working}", duration.number * durations.SECONDS[duration.unit]


def _rung(look: Look, rung: dict[str, Any], path: Path, step: dict[str, Any] | None) -> Iterator[Problem]:
    do, needed = rung["do"], _NEEDS[rung["do"]]
    if not rung[needed]:
        yield look.wrong(path, f"To {do.replace('_', ' ')}, “{needed}” has to be there.", f"Add {needed}: here.")
    for name in sorted({"to", "to_priority", "steps"} - {needed}):
        if rung[name]:
            yield look.wrong((*path, name), f"“{name}” means nothing with do: {do}.", f"Leave {name} out.", key=True)
    if do == "path" and step is None:
        yield look.wrong((*path, "do"), "A path beside runs only from a step's sla.", "Move it to the sla of a step.")
    if do == "reassign" and step is not None and step["kind"] not in {"human", "acknowledge"}:
        yield look.wrong((*path, "do"), f"Nobody works on a step of kind {step['kind']}.", "Use notify instead.")
