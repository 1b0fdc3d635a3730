"""From what a definition says to people: whom its entries name, and who of them can decide now.

Entries are those of `candidates`, `exclude`, `people` and `to`, with the expressions evaluated: `{department, role}`,
`{head_of}`, `{user}`, `{uploader: true}`, `{value}` (a user name or a list of them), `{decided: step}`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.models import Q

from accounts import prepared, writing
from accounts.models import Department, HouseRole, Membership, Role, User
from accounts.rights import Action, Rights
from documents import sharing
from documents.models import Access, Document, Status
from workflows import deciding
from workflows.models import Candidate, Instance
from workflows.turn import Turn

KEPT = 500
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
    for entry in entries:
        if "department" in entry:
            places.append((_said(entry["department"]), _ranks_from(str(entry.get("role") or Role.REVIEWER))))
        elif "head_of" in entry:
            places.append((_said(entry["head_of"]), [str(Role.HEAD)]))
        elif entry.get("uploader"):
            _add(named, instance.document.uploaded_by if instance.document else None, inactive)
        elif "decided" in entry:
            names += _decided(instance, str(entry["decided"]))
        else:
            names += _names(entry.get("user", entry))
    _find_departments(named, places)
    _find_users(named, names, inactive)
    return named


def everybody(named: Named) -> list[User]:
    """All active people whom these name, whether they may decide or not, in the order of their ids."""
    wanted = Q(pk__in=list(named.users))
    for department, roles in named.roles:
        wanted |= Q(memberships__department=department, memberships__role__in=roles)
    return list(User.objects.filter(wanted, is_active=True).distinct().order_by("pk"))


def able(
    candidates: Sequence[Candidate],
    *,
    excluded: Collection[int],
    document: Document | None,
    turn: Turn | None = None,
) -> Able:
    """Who of these candidates can decide: not excluded, in a role to, seeing the document; deputies for the absent.

    `turn`: the one in which many are opened; of those who ask the same people, it looks them up once.
    """
    people = _Known(candidates, document, turn or Turn())
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


_PEOPLE = """
WITH meant AS (
    SELECT id FROM accounts_user WHERE id = ANY(%(ids)s::bigint[])
    UNION
    SELECT m.user_id FROM json_to_recordset(%(places)s::json) AS g (department bigint, roles text[])
    JOIN accounts_membership m ON m.department_id = g.department AND m.role = ANY(g.roles)
), away AS (
    SELECT a.user_id, max(a.deputy_id) AS deputy_id FROM workflows_absence a JOIN meant ON meant.id = a.user_id
    WHERE a.first_day <= %(day)s AND a.last_day >= %(day)s GROUP BY a.user_id
), everybody AS (
    SELECT id FROM meant UNION SELECT deputy_id FROM away WHERE deputy_id IS NOT NULL
)
SELECT u.id, u.is_active, u.is_superuser, u.house_role, away.user_id IS NOT NULL, away.deputy_id,
    (SELECT array_agg(m.department_id::text || ' ' || m.role) FROM accounts_membership m
     JOIN accounts_department d ON d.id = m.department_id AND d.active WHERE m.user_id = u.id)
FROM everybody JOIN accounts_user u ON u.id = everybody.id LEFT JOIN away ON away.user_id = u.id ORDER BY u.id
"""


class _Known:
    """What has to be known of everybody whom candidates mean: one query, two where the document is restricted or
    shared."""

    def __init__(self, candidates: Sequence[Candidate], document: Document | None, turn: Turn) -> None:
        self.document = document
        self.rows = [(row.user_id, row.for_user_id) for row in candidates if row.user_id is not None]
        self.roles = [(row.department_id or 0, row.roles) for row in candidates if row.user_id is None]
        self.deputies: dict[int, int] = {}
        self.away: set[int] = set()
        self.rights: dict[int, Rights] = {}
        self._find(turn)
        everybody = set(self.rights)
        self.named = self._named_people(everybody)
        self.reached = sharing.reached(document, everybody) if document is not None else set()

    def _find(self, turn: Turn) -> None:
        """Everybody's rights, in the order of their ids; who is away, and who stands in."""
        places = [
            {"department": pk, "roles": [role for role in roles if role in deciding.DECIDING_ROLES]}
            for pk, roles in self.roles
        ]
        ids = [user_id for user_id, _ in self.rows]
        asked = {"ids": ids, "places": writing.in_json(places), "day": deciding.today()}
        found = turn.once((_PEOPLE, *ids, asked["places"]), lambda: prepared.rows(_PEOPLE, asked))
        for pk, active, superuser, house_role, away, deputy, held in found:
            departments = {int(place): role for place, _, role in (one.partition(" ") for one in held or ())}
            self.rights[pk] = _rights(pk, departments, active=active, superuser=superuser, house_role=house_role)
            if away:
                self.away.add(pk)
            if deputy is not None:
                self.deputies[pk] = deputy

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
        user.pk: _rights(
            user.pk,
            departments.get(user.pk, {}),
            active=user.is_active,
            superuser=user.is_superuser,
            house_role=user.house_role,
        )
        for user in users
    }


def _rights(pk: int, departments: dict[int, str], *, active: bool, superuser: bool, house_role: str) -> Rights:
    """Who is no longer active may nothing."""
    if not active:
        return Rights(pk, scopes=frozenset())
    administrator = superuser or house_role == HouseRole.ADMINISTRATOR
    return Rights(pk, administrator, house_role == HouseRole.AUDITOR and not administrator, departments)


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


_departments: dict[str, tuple[float, Department | None]] = {}


def _department(key: str) -> Department | None:
    """The active department of this key, as it was at most so long ago as credentials are held."""
    now = monotonic()
    if key not in _departments or _departments[key][0] <= now:
        found = Department.objects.filter(key=key, active=True).first()
        if len(_departments) >= KEPT:
            _departments.clear()
        _departments[key] = (now + settings.CREDENTIALS_HELD_SECONDS, found)
    return _departments[key][1]


def _find_departments(named: Named, places: list[tuple[str, list[str]]]) -> None:
    if not places:
        return
    found = {key: one for key in {key for key, _ in places} if (one := _department(key)) is not None}
    for key, roles in places:
        if key in found:
            named.roles.append((found[key], roles))
        else:
            named.unknown.append(f"There is no department “{key}”." if key else "An entry names no department.")


def _add(named: Named, user: User | None, inactive: bool) -> None:
    if user is None:
        return
    if user.is_active or inactive:
        named.users[user.pk] = user
    else:
        named.unknown.append(f"“{user.get_username()}” is no longer active.")


def _find_users(named: Named, names: list[str], inactive: bool) -> None:
    if not names:
        return
    found = {user.get_username(): user for user in User.objects.filter(username__in=[name for name in names if name])}
    for user in found.values():
        _add(named, user, inactive)
    for name in names:
        if name not in found:
            named.unknown.append(f"There is nobody named “{name}”." if name else "An expression names nobody.")
