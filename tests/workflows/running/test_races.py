"""What happens to one run at the same moment, with real transactions."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts import history
from accounts.models import Role
from accounts.refusals import Conflict, Refusal
from accounts.rights import rights_of
from tests.workflows.running.conftest import actions
from workflows import approvals, control, locks, proving, running, timers
from workflows.engine.talk import Done
from workflows.models import HumanTask, Instance, InstanceStatus, Timer
from workflows.starting import AlreadyRuns

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5
LOOK = """
- id: look
  kind: human
  candidates: [{department: operations, role: reviewer}]
  on_timeout: {after: 1 days, steps: [{id: late, kind: end, outcome: late}]}
"""


def together(*deeds: Callable[[], object]) -> list[object]:
    """Begun at the same moment in threads of their own; refusals are answers."""
    barrier = threading.Barrier(len(deeds))

    def act(deed: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return deed()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(act, deeds))


@pytest.fixture
def second_reviewer(person, operations):
    return person("second", role=Role.REVIEWER, of=operations)


@pytest.fixture
def run(publish, paper, clerk, reviewer, second_reviewer):
    definition = publish("look", LOOK, one_at_a_time=False)
    return lambda: running.start(definition=definition, document=paper, by=clerk, reason={"trigger": "api"})


def decide(task: HumanTask, by, outcome: str = "approved") -> Callable[[], object]:
    return lambda: approvals.complete(
        task_id=task.pk, outcome=outcome, comment="Because.", by=by, rights=rights_of(by), door="api"
    )


def test_of_two_who_decide_at_once_one_wins_and_the_other_gets_409(run, reviewer, second_reviewer):
    for _ in range(ROUNDS):
        instance = run()
        task = HumanTask.objects.get(instance=instance)
        answers = together(decide(task, reviewer), decide(task, second_reviewer, "rejected"))
        lost = [answer for answer in answers if isinstance(answer, Refusal)]
        assert [(refusal.status, refusal.code) for refusal in lost] == [(409, "already_decided")]
        instance.refresh_from_db()
        task.refresh_from_db()
        assert instance.status == InstanceStatus.FINISHED
        assert instance.state["steps"]["look"]["outcome"] == task.outcome
        assert actions(instance).count("left") == 1
        assert proving.first_break(instance) is None


def test_a_timer_against_a_decision_gives_one_outcome(run, reviewer):
    outcomes = set()
    for _ in range(ROUNDS * 2):
        instance = run()
        task = HumanTask.objects.get(instance=instance)
        late = timezone.now() + timedelta(days=2)
        together(lambda late=late: timers.sweep(now=late), decide(task, reviewer))
        timers.sweep(now=late)
        instance.refresh_from_db()
        task.refresh_from_db()
        assert instance.status == InstanceStatus.FINISHED
        decided = task.state == "completed"
        assert instance.outcome == ("done" if decided else "late")
        assert actions(instance).count("timed out") == (0 if decided else 1)
        assert proving.first_break(instance) is None
        outcomes.add(instance.outcome)
    assert outcomes <= {"done", "late"}


def test_two_sweepers_ring_a_timer_once(publish, paper, clerk):
    steps = "[{id: nap, kind: timer, wait: 1 hours}, {id: more, kind: timer, wait: 9 days}]"
    definition = publish("nap", steps, one_at_a_time=False)
    runs = [running.start(definition=definition, document=paper, by=clerk, reason={"trigger": "api"}) for _ in range(8)]
    later = timezone.now() + timedelta(hours=2)
    rung = together(*[lambda: timers.sweep(now=later)] * 3)
    rung.append(timers.sweep(now=later))
    assert sum(rung) == 8
    for instance in runs:
        assert actions(instance).count("left") == 1
    assert Timer.objects.filter(state="fired").count() == 8
    assert Timer.objects.filter(state="pending").count() == 8


def test_of_two_who_start_at_once_one_gets_409(publish, paper, clerk):
    definition = publish("alone", "[{id: nap, kind: timer, wait: 1 hours}]")

    def start() -> Instance:
        return running.start(definition=definition, document=paper, by=clerk, reason={"trigger": "api"})

    answers = together(start, start, start)
    assert [type(answer) for answer in answers if isinstance(answer, Conflict)] == [AlreadyRuns] * 2
    assert Instance.objects.count() == 1


def test_a_parent_and_its_subflows_are_moved_at_once_without_deadlock(publish, clerk, administrator):
    publish("child", "[{id: ask, kind: service, call: amount.find}]")
    steps = """
- id: each
  kind: foreach
  items: '[1, 2, 3, 4]'
  as: n
  steps: [{id: sub, kind: subflow, definition: child}]
"""
    for _ in range(ROUNDS):
        parent = running.start(definition=publish("many", steps), document=None, by=clerk, reason={"trigger": "api"})
        children = list(Instance.objects.filter(parent=parent))
        assert len(children) == 4

        def end(child: Instance) -> Callable[[], object]:
            token = int(next(iter(child.state["tokens"])))
            return lambda: running.tell(instance_id=child.pk, news=Done(token), by=None)

        def cancel(parent: Instance = parent) -> Instance:
            return control.cancel(instance_id=parent.pk, by=administrator, rights=rights_of(administrator))

        together(*[end(child) for child in children[:3]], cancel)
        for instance in Instance.objects.filter(pk__in=[parent.pk, *[child.pk for child in children]]):
            assert not instance.is_alive
            assert proving.first_break(instance) is None
            assert history.first_break("workflow", instance.pk) is None


def test_two_batches_take_the_same_runs_in_one_order(publish, clerk):
    definition = publish("nap", "[{id: nap, kind: timer, wait: 1 hours}]")
    runs = [running.start(definition=definition, document=None, by=clerk, reason={"trigger": "api"}) for _ in range(6)]
    ids = [instance.pk for instance in runs]

    def hold(order: list) -> Callable[[], object]:
        def act() -> int:
            with transaction.atomic():
                return len(locks.hold(order))

        return act

    for _ in range(ROUNDS):
        assert together(hold(ids), hold(ids[::-1]), hold(ids[3:] + ids[:3])) == [6, 6, 6]
