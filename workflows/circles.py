"""Runs that would wait for each other for ever: refused at the moment when the last of their waits is made.

A run waits for the end of another by a dependency, by a step that listens for it (`wait_event`), and for that of its
subflows. Who is about to add a wait looks alone in the whole house until he commits: of two that close a circle
together, the second sees the first.
"""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from accounts import prepared
from accounts.refusals import Conflict
from workflows import bodies, happenings
from workflows.engine import body as engine_bodies
from workflows.models import ALIVE, Dependency, Instance, Subscription
from workflows.turn import Run, Turn

FINISHED = "workflow.finished"
_ONE_BY_ONE = 0x6B6D726C_77616974  # "kmrlwait"


class WaitsForItself(Conflict):
    """Two would wait for each other for ever."""

    code, title = "waits_for_itself", "This run would wait for itself"


def one_by_one() -> None:
    """Nobody else looks for circles until commit."""
    prepared.rows("SELECT pg_advisory_xact_lock(%s)", [_ONE_BY_ONE])


def refuse(mine: Collection[UUID], awaited: Iterable[UUID]) -> None:
    """Raises WaitsForItself when one of these runs that are to be awaited waits for one of `mine` already.

    Steps that give up waiting count: nobody should have to wait for that.
    """
    if set(mine) & _reached(awaited, _Waits(None)):
        raise WaitsForItself("What this run is to wait for waits for this run itself. Leave one of the two out.")


def refuse_listening(turn: Turn, run: Run, step: dict[str, Any], key: str) -> None:
    """A step of this run begins to wait for the end of the run with this id. Raises WaitsForItself.

    A wait that a timeout ends closes no circle. What the turn has not written down yet counts.
    """
    awaited = happenings.run_of(key)
    if awaited is None or _gives_up(step):
        return
    one_by_one()
    if run.pk in _reached([awaited], _Waits(turn)):
        raise WaitsForItself(
            f"The run {awaited}, for whose end this step waits, waits for the end of this run."
            " Cancel or free one of the two, then try again; or skip this step."
        )


class _Waits:
    """Who waits for the end of whom: as it stands in the database, and in a turn that is not written down yet.

    With a turn, of the listening steps those count alone that nothing but the end itself ends.
    """

    def __init__(self, turn: Turn | None) -> None:
        self.turn = turn or Turn()
        self.patient = turn is None
        self.over = {pk for pk, run in self.turn.runs.items() if not run.instance.is_alive}

    def of(self, runs: set[UUID]) -> set[UUID]:
        """What these runs wait for."""
        runs = runs - self.over
        below = Instance.objects.filter(parent__in=runs, status__in=ALIVE).values_list("pk", flat=True)
        keys = {happenings.run_of(key) for key in (*self._tied(runs), *self._heard(runs))}
        return {*below, *(pk for pk in keys if pk is not None)}

    def _tied(self, runs: set[UUID]) -> Iterable[str]:
        rows = Dependency.objects.filter(instance__in=runs, event=FINISHED, met_at=None)
        return rows.exclude(pk__in=[one.pk for one in self.turn.untied]).values_list("key", flat=True)

    def _heard(self, runs: set[UUID]) -> Iterable[str]:
        written = Subscription.objects.filter(instance__in=runs, event=FINISHED).select_related("instance")
        rows = [row for row in written if (row.instance_id, row.token) not in self.turn.unsubscribed]
        rows += [row for row in self.turn.subscriptions if row.instance_id in runs and row.event == FINISHED]
        return [row.key for row in rows if self.patient or not self._ends_by_itself(row)]

    def _ends_by_itself(self, row: Subscription) -> bool:
        held = self.turn.runs.get(row.instance_id)
        instance = row.instance if held is None else held.instance
        token = (instance.state or {}).get("tokens", {}).get(str(row.token), {})
        step = engine_bodies.of(bodies.of(instance.version_id).data).steps.get(token.get("step", ""))
        return step is not None and _gives_up(step)


def _gives_up(step: dict[str, Any]) -> bool:
    spec: dict[str, Any] | None = step.get("on_timeout")
    return spec is not None and spec.get("cancel") is not False


def _reached(runs: Iterable[UUID], waits: _Waits) -> set[UUID]:
    """These runs, and all that they wait for."""
    found: set[UUID] = set()
    level = set(runs)
    while level:
        found |= level
        level = waits.of(level) - found
    return found
