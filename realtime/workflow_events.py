"""The events of workflows, human tasks and their deadlines, as the outside contract names them.

Times are ISO 8601. A field with a default is one that a teller may not know.
"""

from dataclasses import dataclass
from typing import ClassVar

from realtime.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowStarted(Told):
    """A workflow runs on a document: `id` is this run's, `definition` the key, `title` its name for people.

    `trigger` says what started it, `started_by` who, when it was somebody.
    """

    type: ClassVar[str] = "workflow.started"
    id: str
    definition: str
    version: int
    document: str | None = None
    title: str = ""
    trigger: str = ""
    started_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowStep(Told):
    """A step of a workflow began or ended, `at` that moment; `id` is the run's.

    `token` tells apart what runs side by side or again, `kind` is the step's (human, service, …), `title` its name for
    people; `outcome` is there once it has one.
    """

    type: ClassVar[str] = "workflow.step"
    id: str
    step: str
    state: str
    document: str | None = None
    token: str | None = None
    title: str = ""
    kind: str = ""
    outcome: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowFinished(Told):
    """A workflow has ended with this outcome; `state` says whether it came to its end or was cancelled."""

    type: ClassVar[str] = "workflow.finished"
    id: str
    definition: str
    outcome: str
    document: str | None = None
    version: int | None = None
    title: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowIncident(Told):
    """A step failed; the workflow waits for somebody to look at it. `title` is the step's name for people."""

    type: ClassVar[str] = "workflow.incident"
    id: str
    step: str
    code: str
    detail: str
    document: str | None = None
    definition: str = ""
    token: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowDependency(Told):
    """A run waits for something more, or for something less; `id` is the run's.

    `change` says what happened: `added` or `removed` (`by` whom), or `met` when what it waited for came. `kind` is
    workflow or document, `dependency` its number (what it is, tells the run to who may see it); `waiting` counts what
    is still awaited: at 0 the run goes on.
    """

    type: ClassVar[str] = "workflow.dependency"
    id: str
    definition: str
    change: str
    kind: str
    dependency: int
    waiting: int
    document: str | None = None
    title: str = ""
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowTried(Told):
    """A definition was tried on the past by a worker and that is over: `id` is the try's and its job's.

    `state` is succeeded, dead or cancelled; `looked_at` counts the documents once it has succeeded.
    """

    type: ClassVar[str] = "workflow.tried"
    id: str
    definition: str
    state: str
    looked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAssigned(Told):
    """Somebody is asked to decide: `assignee` whose it is, None while `candidates` people may take it.

    `workflow` is the definition's key, `instance` its run. It is told again when the task changes hands: `reason` says
    how (claimed, released, delegated, …), and when one of many has confirmed (acknowledged; `candidates` are awaited).
    """

    type: ClassVar[str] = "task.assigned"
    id: str
    workflow: str
    title: str
    assignee: str | None = None
    due_at: str | None = None
    document: str | None = None
    instance: str | None = None
    step: str = ""
    candidates: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted(Told):
    """A task was decided; `commented` says whether words were left with it. `instance` is the run of the workflow."""

    type: ClassVar[str] = "task.completed"
    id: str
    workflow: str
    outcome: str
    completed_by: str
    document: str | None = None
    instance: str | None = None
    step: str = ""
    title: str = ""
    commented: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEscalated(Told):
    """Nobody decided in time: `rung` of the ladder was taken; `action` says what it does (notify, reassign, …)."""

    type: ClassVar[str] = "task.escalated"
    id: str
    workflow: str
    rung: int
    document: str | None = None
    instance: str | None = None
    step: str = ""
    title: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaWarning(Told):
    """A deadline comes near. `id` is the run's, `workflow` its definition's key, `target` the name of the deadline.

    `task` is the human task that it binds, if one; else the deadline is that of `step`, or of the whole run.
    """

    type: ClassVar[str] = "sla.warning"
    id: str
    workflow: str
    due_at: str
    document: str | None = None
    step: str = ""
    task: str | None = None
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaBreached(Told):
    """A deadline has passed. `id` is the run's, `workflow` its definition's key, `target` the name of the deadline.

    `task` is the human task that it binds, if one; else the deadline is that of `step`, or of the whole run.
    """

    type: ClassVar[str] = "sla.breached"
    id: str
    workflow: str
    due_at: str
    document: str | None = None
    step: str = ""
    task: str | None = None
    target: str = ""


WORKFLOW_EVENTS: tuple[type[Told], ...] = (
    WorkflowStarted,
    WorkflowStep,
    WorkflowFinished,
    WorkflowIncident,
    WorkflowDependency,
    WorkflowTried,
    TaskAssigned,
    TaskCompleted,
    TaskEscalated,
    SlaWarning,
    SlaBreached,
)
