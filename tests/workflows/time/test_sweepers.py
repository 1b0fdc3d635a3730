"""Deadlines with real transactions: several sweepers, and people who decide at that moment."""

from datetime import timedelta

import pytest

from accounts import history
from accounts.rights import rights_of
from realtime.models import Event
from tests.workflows.running.test_races import together
from tests.workflows.time.conftest import at, sla_entries, start
from workflows import acknowledging, approvals, clock, proving, timers
from workflows.models import Acknowledgement, HumanTask, SlaClock, Timer
from workflows.seeding import calendars as seeding

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = at("2026-06-01 10:00")
LATE = MONDAY + timedelta(days=9)
REVIEW = """
- id: review
  kind: human
  candidates: [{department: operations, role: reviewer}]
  sla:
    target: 10 working hours
    ladder:
      - {after: 50 %, do: notify, to: [{department: operations, role: head}]}
      - {after: 100 %, do: reassign, to: [{department: operations, role: head}]}
      - {after: 120 %, do: raise_priority, to_priority: high}
"""
ORDER = [
    ("sla_rung", 1),
    ("sla_warning", None),
    ("sla_breached", None),
    ("sla_rung", 2),
    ("sla_rung", 3),
]


@pytest.fixture
def review(publish):
    seeding.seed(today=MONDAY.date())
    return publish("review", REVIEW, one_at_a_time=False)


def test_sweepers_side_by_side_take_each_rung_once_and_in_order(review, paper, reviewer, head):
    runs = [start(review, paper, MONDAY) for _ in range(4)]
    together(*[lambda: timers.sweep(now=LATE)] * 4)
    timers.sweep(now=LATE)  # what each left to the others
    for run in runs:
        assert [(action, after.get("rung")) for action, after in sla_entries(run)] == ORDER
        run.refresh_from_db()
        assert proving.first_break(run) is None
        assert history.first_break("workflow", run.pk) is None
    assert Event.objects.filter(type="sla.breached").count() == 4
    assert Event.objects.filter(type="task.escalated").count() == 12
    assert set(SlaClock.objects.values_list("rungs_taken", flat=True)) == {3}
    assert not Timer.objects.filter(state="pending").exists()


def test_a_decision_and_a_breach_at_one_moment_leave_one_truth(review, paper, reviewer, head):
    for _ in range(4):
        run = start(review, paper, MONDAY)
        task = HumanTask.objects.get(instance=run)

        def decide(task=task) -> None:
            with clock.at(LATE):
                approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))

        together(decide, lambda: timers.sweep(now=LATE))
        task.refresh_from_db()
        found = [action for action, _ in sla_entries(run)]
        assert (task.state, task.breached) == ("completed", True)
        assert found.count("sla_breached") == 1
        assert found in (["sla_breached"], [action for action, _ in ORDER])
        assert SlaClock.objects.get(instance=run).state == "stopped"
        assert not Timer.objects.filter(instance=run, state="pending").exists()
        run.refresh_from_db()
        assert proving.first_break(run) is None


def test_all_confirm_at_once_while_they_are_chased(publish, paper, clerk, person, operations):
    seeding.seed(today=MONDAY.date())
    steps = """
- id: read
  kind: acknowledge
  people: [{department: operations, role: clerk}]
  share: 0.5
  chase: {every: 1 hours}
"""
    people = [clerk, *(person(f"operator{number}", of=operations) for number in range(4))]
    run = start(publish("read", steps), paper, MONDAY)
    task = HumanTask.objects.get()

    def confirm(user):
        return lambda: acknowledging.acknowledge(task_id=task.pk, by=user, rights=rights_of(user))

    together(*[confirm(user) for user in people], lambda: timers.sweep(now=MONDAY + timedelta(hours=1)))
    assert not Acknowledgement.objects.filter(acknowledged_at=None).exists()
    actions = list(history.of("workflow", run.pk).values_list("action", flat=True))
    assert (actions.count("task_acknowledged"), actions.count("task_completed"), actions.count("left")) == (5, 1, 1)
    numbers = (
        history.of("workflow", run.pk).filter(action="task_acknowledged").values_list("after__confirmed", flat=True)
    )
    assert list(numbers) == [1, 2, 3, 4, 5]
    run.refresh_from_db()
    assert proving.first_break(run) is None
    assert history.first_break("workflow", run.pk) is None
