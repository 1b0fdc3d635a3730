"""What a person may see and do: the one place that answers, for every door.

The matrix is DESIGN's: clerk, reviewer and head within their departments; auditor reads all; administrator does all.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from accounts.models import ApiKey, HouseRole, Membership, Role, User


class Action(StrEnum):
    """What can be done to a document, or in the house."""

    SEE = "see"
    UPLOAD = "upload"
    CORRECT = "correct"
    CONTROL = "control"  # cancel, reprocess, bin, restore
    RUN_HOUSE = "run_house"  # queue, sources, keys, people


@dataclass(frozen=True)
class Rights:
    """A person's rights as they are now; small enough to be asked for at every request.

    `departments` maps the ids of departments to the role there. `scopes` is None for people, a set for API keys.
    """

    user_id: int
    administrator: bool = False
    auditor: bool = False
    departments: dict[int, str] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    sources: frozenset[str] | None = None

    @property
    def sees_all(self) -> bool:
        return self.administrator or self.auditor

    def may(self, action: Action, *, department_id: int | None, uploaded_by_id: int | None = None) -> bool:
        """Whether `action` is allowed on a document of that department and uploader (whose sight is checked apart)."""
        if not self._scope_allows(action):
            return False
        if self.administrator:
            return True
        if action is Action.RUN_HOUSE:
            return False
        if action is Action.SEE and self.auditor:
            return True
        role = self.departments.get(department_id) if department_id is not None else None
        own = uploaded_by_id == self.user_id and not (self.auditor and not self.departments)
        if action is Action.SEE:
            return role is not None or own
        if action in (Action.UPLOAD, Action.CORRECT):
            return role is not None or (department_id is None and own)
        return role == Role.HEAD or (own and (role is not None or department_id is None))

    def _scope_allows(self, action: Action) -> bool:
        if self.scopes is None:
            return True
        needed = {Action.SEE: "read", Action.UPLOAD: "upload"}.get(action, "control")
        return needed in self.scopes


def rights_of(user: User, key: ApiKey | None = None) -> Rights:
    """Looked up now; two queries at most. An inactive user has none."""
    if not user.is_active:
        return Rights(user_id=user.pk)
    departments = dict(
        Membership.objects.filter(user=user, department__active=True).values_list("department_id", "role")
    )
    administrator, auditor = user.is_administrator, user.house_role == HouseRole.AUDITOR
    if key is None:
        return Rights(user.pk, administrator, auditor, departments)
    narrowed = set(key.departments.values_list("pk", flat=True))
    if narrowed:
        departments = {pk: role for pk, role in departments.items() if pk in narrowed}
        if administrator or auditor:  # a narrowed key of a powerful user is a narrow key
            departments = dict.fromkeys(narrowed, Role.HEAD if administrator else Role.CLERK)
            administrator = auditor = False
    return Rights(
        user.pk,
        administrator,
        auditor,
        departments,
        scopes=frozenset(key.scopes),
        sources=frozenset(key.sources) or None,
    )
