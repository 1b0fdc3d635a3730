from accounts.models.api_key import ApiKey
from accounts.models.department import Department, Membership, Role
from accounts.models.history import HistoryEntry, HistorySeal
from accounts.models.user import HouseRole, User

__all__ = ["ApiKey", "Department", "HistoryEntry", "HistorySeal", "HouseRole", "Membership", "Role", "User"]
