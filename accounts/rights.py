"""What a person may see and do: the one place that answers, for every door.

The matrix is DESIGN's: clerk, reviewer and head within their departments; auditor reads all; administrator does all.
`documents.visibility` says the same about sight in SQL; a test holds the two together.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from accounts.models import ApiKey, Membership, Role, User


class Action(StrEnum):
    """What can be done to a document, or in the house."""

    SEE = "see"
    UPLOAD = "upload"
    CORRECT = "correct"
    CONTROL = "control"  # cancel, reprocess, bin, restore
    RUN_HOUSE = "run_house"  # queue, sources, keys, people


SCOPE_OF = {Action.SEE: "read", Action.UPLOAD: "upload"}  # everything else needs "control"


@dataclass(frozen=True)
class Rights:
    """A person's rights as they are now; small enough to be asked for at every request.

    `departments` maps the ids of departments to the role there. The rest narrows an API key and is None for people:
    `scopes`, the keys of `sources`, and `only_departments`, outside which the key reaches nothing whoever its user is.
    """

    user_id: int
    administrator: bool = False
    auditor: bool = False
    departments: dict[int, str] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    only_departments: frozenset[int] | None = None
    key_id: int | None = None

    @property
    def credential(self) -> str:
        """What the caller is counted and remembered by: `key:<id>` or `user:<id>`."""
        return f"user:{self.user_id}" if self.key_id is None else f"key:{self.key_id}"

    @property
    def bound(self) -> bool:
        """Whether this is a key that reaches only some sources or departments."""
        return self.sources is not None or self.only_departments is not None

    @property
    def sees_all(self) -> bool:
        """Every document of the house but, for auditors, the quarantined."""
        return (self.administrator or self.auditor) and not self.bound and self.scope_allows(Action.SEE)

    @property
    def runs_house(self) -> bool:
        """An administrator, whose key (if any) is not bound. Its scopes are asked about apart."""
        return self.administrator and not self.bound

    def scope_allows(self, action: Action) -> bool:
        """Whether an API key's scopes include what the action needs; people have no scopes."""
        return self.scopes is None or SCOPE_OF.get(action, "control") in self.scopes

    def lacks_scope(self, action: Action) -> str:
        """A sentence when it is the API key that does not allow the action, whatever its owner may; else nothing."""
        scope = SCOPE_OF.get(action, "control")
        return "" if self.scope_allows(action) else f"This API key may not do this: it lacks the scope “{scope}”."

    def reaches(self, *, department_id: int | None, source: str | None) -> bool:
        """Whether a key's binding includes that department and source (by key; None: not said, so not included)."""
        if self.only_departments is not None and department_id not in self.only_departments:
            return False
        return self.sources is None or source in self.sources

    def may(
        self,
        action: Action,
        *,
        department_id: int | None,
        uploaded_by_id: int | None = None,
        source: str | None = None,
        restricted: bool = False,
        named: bool = False,
        shared: bool = False,
        quarantined: bool = False,
    ) -> bool:
        """Whether `action` is allowed on a document of that department, uploader and source.

        SEE is the whole answer about sight. The other actions are asked about documents that the caller sees.
        For an upload `uploaded_by_id` is the caller. `shared`: it is shown to him, or to a department of his, beside
        its own (`documents.sharing`).
        """
        if not self.scope_allows(action) or not self.reaches(department_id=department_id, source=source):
            return False
        if action is Action.RUN_HOUSE:
            return self.runs_house
        if self.administrator:
            return True
        if action is Action.SEE:
            return not quarantined and self._sees(department_id, uploaded_by_id, restricted, named, shared)
        if self.auditor:
            return False
        role = self.departments.get(department_id) if department_id is not None else None
        within = role is not None or (department_id is None and self._own(uploaded_by_id) and bool(self.departments))
        if action is Action.CONTROL:
            return role == Role.HEAD or (within and self._own(uploaded_by_id))
        return within

    def _sees(
        self, department_id: int | None, uploaded_by_id: int | None, restricted: bool, named: bool, shared: bool
    ) -> bool:
        if self.auditor:
            return True
        if restricted:
            return named
        if shared:
            return True
        return self._own(uploaded_by_id) if department_id is None else department_id in self.departments

    def _own(self, uploaded_by_id: int | None) -> bool:
        return uploaded_by_id == self.user_id


def rights_of(user: User, key: ApiKey | None = None) -> Rights:
    """Looked up now; two queries at most. An inactive user has none: an empty set of scopes allows nothing."""
    if not user.is_active:
        return Rights(user_id=user.pk, scopes=frozenset())
    roles = Membership.objects.filter(user=user, department__active=True).values_list("department_id", "role")
    departments = dict(roles)
    auditor = user.is_auditor and not user.is_administrator
    if key is None:
        return Rights(user.pk, user.is_administrator, auditor, departments)
    bound_to = frozenset(key.departments.values_list("pk", flat=True))
    return Rights(
        user.pk,
        user.is_administrator,
        auditor,
        {pk: role for pk, role in departments.items() if not bound_to or pk in bound_to},
        scopes=frozenset(key.scopes),
        sources=frozenset(key.sources) or None,
        only_departments=bound_to or None,
        key_id=key.pk,
    )
