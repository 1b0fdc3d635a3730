"""A house with everybody who may stand before a task, and runs that wait at one."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Department, Membership, Role, User
from accounts.rights import Rights, rights_of
from documents.models import Document, Version
from tests.workflows.running.conftest import _no_bodies_from_before, paper, paper_of, publish
from workflows import deciding, running
from workflows.models import Absence, HumanTask, Instance
from workflows.tasks import standing

__all__ = ["_no_bodies_from_before", "paper", "paper_of", "publish"]

ASK = """
- id: review
  kind: human
  title: Review
  question: Is it right?
  candidates: [{department: operations, role: reviewer}]
"""


@pytest.fixture
def ask(publish, paper) -> Callable[..., HumanTask]:
    """`ask("quorum: 2", by=clerk)`: a run on the paper (or `on`) that stands at a human step with these lines more."""

    def begin(*lines: str, steps: str = ASK, by: User | None = None, on: Document | None = paper, key="k", **more):
        text = steps + "".join(f"  {line}\n" for line in lines)
        definition = publish(key, text, one_at_a_time=False, **more)
        run = running.start(definition=definition, document=on, by=by, reason={"trigger": "manual"})
        task = HumanTask.objects.filter(instance=run, state="open").first()
        assert task is not None, Instance.objects.get(pk=run.pk).state
        return task

    return begin


@pytest.fixture
def colleague(person, operations) -> User:
    """A second reviewer of operations."""
    return person("colleague", role=Role.REVIEWER, of=operations)


def fresh(task: HumanTask) -> HumanTask:
    return HumanTask.objects.get(pk=task.pk)


def run_of(task: HumanTask) -> Instance:
    return Instance.objects.get(pk=task.instance_id)


def away(user: User, deputy: User | None = None, *, days: int = 0) -> Absence:
    """Today, and so many days more."""
    day = deciding.today()
    return Absence.objects.create(user=user, deputy=deputy, first_day=day, last_day=day + timedelta(days=days))


def new_version(document: Document, by: User) -> Version:
    """New bytes are there; nothing is told of them yet."""
    old = document.newest
    assert old is not None
    version = Version.objects.create(
        document=document,
        number=old.number + 1,
        blob=old.blob,
        original_filename="b.pdf",
        content_type="application/pdf",
        file_size=3,
        uploaded_by=by,
        uploaded_at=timezone.now(),
        status="processed",
        page_count=1,
    )
    Document.objects.filter(pk=document.pk).update(newest=version)
    return version


def decides(task: HumanTask, user: User, rights: Rights | None = None) -> bool:
    """What the SQL says; the rule in Python must say the same."""
    rights = rights or rights_of(user)
    by_sql = deciding.may_decide(task, rights)
    seen = HumanTask.objects.visible_to(rights).filter(pk=task.pk).exists()
    by_rule = seen and task.is_undecided and standing.of(task, rights).decides
    assert by_sql == by_rule, (user, by_sql, by_rule)
    return by_sql


def join(user: User, department: Department, role: str) -> None:
    Membership.objects.create(user=user, department=department, role=role)


def texts(news: Sequence[Any]) -> list[str]:
    return [one.text for one in news]
