"""Administration of workflows: the inbox, runs, definitions, working time, absences, and why papers went their way."""

from workflows.admin.definitions import DefinitionAdmin
from workflows.admin.inbox import HumanTaskAdmin
from workflows.admin.record import RoutingAdmin
from workflows.admin.runs import InstanceAdmin
from workflows.admin.staff import AbsenceAdmin, DutyAdmin
from workflows.admin.working_time import HolidayAdmin, ShiftAdmin, WorkCalendarAdmin

__all__ = [
    "AbsenceAdmin",
    "DefinitionAdmin",
    "DutyAdmin",
    "HolidayAdmin",
    "HumanTaskAdmin",
    "InstanceAdmin",
    "RoutingAdmin",
    "ShiftAdmin",
    "WorkCalendarAdmin",
]
