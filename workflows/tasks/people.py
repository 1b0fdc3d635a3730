"""From what a definition says to people: whom its entries name, and who of them can decide now.

Entries are those of `candidates`, `exclude`, `people` and `to`, with the expressions evaluated: `{department, role}`,
`{head_of}`, `{user}`, `{uploader: true}`, `{value}` (a user name or a list of them), `{decided: step}`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from accounts.models import Department, Membership, Role, User
from accounts.rights import Action, Rights
from documents import sharing
from documents.models import Access, Document, Status
from workflows import deciding
from workflows.models import Absence, Candidate, Instance

RANKS = [str(role) for role in (Role.CLERK, Role.REVIEWER, Role.HEAD)]


@dataclass
class Named:
    """Whom entries name: people, and roles (`[reviewer, head]`) in departments; `unknown` says what names nobody."""

    users: dict[int, User] = field(default_factory=dict)
    roles: list[tuple[Department, list[str]]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Able:
    """Who can decide now, each with whom he stands in for (None: himself); `voices` counts also those who are away.

    `blind` are people who would decide, but do not see the document.
    """

    deciders: Mapping[int, int | None]
    voices: frozenset[int]
    blind: frozenset[int]


def read(entries: Iterable[Mapping[str, Any]], *, instance: Instance, inactive: bool = False) -> Named:
    """Whom these entries name, in two queries at most. People who are no longer active only when asked for."""
    named = Named()
    names: list[str] = []
    places: list[tuple[str, list[str]]] = []
    ids: set[int] = set()
    for entry in entries:
        if "department" in entry:
            places.append((_said(entry["department"]), _ranks_from(str(entry.get("role") or Role.REVIEWER))))
        elif "head_of" in entry:
            places.append((_said(entry["head_of"]), [str(Role.HEAD)]))
        elif entry.get("uploader"):
            ids |= {instance.document.uploaded_by_id} if instance.document else set()
        elif "decided" in entry:
            names += _decided(instance, str(entry["decided"]))
        else:
            names += _names(entry.get("user", entry))
    _find_departments(named, places)
    _find_users(named, names, ids, inactive)
    return named


def everybody(named: Named) -> list[User]:
    """All active people whom these name, whether they may decide or not, in the order of their ids."""
    wanted = Q(pk__in=list(named.users))
    for department, roles in named.roles:
        wanted |= Q(memberships__department=department, memberships__role__in=roles)
    return list(User.objects.filter(wanted, is_active=True).distinct().order_by("pk"))


def able(candidates: Sequence[Candidate], *, excluded: Collection[int], document: Document | None) -> Able:
    """Who of these candidates can decide: not excluded, in a role to, seeing the document; deputies for the absent."""
    people = _Known(candidates, document)
    deciders: dict[int, int | None] = {}
    voices: set[int] = set()
    blind: set[int] = set()
    for user_id, voice in people.meant():
        if voice in excluded or user_id in excluded:
            continue
        sees, decides = people.sees(user_id), people.may_decide(user_id)
        if decides and not sees:
            blind.add(user_id)
        deputy = people.deputies.get(user_id)
        stands_in = deputy is not None and deputy not in excluded and people.sees(deputy) and people.may_decide(deputy)
        if (sees and decides) or stands_in:
            voices.add(voice)
        if stands_in and deputy is not None:
            deciders.setdefault(deputy, voice)
        elif sees and decides and user_id not in people.away:
            deciders[user_id] = None if voice == user_id else voice
    return Able(deciders, frozenset(voices), frozenset(blind - set(deciders)))


class _Known:
    """What has to be known of everybody whom candidates mean: four queries."""

    def __init__(self, candidates: Sequence[Candidate], document: Document | None) -> None:
        self.document = document
        self.rows = [(row.user_id, row.for_user_id) for row in candidates if row.user_id is not None]
        self.roles = [(row.department_id or 0, row.roles) for row in candidates if row.user_id is None]
        by_role = Q(pk__in=[user_id for user_id, _ in self.rows])
        for department_id, roles in self.roles:
            held = [role for role in roles if role in deciding.DECIDING_ROLES]
            by_role |= Q(memberships__department_id=department_id, memberships__role__in=held)
        found = set(User.objects.filter(by_role).values_list("pk", flat=True))
        day = deciding.today()
        absences = Absence.objects.filter(user_id__in=found, first_day__lte=day, last_day__gte=day)
        self.deputies = {a.user_id: a.deputy_id for a in absences if a.deputy_id is not None}
        self.away = {a.user_id for a in absences}
        everybody = found | set(self.deputies.values())
        self.rights = rights_of_many(everybody)
        self.named = self._named_people(everybody)
        self.reached = sharing.reached(document, everybody) if document is not None else set()

    def meant(self) -> Iterable[tuple[int, int]]:
        """(who, whose voice), the named before those by role."""
        yield from ((user_id, for_user or user_id) for user_id, for_user in self.rows)
        named = {user_id for user_id, _ in self.rows}
        for user_id, rights in self.rights.items():
            held = (rights.departments.get(department_id, "") in roles for department_id, roles in self.roles)
            if user_id not in named and any(held):
                yield user_id, user_id

    def may_decide(self, user_id: int) -> bool:
        return deciding.may_decide_at_all(self.rights[user_id])

    def sees(self, user_id: int) -> bool:
        document, rights = self.document, self.rights[user_id]
        if document is None:
            return rights.scope_allows(Action.SEE)
        return rights.may(
            Action.SEE,
            department_id=document.department_id,
            uploaded_by_id=document.uploaded_by_id,
            restricted=document.access == Access.RESTRICTED,
            named=user_id in self.named,
            shared=user_id in self.reached,
            quarantined=document.status == Status.QUARANTINED,
        )

    def _named_people(self, everybody: set[int]) -> set[int]:
        if self.document is None or self.document.access != Access.RESTRICTED:
            return set()
        through = Document.people.through.objects.filter(document_id=self.document.pk, user_id__in=everybody)
        return set(through.values_list("user_id", flat=True))


def rights_of_many(ids: Collection[int]) -> dict[int, Rights]:
    """As `accounts.rights.rights_of` for many people, in two queries, in the order of their ids."""
    departments: dict[int, dict[int, str]] = {}
    rows = Membership.objects.filter(user_id__in=ids, department__active=True)
    for user_id, department_id, role in rows.values_list("user_id", "department_id", "role"):
        departments.setdefault(user_id, {})[department_id] = role
    users = User.objects.filter(pk__in=ids).only("is_active", "is_superuser", "house_role").order_by("pk")
    return {
        user.pk: Rights(
            user.pk,
            user.is_administrator,
            user.is_auditor and not user.is_administrator,
            departments.get(user.pk, {}),
        )
        if user.is_active
        else Rights(user.pk, scopes=frozenset())
        for user in users
    }


def _ranks_from(role: str) -> list[str]:
    return RANKS[RANKS.index(role) :] if role in RANKS else [role]


def _said(value: Any) -> str:
    """A literal, or what an expression gave."""
    held = value.get("value") if isinstance(value, Mapping) else value
    return "" if held is None else str(held)


def _names(value: Any) -> list[str]:
    held = value.get("value") if isinstance(value, Mapping) else value
    several = held if isinstance(held, list | tuple) else [held]
    return ["" if one is None else str(one) for one in several]


def _decided(instance: Instance, step: str) -> list[str]:
    """Who decided a step in its newest round; nobody while it was not entered."""
    by = instance.state.get("steps", {}).get(step, {}).get("by") or []
    return [by] if isinstance(by, str) else [str(name) for name in by]


def _find_departments(named: Named, places: list[tuple[str, list[str]]]) -> None:
    if not places:
        return
    found = {one.key: one for one in Department.objects.filter(key__in={key for key, _ in places}, active=True)}
    for key, roles in places:
        if key in found:
            named.roles.append((found[key], roles))
        else:
            named.unknown.append(f"There is no department “{key}”." if key else "An entry names no department.")


def _find_users(named: Named, names: list[str], ids: set[int], inactive: bool) -> None:
    if not names and not ids:
        return
    users = User.objects.filter(Q(username__in=[name for name in names if name]) | Q(pk__in=ids))
    found = {user.get_username(): user for user in users}
    for user in found.values():
        if user.is_active or inactive:
            named.users[user.pk] = user
        else:
            named.unknown.append(f"“{user.get_username()}” is no longer active.")
    for name in names:
        if name not in found:
            named.unknown.append(f"There is nobody named “{name}”." if name else "An expression names nobody.")
