"""Proving that each run stands as its history says: its state is the fold of the facts that were written down, and what
it waits for is what was added and not taken away."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts import verifying
from accounts.history import Break
from accounts.models import HistoryEntry
from accounts.verifying import NoPlace, Walk
from workflows import deeds
from workflows.engine import fold
from workflows.models import ALIVE, Dependency, Instance

AT_ONCE = 200
_DEPENDENCIES = (deeds.DEPENDS, deeds.UNDEPENDS, deeds.MET)


def breaks(walk: Walk | None = None) -> Iterator[Break]:
    """The first thing that does not hold of each run of which something does not. A place is the id to begin with.

    Raises NoPlace.
    """
    walk = walk or Walk()
    runs = Instance.objects.order_by("pk").only("pk", "state", "status", "outcome", "sequence")
    try:
        after = Q(pk__gte=UUID(walk.place)) if walk.place else Q()
    except ValueError:
        raise NoPlace(walk.place) from None
    while batch := list(runs.filter(after)[:AT_ONCE]):
        yield from _breaks_of(batch)
        after = Q(pk__gt=batch[-1].pk)
        walk.come_to(str(batch[-1].pk), rows=len(batch), subjects=len(batch))


def first_break(instance: Instance) -> Break | None:
    """What does not hold of this run; None when all does."""
    return next(_breaks_of([instance]), None)


def _breaks_of(runs: list[Instance]) -> Iterator[Break]:
    entries: dict[str, list[HistoryEntry]] = {str(run.pk): [] for run in runs}
    wanted = HistoryEntry.objects.filter(subject_kind=deeds.SUBJECT, subject_id__in=list(entries))
    for entry in wanted.order_by("subject_id", "sequence").only("subject_id", "sequence", "action", "after"):
        entries[entry.subject_id].append(entry)
    waits: dict[str, dict[tuple[str, str], bool]] = {str(run.pk): {} for run in runs}
    for row in Dependency.objects.filter(instance__in=runs):
        waits[str(row.instance_id)][row.event, row.key] = row.met_at is None
    for run in runs:
        key = str(run.pk)
        said = _wrong(run, entries[key]) or _waits_wrong(run, waits[key], entries[key])
        if said is not None:
            yield Break(deeds.SUBJECT, str(run.pk), said[0], said[1])


def _wrong(run: Instance, entries: Iterable[HistoryEntry]) -> tuple[int, str] | None:
    """The entry at which it breaks, and what is wrong there."""
    state, last = fold.EMPTY, 0
    for entry in entries:
        try:
            folded = fold.fold(state, entry.action, entry.after)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            return entry.sequence, f"“{entry.action}” cannot follow what stands before it ({type(error).__name__})."
        if folded != state:
            last = entry.sequence
        state = folded
    if last > run.sequence:
        return last, f"The run's row has taken in entries up to {run.sequence} only."
    held = run.state or fold.EMPTY
    if state != held:
        return last, f"Its history gives another state: {_differing(state, held)}."
    if (state["status"] == "running") != (run.status in ALIVE) or state["outcome"][:40] != run.outcome:
        return last, f"Its row says {run.status} {run.outcome}, its history {state['status']} {state['outcome']}."
    return None


def _waits_wrong(
    run: Instance, rows: dict[tuple[str, str], bool], entries: Iterable[HistoryEntry]
) -> tuple[int, str] | None:
    """As `_wrong`, for what it waits for. That something has happened is written down soon after the row says so."""
    said: dict[tuple[str, str], bool] = {}
    last = 0
    for entry in entries:
        if entry.action == deeds.AWAITED:
            said |= dict.fromkeys(map(tuple, entry.after["awaited"]), True)
        elif entry.action in _DEPENDENCIES:
            pair = entry.after["event"], entry.after["key"]
            said.pop(pair, None)
            if entry.action != deeds.UNDEPENDS:
                said[pair] = entry.action == deeds.DEPENDS
        else:
            continue
        last = entry.sequence
    if said.keys() != rows.keys():
        return last, "It waits for others than its history says."
    if any(rows[pair] and not waits for pair, waits in said.items()):
        return last, "It waits for something that has happened, as its history says."
    return None


def _differing(folded: dict[str, Any], held: dict[str, Any]) -> str:
    return ", ".join(sorted(name for name in {*folded, *held} if folded.get(name) != held.get(name)))


def register() -> None:
    """Have `verify_history` ask."""
    verifying.prove_also(deeds.SUBJECT, breaks)
