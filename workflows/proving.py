"""Proving that each run stands as its history says: its state is the fold of the facts that were written down."""

from collections.abc import Iterable, Iterator
from typing import Any

from accounts import history
from accounts.history import Break
from accounts.models import HistoryEntry
from workflows import deeds
from workflows.engine import fold
from workflows.models import ALIVE, Instance

AT_ONCE = 200


def breaks() -> Iterator[Break]:
    """The first thing that does not hold of each run of which something does not."""
    runs = Instance.objects.order_by("pk").only("pk", "state", "status", "outcome", "sequence")
    batch: list[Instance] = []
    for run in runs.iterator(chunk_size=AT_ONCE):
        batch.append(run)
        if len(batch) == AT_ONCE:
            yield from _breaks_of(batch)
            batch = []
    yield from _breaks_of(batch)


def first_break(instance: Instance) -> Break | None:
    """What does not hold of this run; None when all does."""
    return next(_breaks_of([instance]), None)


def _breaks_of(runs: list[Instance]) -> Iterator[Break]:
    entries: dict[str, list[HistoryEntry]] = {str(run.pk): [] for run in runs}
    wanted = HistoryEntry.objects.filter(subject_kind=deeds.SUBJECT, subject_id__in=list(entries))
    for entry in wanted.order_by("subject_id", "sequence").only("subject_id", "sequence", "action", "after"):
        entries[entry.subject_id].append(entry)
    for run in runs:
        said = _wrong(run, entries[str(run.pk)])
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


def _differing(folded: dict[str, Any], held: dict[str, Any]) -> str:
    return ", ".join(sorted(name for name in {*folded, *held} if folded.get(name) != held.get(name)))


def register() -> None:
    """Have `verify_history` ask."""
    history.prove_also(deeds.SUBJECT, breaks)
