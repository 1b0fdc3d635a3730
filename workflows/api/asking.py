"""What lists are asked for: query parameters as conditions. Every mistake is a 400 that names the parameter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict

from accounts.models import Department, User
from accounts.rest.parameters import flag
from accounts.rights import Rights
from documents.api.fields import moment, wrong
from workflows import acknowledging, clock, inbox
from workflows.deciding import TaskQuerySet
from workflows.models import ALIVE, UNDECIDED, Definition, HumanTask, Instance, InstanceStatus, TaskKind, TaskState
from workflows.visibility import InstanceQuerySet


def tasks(asked: QueryDict, *, rights: Rights, caller: User) -> TaskQuerySet:
    """The tasks that these parameters mean, of those that the rights show."""
    kind = one_of(asked, "kind", TaskKind.values)
    found = _tasks(flag(asked, "mine"), kind, rights)
    if kind:
        found = found.filter(kind=kind)
    if states := some_of(asked, "state", TaskState.values):
        found = found.filter(state__in=states)
    if name := asked.get("assignee"):
        found = found.filter(assignee=caller) if name == "me" else found.filter(assignee__username=name)
    if flag(asked, "overdue"):
        found = found.filter(Q(breached=True) | Q(due_at__lt=clock.now()), state__in=UNDECIDED)
    if key := asked.get("definition"):
        found = found.filter(instance__definition_id__in=_ids(Definition, key))
    return found.filter(**_places(asked, ("instance", "document")))


def _tasks(mine: bool, kind: str, rights: Rights) -> TaskQuerySet:
    if mine and kind != TaskKind.ACKNOWLEDGE:
        return inbox.waiting_for(rights)
    found = inbox.with_relations(HumanTask.objects.listed_for(rights))
    return found.filter(pk__in=acknowledging.awaiting(rights).order_by().values("task")) if mine else found


def instances(asked: QueryDict, *, rights: Rights) -> InstanceQuerySet:
    """The runs that these parameters mean, of those that the rights show; without their state."""
    found = Instance.objects.listed_for(rights).select_related("document__newest").defer("state")
    if said := some_of(asked, "status", [*InstanceStatus.values, "alive"]):
        found = found.filter(status__in=[*(said - {"alive"}), *(ALIVE if "alive" in said else ())])
    if key := asked.get("definition"):
        found = found.filter(definition_id__in=_ids(Definition, key))
    same = {"outcome": "outcome", "started_by": "started_by__username"}
    found = found.filter(**{lookup: asked[name] for name, lookup in same.items() if asked.get(name)})
    if version := number(asked, "version"):
        found = found.filter(version__number=version)
    if asked.get("breached"):
        found = found.filter(breached=flag(asked, "breached"))
    if since := time(asked, "started_after"):
        found = found.filter(started_at__gte=since)
    if until := time(asked, "started_before"):
        found = found.filter(started_at__lt=until)
    return found.filter(**_places(asked, ("document", "parent")))


def by_task(said: Mapping[str, int], name: str) -> dict[UUID, int]:
    """Keys as ids. Raises Refusal for what is none."""
    try:
        return {UUID(key): value for key, value in said.items()}
    except ValueError:
        raise wrong(name, "Its keys are ids of tasks: UUIDs.") from None


def _places(asked: QueryDict, names: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {f"{name}_id": identity(asked, name) for name in names if asked.get(name)}
    if key := asked.get("department"):
        found["department_id__in"] = _ids(Department, key)
    return found


def _ids(model: type[Department | Definition], key: str) -> list[int]:
    """That of the row with this key, if there is one: a number serves the indexes, and tells the planner how many."""
    return list(model.objects.filter(key=key).values_list("pk", flat=True))


def one_of(asked: QueryDict, name: str, known: list[str]) -> str:
    value = str(asked.get(name, ""))
    if value and value not in known:
        raise wrong(name, f"Write one of {', '.join(known)}.")
    return value


def some_of(asked: QueryDict, name: str, known: list[str]) -> set[str]:
    """Several by comma, or the parameter several times."""
    found = {part.strip() for text in asked.getlist(name) for part in text.split(",") if part.strip()}
    if found - set(known):
        raise wrong(name, f"Write one or some of {', '.join(known)}.")
    return found


def number(asked: QueryDict, name: str) -> int | None:
    value = asked.get(name, "")
    if value and not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise wrong(name, "Write a whole number.")
    return int(value) if value else None


def identity(asked: QueryDict, name: str) -> UUID:
    try:
        return UUID(asked.get(name))
    except ValueError:
        raise wrong(name, "Write an id: a UUID.") from None


def time(asked: QueryDict, name: str) -> datetime | None:
    value = asked.get(name)
    return moment(value, name) if value else None
