"""A small house with workflows at work, asked through the real API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import HistoryEntry, Role, User
from accounts.rights import rights_of
from documents.models import Document
from jobs.models import Job
from tests.workflows.running.conftest import _no_bodies_from_before, paper_of, publish
from workflows import approvals, control, running, trying
from workflows.models import (
    Absence,
    Acknowledgement,
    Candidate,
    Decision,
    Definition,
    DefinitionVersion,
    Dependency,
    HumanTask,
    Instance,
    TaskComment,
    Trial,
)

__all__ = ["_no_bodies_from_before", "paper_of", "publish"]

AT = "/api/v1/workflows/"
REVIEW = "- {id: review, kind: human, candidates: [{department: operations, role: reviewer}]}"
BROKEN = "- {id: bad, kind: rule, rules: [{when: 'false', set: {}}]}"
READ = "- {id: read, kind: acknowledge, people: [{department: operations, role: clerk}], by_shift: false, due: 1 days}"
LISTEN = "- {id: listen, kind: wait_event, event: invoice.paid}"
TEXT = f"key: way\ntitle: Way\nsteps:\n  {REVIEW}\n"


@dataclass
class House:
    """`way` runs on the paper and waits at `task`; `broken` stands at an incident, `paused` is paused, and `awaits`."""

    paper: Document
    way: Instance
    task: HumanTask
    taken: HumanTask
    broken: Instance
    paused: Instance
    to_read: HumanTask
    listens: Instance
    colleague: User
    awaits: int
    tried: UUID


@pytest.fixture
def colleague(person, operations) -> User:
    """A second reviewer of operations, who sent the paper and has taken one task."""
    return person("colleague", role=Role.REVIEWER, of=operations)


@pytest.fixture
def house(publish, colleague, operations, head, reviewer, clerk, api_source, administrator) -> House:
    paper = paper_of(operations, colleague, api_source)
    head_rights = rights_of(head)

    def begin(key: str, steps: str) -> Instance:
        definition = publish(key, steps, one_at_a_time=False)
        return running.start(definition=definition, document=paper, by=None, reason={"trigger": "manual"})

    def task_of(run: Instance) -> HumanTask:
        return HumanTask.objects.get(instance=run, state="open")

    way = begin("way", REVIEW)
    taken = task_of(running.start(definition=way.definition, document=paper, by=None, reason={}))
    approvals.claim(task_id=taken.pk, by=colleague, rights=rights_of(colleague))
    paused = running.start(definition=way.definition, document=paper, by=None, reason={})
    control.pause(instance_id=paused.pk, by=head, rights=head_rights)
    publish("free", REVIEW, one_at_a_time=False)
    Definition.objects.filter(key="way").update(draft=TEXT)
    listens = begin("listening", LISTEN)
    control.wait_for(instance_id=paused.pk, kind="workflow", other=listens.pk, by=head, rights=head_rights)
    return House(
        paper=paper,
        way=way,
        task=task_of(way),
        taken=taken,
        broken=begin("broken", BROKEN),
        paused=paused,
        to_read=task_of(begin("to-read", READ)),
        listens=listens,
        colleague=colleague,
        awaits=paused.dependencies.get().pk,
        tried=trying.begin(key="way", source=TEXT, last=600, by=administrator).pk,
    )


def everything() -> dict[str, Any]:
    """What a refused call must leave as it was."""
    columns: dict[Any, tuple[str, ...]] = {
        Instance: ("pk", "status", "sequence", "version_id"),
        HumanTask: ("pk", "state", "assignee_id", "outcome"),
        Definition: ("pk", "draft", "active", "published_id"),
        Absence: ("pk", "first_day", "deputy_id"),
        Acknowledgement: ("pk", "acknowledged_at"),
    }
    found: dict[str, Any] = {
        model.__name__: sorted(model.objects.values_list(*names), key=str) for model, names in columns.items()
    }
    for model in (Dependency, Trial, Decision, Candidate, TaskComment, DefinitionVersion, HistoryEntry, Job):
        found[model.__name__] = model.objects.count()
    return found


def get(path: str) -> Callable[[APIClient, House], Any]:
    return lambda client, house: client.get(AT + path.format(h=house))


def post(path: str, body: Any = None) -> Callable[[APIClient, House], Any]:
    return lambda client, house: client.post(AT + path.format(h=house), _filled(body or {}, house), format="json")


def delete(path: str) -> Callable[[APIClient, House], Any]:
    return lambda client, house: client.delete(AT + path.format(h=house))


def _filled(body: Any, house: House) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, house) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, house) for value in body]
    return body.format(h=house) if isinstance(body, str) and body.startswith("{h.") else body


def day(number: int) -> str:
    return f"{timezone.localdate().year + 1}-03-{number:02}"
