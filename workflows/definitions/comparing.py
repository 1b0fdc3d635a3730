"""What differs between two versions of a definition, told as people would tell it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

from workflows.definitions.problems import Path
from workflows.definitions.steps import blocks, walk

ADDED, REMOVED, MOVED, CHANGED = "added", "removed", "moved", "changed"
_NAMES = ("key", "name")


@dataclass(frozen=True)
class Change:
    """One difference. `step` is its id (empty: the definition itself); `field` what of it (`outcomes[a].title`)."""

    kind: str
    step: str
    field: str
    before: Any
    after: Any
    sentence: str


@dataclass(frozen=True)
class _Place:
    """Where a step stands: in which block, by the names of what is around it."""

    step: dict[str, Any]
    block: str


def compare(old_body: dict[str, Any], new_body: dict[str, Any]) -> list[Change]:
    """Every difference: first the definition's own, then step by step in the new order, last what was removed."""
    old, new = dict(_places(old_body)), dict(_places(new_body))
    changes = list(_fields("", _own_of_whole(old_body), _own_of_whole(new_body)))
    moved = _moved(old, new)
    for step_id, place in new.items():
        title = _called(place.step)
        if step_id not in old:
            before = _before(step_id, new)
            where = _where(place.block)
            where = _("{where}, after “{step}”").format(where=where, step=before) if before else where
            said = _("{title} is new {where}.").format(title=title, where=where)
            changes.append(Change(ADDED, step_id, "", None, place.step, said))
            continue
        if step_id in moved:
            before_block = old[step_id].block
            changes.append(
                Change(MOVED, step_id, "", before_block, place.block, _moving(title, before_block, place.block))
            )
        changes += _fields(step_id, _own_of_step(old[step_id].step), _own_of_step(place.step))
    for step_id, place in old.items():
        if step_id not in new:
            sentence = _("{title} is gone.").format(title=_called(place.step))
            changes.append(Change(REMOVED, step_id, "", place.step, None, sentence))
    return changes


def _places(body: dict[str, Any]) -> Iterator[tuple[str, _Place]]:
    names: dict[Path, str] = {("steps",): ""}
    for placed in walk(body):
        yield placed.step["id"], _Place(placed.step, names[placed.path[:-1]])
        for inner, _steps in blocks(placed.step):
            names[(*placed.path, *inner)] = f"{placed.step['id']}/{_slot(placed.step, inner)}"


def _slot(step: dict[str, Any], inner: tuple[Any, ...]) -> str:
    if inner[0] in {"options", "branches"}:
        return str(step[inner[0]][inner[1]].get("title") or f"{inner[0][:-1]} {inner[1] + 1}")
    return {"steps": _("its steps"), "sla": _("the path of its sla")}.get(inner[0], str(inner[0]).replace("_", " "))


def _moved(old: dict[str, _Place], new: dict[str, _Place]) -> set[str]:
    """Steps in another block, or in another order among those that stayed in theirs."""
    both = [step_id for step_id in new if step_id in old]
    moved = {step_id for step_id in both if old[step_id].block.split("/")[0] != new[step_id].block.split("/")[0]}
    moved |= {one for one in both if old[one].block != new[one].block and _slot_stays(old[one], new, one)}
    for block in {new[step_id].block for step_id in both}:
        after = [step_id for step_id in both if new[step_id].block == block and step_id not in moved]
        before = [step_id for step_id in old if step_id in after]
        kept: set[str] = set()
        for match in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
            kept |= set(before[match.a : match.a + match.size])
        moved |= set(after) - kept
    return moved


def _slot_stays(place: _Place, new: dict[str, _Place], step_id: str) -> bool:
    """Whether the block that it stood in is still there under its name (else the block was only renamed)."""
    return any(other.block == place.block for other in new.values()) or "/" not in new[step_id].block


def _moving(title: str, before: str, after: str) -> str:
    if before == after:
        return _("{title} stands elsewhere in the order {where}.").format(title=title, where=_where(after))
    return _("{title} has moved from {before} to {after}.").format(
        title=title, before=_block(before), after=_block(after)
    )


def _where(block: str) -> str:
    """`in “Legal” of rounds`"""
    if not block:
        return _("in the main line")
    step_id, _slash, slot = block.partition("/")
    return _("in “{slot}” of {step}").format(slot=slot, step=step_id)


def _block(block: str) -> str:
    """The same without the “in”."""
    if not block:
        return _("the main line")
    step_id, _slash, slot = block.partition("/")
    return _("“{slot}” of {step}").format(slot=slot, step=step_id)


def _before(step_id: str, places: dict[str, _Place]) -> str | None:
    last = None
    for other, place in places.items():
        if other == step_id:
            return last
        if place.block == places[step_id].block:
            last = other
    return last


def _called(step: dict[str, Any]) -> str:
    return f"“{step.get('title') or step['id']}”"


def _own_of_whole(body: dict[str, Any]) -> dict[str, Any]:
    return {name: held for name, held in body.items() if name != "steps"}


def _own_of_step(step: dict[str, Any]) -> dict[str, Any]:
    """The step without the steps within it."""
    return {name: _without_steps(held) for name, held in step.items() if name not in {"id", "steps"}}


def _without_steps(held: Any) -> Any:
    if isinstance(held, dict):
        return {name: _without_steps(inner) for name, inner in held.items() if name != "steps"}
    return [_without_steps(inner) for inner in held] if isinstance(held, list) else held


def _fields(step_id: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before, after = dict(_flat(old, "")), dict(_flat(new, ""))
    whose = f"{_called({**new, 'id': step_id})}: " if step_id else ""
    for field in [*after, *(one for one in before if one not in after)]:
        was, now = before.get(field), after.get(field)
        if was != now:
            yield Change(CHANGED, step_id, field, was, now, f"{whose}{field} {_change(was, now)}.")


def _flat(held: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Leaves by their paths; elements of lists by their key or name where they have one."""
    if isinstance(held, dict) and held and held.keys() != {"expr"}:
        for name, inner in held.items():
            yield from _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(held, list) and held and all(isinstance(one, dict) for one in held):
        for number, one in enumerate(held):
            named = next((str(one[name]) for name in _NAMES if isinstance(one.get(name), str)), str(number + 1))
            yield from _flat(one, f"{path}[{named}]")
    elif held not in (None, [], {}):
        yield path, held


def _change(was: Any, now: Any) -> str:
    if was is None:
        return _("is now {now}").format(now=_said(now))
    if now is None:
        return _("is gone (it was {was})").format(was=_said(was))
    return _("was {was}, is now {now}").format(was=_said(was), now=_said(now))


def _said(held: Any) -> str:
    if isinstance(held, bool):
        return "true" if held else "false"
    if isinstance(held, dict) and held.keys() == {"expr"}:
        return _("the value of {expression}").format(expression=held["expr"])
    if isinstance(held, list):
        return ", ".join(_said(one) for one in held) or _("nothing")
    return f"“{held}”" if isinstance(held, str) else str(held)
