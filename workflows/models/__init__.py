from workflows.models.calendar import Duty, Holiday, Shift, WorkCalendar
from workflows.models.definition import Category, Definition, DefinitionVersion
from workflows.models.instance import (
    ALIVE,
    Incident,
    Instance,
    InstanceStatus,
    Routing,
    StepRun,
    Subscription,
)
from workflows.models.sla import ClockState, SlaClock
from workflows.models.task import (
    UNDECIDED,
    Absence,
    Acknowledgement,
    Candidate,
    Decision,
    Exclusion,
    HumanTask,
    TaskComment,
    TaskKind,
    TaskLink,
    TaskState,
)
from workflows.models.timer import Timer, TimerState
from workflows.models.trial import Trial
from workflows.models.waiting import Dependency, KeptNews

__all__ = [
    "ALIVE",
    "UNDECIDED",
    "Absence",
    "Acknowledgement",
    "Candidate",
    "Category",
    "ClockState",
    "Decision",
    "Definition",
    "DefinitionVersion",
    "Dependency",
    "Duty",
    "Exclusion",
    "Holiday",
    "HumanTask",
    "Incident",
    "Instance",
    "InstanceStatus",
    "KeptNews",
    "Routing",
    "Shift",
    "SlaClock",
    "StepRun",
    "Subscription",
    "TaskComment",
    "TaskKind",
    "TaskLink",
    "TaskState",
    "Timer",
    "TimerState",
    "Trial",
    "WorkCalendar",
]
