"""The events of workflows, human tasks and their deadlines, as the outside contract names them."""

from dataclasses import dataclass
from typing import ClassVar

from realtime.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowStarted(Told):
    """A workflow runs on a document."""

    type: ClassVar[str] = "workflow.started"
    to_come: ClassVar[bool] = True
    id: str
    definition: str
    version: int
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowStep(Told):
    """A step of a workflow began or ended."""

    type: ClassVar[str] = "workflow.step"
    to_come: ClassVar[bool] = True
    id: str
    step: str
    state: str
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowFinished(Told):
    """A workflow has ended with this outcome."""

    type: ClassVar[str] = "workflow.finished"
    to_come: ClassVar[bool] = True
    id: str
    definition: str
    outcome: str
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowIncident(Told):
    """A step failed; the workflow waits for somebody to look at it."""

    type: ClassVar[str] = "workflow.incident"
    to_come: ClassVar[bool] = True
    id: str
    step: str
    code: str
    detail: str
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAssigned(Told):
    """Somebody is asked to decide. `due_at` in ISO 8601."""

    type: ClassVar[str] = "task.assigned"
    to_come: ClassVar[bool] = True
    id: str
    workflow: str
    title: str
    assignee: str | None = None
    due_at: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted(Told):
    """A task was decided."""

    type: ClassVar[str] = "task.completed"
    to_come: ClassVar[bool] = True
    id: str
    workflow: str
    outcome: str
    completed_by: str
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEscalated(Told):
    """Nobody decided in time: `rung` of the ladder was taken."""

    type: ClassVar[str] = "task.escalated"
    to_come: ClassVar[bool] = True
    id: str
    workflow: str
    rung: int
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaWarning(Told):
    """A deadline comes near. `due_at` in ISO 8601."""

    type: ClassVar[str] = "sla.warning"
    to_come: ClassVar[bool] = True
    id: str
    workflow: str
    due_at: str
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaBreached(Told):
    """A deadline has passed. `due_at` in ISO 8601."""

    type: ClassVar[str] = "sla.breached"
    to_come: ClassVar[bool] = True
    id: str
    workflow: str
    due_at: str
    document: str | None = None


WORKFLOW_EVENTS: tuple[type[Told], ...] = (
    WorkflowStarted,
    WorkflowStep,
    WorkflowFinished,
    WorkflowIncident,
    TaskAssigned,
    TaskCompleted,
    TaskEscalated,
    SlaWarning,
    SlaBreached,
)
