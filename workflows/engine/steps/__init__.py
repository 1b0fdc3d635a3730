"""What each kind of step does: one module a family."""

from workflows.engine.body import Step
from workflows.engine.steps.asking import Acknowledge, Human
from workflows.engine.steps.branching import Choice, Parallel
from workflows.engine.steps.calling import Service, Subflow
from workflows.engine.steps.compensating import Compensate
from workflows.engine.steps.ending import End
from workflows.engine.steps.kind import Kind
from workflows.engine.steps.looping import Foreach, Repeat
from workflows.engine.steps.ruling import Rule
from workflows.engine.steps.waiting import Timer, WaitEvent

KINDS: dict[str, Kind] = {
    "service": Service(),
    "rule": Rule(),
    "choice": Choice(),
    "parallel": Parallel(),
    "human": Human(),
    "acknowledge": Acknowledge(),
    "timer": Timer(),
    "wait_event": WaitEvent(),
    "repeat": Repeat(),
    "foreach": Foreach(),
    "subflow": Subflow(),
    "compensate": Compensate(),
    "end": End(),
}


def of(step: Step) -> Kind:
    """The kind of this step."""
    return KINDS[step["kind"]]
