"""Administration of people, departments, keys and the record of who did what."""

from accounts.admin.keys import ApiKeyAdmin
from accounts.admin.people import DepartmentAdmin, UserAdmin
from accounts.admin.record import HistoryAdmin

__all__ = ["ApiKeyAdmin", "DepartmentAdmin", "HistoryAdmin", "UserAdmin"]
