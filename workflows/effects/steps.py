"""Where tokens stand, for figures and events; and what failed at them."""

from accounts.models import User
from workflows.engine.talk import CloseIncident, Entered, Left, OpenIncident
from workflows.models import Incident
from workflows.turn import Run, Turn


def entered(turn: Turn, run: Run, effect: Entered, by: User | None) -> None:
    """A row of StepRun begins."""
    passage = turn.passage(run, effect.token, effect.step)
    passage.round, passage.entered_at = effect.round, turn.now


def left(turn: Turn, run: Run, effect: Left, by: User | None) -> None:
    """The token's row of StepRun ends."""
    passage = turn.passage(run, effect.token, effect.step)
    passage.left_at, passage.outcome = turn.now, effect.outcome[:40]
    passage.failed |= effect.failed
    passage.cancelled |= effect.cancelled


def failed(turn: Turn, run: Run, effect: OpenIncident, by: User | None) -> None:
    """An incident waits for somebody."""
    turn.passage(run, effect.token, effect.step).failed = True
    turn.incidents.append(
        Incident(
            instance=run.instance,
            token=effect.token,
            step=effect.step.get("id", ""),
            code=effect.code[:40],
            detail=effect.detail,
            job_id=effect.job or None,
            opened_at=turn.now,
        )
    )


def mended(turn: Turn, run: Run, effect: CloseIncident, by: User | None) -> None:
    """The token's incident is resolved; one that this turn opened itself is written as resolved."""
    for incident in turn.incidents:
        if incident.instance_id == run.instance.pk and incident.token == effect.token and not incident.resolved_at:
            incident.resolved_at, incident.resolved_by, incident.resolution = turn.now, by, effect.how
            return
    turn.resolved.append((run.pk, effect.token, effect.how, by))
