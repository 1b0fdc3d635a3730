"""Deadlines of runs, steps and tasks, with the clock played forward."""

from datetime import date, timedelta

import pytest

from accounts import history
from accounts.models import Membership
from accounts.rights import rights_of
from jobs.models import Job, Priority
from realtime.models import Event, Notice
from tests.workflows.time.conftest import at, sla_entries, start
from workflows import approvals, calendars, clock, control, timers
from workflows.models import Holiday, HumanTask, Incident, SlaClock, StepRun, Timer, WorkCalendar
from workflows.sla import clocks, reckoning

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kerala")]

MONDAY = at("2026-06-01 10:00")
REVIEW = """
- id: review
  kind: human
  title: Review
  candidates: [{department: operations, role: reviewer}]
  sla:
    target: 10 working hours
    warn_at: 0.5
    ladder:
      - {after: 50 %, do: notify, to: [{head_of: {expr: document.department}}]}
      - {after: 100 %, do: reassign, to: [{department: safety, role: head}]}
      - {after: 120 %, do: raise_priority, to_priority: high}
"""


@pytest.fixture
def review(publish):
    return publish("review", REVIEW)


@pytest.fixture
def safety_head(person, safety, operations):
    user = person("safetyhead", role="head", of=safety)
    Membership.objects.create(user=user, department=operations, role="clerk")  # so that he sees the paper
    return user


def told(kind: str) -> list[dict]:
    return list(Event.objects.filter(type=kind).order_by("id").values_list("data", flat=True))


def test_a_task_shows_when_it_is_due(review, paper, reviewer):
    run = start(review, paper, MONDAY)
    found = SlaClock.objects.get()
    assert (found.target_seconds, found.due_at, found.calendar.key) == (36_000, at("2026-06-02 13:00"), "office")
    task = HumanTask.objects.get()
    assert task.due_at == at("2026-06-02 13:00")
    assert found.task == task
    assert told("task.assigned")[0]["due_at"] == "2026-06-02T07:30:00+00:00"
    timer = Timer.objects.get(state="pending")
    assert (timer.kind, timer.due_at) == ("sla", at("2026-06-01 15:00"))
    run.refresh_from_db()
    assert run.due_at is None  # the run has no deadline of its own


def test_each_thing_happens_at_its_time_and_once(review, paper, reviewer, head, safety_head):
    run = start(review, paper, MONDAY)
    assert timers.sweep(now=at("2026-06-01 14:59")) == 0
    assert sla_entries(run) == []
    timers.sweep(now=at("2026-06-01 15:00"))
    assert [(action, after["late_seconds"]) for action, after in sla_entries(run)] == [
        ("sla_warning", 0),
        ("sla_rung", 0),
    ]
    assert timers.sweep(now=at("2026-06-02 12:59")) == 0
    timers.sweep(now=at("2026-06-02 13:00:07"))
    task = HumanTask.objects.get()
    assert (task.warned, task.breached, task.rung, task.priority) == (True, True, 2, Priority.NORMAL)
    timers.sweep(now=at("2026-06-03 15:00"))
    actions = [(action, after.get("rung"), after["late_seconds"]) for action, after in sla_entries(run)]
    assert actions == [
        ("sla_warning", None, 0),
        ("sla_rung", 1, 0),
        ("sla_breached", None, 7),
        ("sla_rung", 2, 7),
        ("sla_rung", 3, 24 * 3600),
    ]
    assert not Timer.objects.filter(state="pending").exists()
    assert timers.sweep(now=at("2027-06-03 15:00")) == 0
    assert history.first_break("workflow", run.pk) is None


def test_who_is_late_to_sweep_does_all_of_it_once_in_order(review, paper, reviewer, head, safety_head):
    run = start(review, paper, MONDAY)
    timers.sweep(now=at("2026-06-10 10:00"))
    found = sla_entries(run)
    assert [(action, after.get("rung"), after["due_at"][:16]) for action, after in found] == [
        ("sla_warning", None, "2026-06-01T09:30"),
        ("sla_rung", 1, "2026-06-01T09:30"),
        ("sla_breached", None, "2026-06-02T07:30"),
        ("sla_rung", 2, "2026-06-02T07:30"),
        ("sla_rung", 3, "2026-06-02T09:30"),
    ]
    late = [after["late_seconds"] for _, after in found]
    assert late == sorted(late, reverse=True) and late[-1] > 7 * 86_400
    assert len(told("sla.warning")) == len(told("sla.breached")) == 1
    assert [one["rung"] for one in told("task.escalated")] == [1, 2, 3]
    assert [one["action"] for one in told("task.escalated")] == ["notify", "reassign", "raise_priority"]
    assert StepRun.objects.get().breached
    run.refresh_from_db()
    assert (run.breached, run.priority) == (False, Priority.HIGH)
    task = HumanTask.objects.get()
    assert (task.rung, task.priority, task.breached, task.warned) == (3, Priority.HIGH, True, True)
    assert set(task.candidates.values_list("department__key", "origin")) == {
        ("operations", "definition"),
        ("safety", "escalated"),
    }


def test_people_are_notified(review, paper, reviewer, head, safety_head):
    start(review, paper, MONDAY)
    timers.sweep(now=at("2026-06-10 10:00"))
    kinds = set(Notice.objects.values_list("kind", "user__username"))
    assert {("sla.warning", "reviewer"), ("task.escalated", "head"), ("sla.breached", "head")} <= kinds
    assert ("task.assigned", "safetyhead") in kinds
    assert ("sla.warning", "safetyhead") not in kinds


def test_a_decided_task_climbs_no_further(review, paper, reviewer):
    run = start(review, paper, MONDAY)
    timers.sweep(now=at("2026-06-01 15:00"))
    with clock.at(at("2026-06-01 16:00")):
        approvals.complete(
            task_id=HumanTask.objects.get().pk, outcome="approved", by=reviewer, rights=rights_of(reviewer)
        )
    assert timers.sweep(now=at("2026-06-20 10:00")) == 0
    assert [action for action, _ in sla_entries(run)] == ["sla_warning", "sla_rung"]
    found = SlaClock.objects.get()
    assert (found.state, found.spent_seconds, found.breached_at) == ("stopped", 6 * 3600, None)


def test_a_taken_task_reminds_only_who_has_it(review, paper, reviewer, head, person, operations):
    person("second", role="reviewer", of=operations)
    start(review, paper, MONDAY)
    approvals.claim(task_id=HumanTask.objects.get().pk, by=reviewer, rights=rights_of(reviewer))
    timers.sweep(now=at("2026-06-01 15:00"))
    assert set(Notice.objects.filter(kind="sla.warning").values_list("user__username", flat=True)) == {"reviewer"}


RUN_SLA = {"target": "2 working days", "warn_at": 0.75, "pause_while": ["rework"]}
TWO = """
- id: first
  kind: human
  candidates: [{department: operations, role: reviewer}]
- id: rework
  kind: human
  candidates: [{department: operations, role: reviewer}]
  bound_to_version: false
- id: last
  kind: human
  candidates: [{department: operations, role: reviewer}]
"""


def decide(user, when) -> None:
    task = HumanTask.objects.get(state__in=["open", "claimed"])
    with clock.at(when):
        approvals.complete(task_id=task.pk, outcome="approved", by=user, rights=rights_of(user))


def test_a_run_stands_still_while_it_waits_elsewhere(publish, paper, reviewer, person, operations):
    run = start(publish("two", TWO, sla=RUN_SLA), paper, MONDAY)
    run.refresh_from_db()
    assert run.due_at == at("2026-06-03 10:00")  # fourteen working hours
    decide(reviewer, at("2026-06-01 14:00"))  # four are spent
    found = SlaClock.objects.get()
    assert (found.state, found.spent_seconds, found.due_at) == ("paused", 4 * 3600, None)
    assert "rework" in found.pause_reason
    run.refresh_from_db()
    assert run.due_at is None
    assert not Timer.objects.filter(kind="sla", state="pending").exists()
    assert timers.sweep(now=at("2026-07-01 10:00")) == 0
    decide(reviewer, at("2026-06-10 16:00"))  # ten are left: one today, seven tomorrow, two on Friday
    found.refresh_from_db()
    run.refresh_from_db()
    assert (found.state, found.due_at, run.due_at) == ("running", at("2026-06-12 12:00"), at("2026-06-12 12:00"))
    timers.sweep(now=at("2026-06-11 15:29:59"))
    assert [action for action, _ in sla_entries(run)] == ["sla_paused", "sla_resumed"]
    timers.sweep(now=at("2026-06-11 15:30"))  # three quarters: 10.5 hours
    timers.sweep(now=at("2026-06-12 12:00"))
    run.refresh_from_db()
    assert [action for action, _ in sla_entries(run)] == ["sla_paused", "sla_resumed", "sla_warning", "sla_breached"]
    assert run.breached
    assert not HumanTask.objects.filter(breached=True).exists()
    decide(reviewer, at("2026-06-12 13:00"))
    found.refresh_from_db()
    assert (found.state, found.spent_seconds) == ("stopped", 15 * 3600)


def test_pausing_and_going_on_keeps_what_is_spent(review, paper, reviewer):
    run = start(review, paper, MONDAY)
    spent = 0
    now = MONDAY
    for worked, away in ((1, 3), (2, 30), (0, 1), (4, 100)):
        found = SlaClock.objects.select_related("calendar").get()
        now += timedelta(hours=worked)
        spent = clocks.shown(found, now)
        with clock.at(now):
            assert clocks.pause(instance=run, reason="Somebody paused it.") == 1
            assert clocks.pause(instance=run) == 0
        found.refresh_from_db()
        assert (found.spent_seconds, found.pause_reason) == (spent, "Somebody paused it.")
        now += timedelta(hours=away)
        with clock.at(now):
            assert clocks.resume(instance=run) == 1
            assert clocks.resume(instance=run) == 0
        found.refresh_from_db()
        assert clocks.shown(found, now) == spent
    assert spent < 36_000
    found = SlaClock.objects.select_related("calendar").get()
    assert found.paused_seconds == (3 + 30 + 1 + 100) * 3600
    assert clocks.shown(found, found.due_at) == 36_000
    assert HumanTask.objects.get().due_at == found.due_at


def test_an_earlier_due_date_of_the_task_stays(publish, paper, reviewer):
    start(publish("review", REVIEW.replace("  sla:", "  due: 2 working hours\n  sla:")), paper, MONDAY)
    assert HumanTask.objects.get().due_at == at("2026-06-01 12:00")


DUE = """
- id: review
  kind: human
  candidates: [{department: operations, role: reviewer}]
  due: 2 working hours
"""


def test_a_due_date_alone_is_watched_too(publish, paper, reviewer):
    run = start(publish("due", DUE), paper, MONDAY)
    timers.sweep(now=at("2026-06-01 11:59"))
    assert not HumanTask.objects.get().breached
    timers.sweep(now=at("2026-06-01 12:30"))
    task = HumanTask.objects.get()
    assert task.breached
    assert [(action, after["late_seconds"]) for action, after in sla_entries(run)] == [("sla_breached", 1800)]
    assert told("sla.breached")[0]["task"] == str(task.pk)


WALL = """
- id: take
  kind: human
  candidates: [{department: operations, role: reviewer}]
  sla:
    target: 10 minutes
    ladder:
      - {after: 5 minutes, do: notify, to: [{user: head}]}
      - {after: 2 working hours, do: notify, to: [{user: head}]}
"""


def test_minutes_of_the_wall_clock_run_at_night(publish, paper, reviewer, head):
    run = start(publish("take", WALL), paper, at("2026-06-06 23:00"))
    assert SlaClock.objects.get().calendar is None
    timers.sweep(now=at("2026-06-06 23:10"))
    assert [action for action, _ in sla_entries(run)] == ["sla_rung", "sla_warning", "sla_breached"]
    timers.sweep(now=at("2026-06-08 12:00"))
    assert sla_entries(run)[-1][1]["rung"] == 2
    assert sla_entries(run)[-1][1]["late_seconds"] == 0


PATH = """
- id: review
  kind: human
  candidates: [{department: operations, role: reviewer}]
  sla:
    target: 1 working hours
    ladder:
      - {after: 50 %, do: notify, to: [{head_of: {expr: vars.nobody}}]}
      - {after: 150 %, do: path, steps: [{id: ask, kind: human, candidates: [{department: operations, role: head}]}]}
"""


def test_another_path_begins_beside(publish, paper, reviewer, head):
    run = start(publish("path", PATH, variables={"nobody": {"type": "string"}}), paper, MONDAY)
    timers.sweep(now=at("2026-06-01 12:00"))
    assert set(HumanTask.objects.filter(state="open").values_list("step", flat=True)) == {"review", "ask"}
    assert [after.get("rung") for _, after in sla_entries(run)] == [1, None, None, 2]
    assert sla_entries(run)[0][1]["unknown"] == ["An entry names no department."]


BROKEN = """
- id: review
  kind: human
  candidates: [{department: operations, role: reviewer}]
  sla:
    target: 1 working hours
    ladder:
      - {after: 50 %, do: notify, to: [{user: {expr: "vars.list[7]"}}]}
      - {after: 60 %, do: raise_priority, to_priority: high}
"""


def test_a_rung_that_breaks_is_told_and_the_ladder_goes_on(publish, paper, reviewer, administrator):
    run = start(publish("broken", BROKEN, variables={"list": {"type": "list", "default": []}}), paper, MONDAY)
    timers.sweep(now=at("2026-06-01 12:00"))
    actions = [action for action, _ in sla_entries(run)]
    assert actions == ["sla_rung_failed", "sla_rung", "sla_warning", "sla_breached"]
    assert Notice.objects.filter(kind="sla.stuck", user=administrator).count() == 1
    run.refresh_from_db()
    assert run.priority == Priority.HIGH


def test_queued_work_of_the_run_is_raised_too(publish, paper):
    steps = "- {id: find, kind: service, call: text.find, with: {words: [a]}}"
    ladder = [{"after": "50 %", "do": "raise_priority", "to_priority": "emergency"}]
    run = start(publish("work", steps, sla={"target": "1 hours", "ladder": ladder}), paper, MONDAY)
    timers.sweep(now=MONDAY + timedelta(minutes=30))
    assert Job.objects.get(kind="workflow.service").priority == Priority.EMERGENCY
    raised = history.of("workflow", run.pk).get(action="priority_raised")
    assert (raised.before, raised.after["priority"], raised.after["jobs"]) == ({"priority": "normal"}, "emergency", 1)


def test_a_calendar_that_is_gone_stops_the_step_at_an_incident(publish, paper, reviewer):
    start(publish("gone", REVIEW.replace("warn_at: 0.5", "calendar: nowhere")), paper, MONDAY)
    assert Incident.objects.get().code == "not_found"
    assert not SlaClock.objects.exists()


def test_a_late_decision_is_marked_though_nobody_swept(review, paper, reviewer):
    run = start(review, paper, MONDAY)
    decide(reviewer, at("2026-06-02 13:30"))
    task, step = HumanTask.objects.get(), StepRun.objects.get()
    assert (task.state, task.breached, step.breached) == ("completed", True, True)
    assert [(action, after["late_seconds"]) for action, after in sla_entries(run)] == [("sla_breached", 1800)]
    assert SlaClock.objects.get().breached_at == at("2026-06-02 13:30")
    assert timers.sweep(now=at("2026-06-20 10:00")) == 0


def test_a_late_decision_on_a_due_date_alone_is_marked_too(publish, paper, reviewer):
    run = start(publish("due", DUE), paper, MONDAY)
    decide(reviewer, at("2026-06-01 12:00:01"))
    assert HumanTask.objects.get().breached
    assert [action for action, _ in sla_entries(run)] == ["sla_breached"]


def test_a_decision_in_time_is_not(publish, paper, reviewer):
    run = start(publish("due", DUE), paper, MONDAY)
    decide(reviewer, at("2026-06-01 12:00"))
    assert not HumanTask.objects.get().breached
    assert sla_entries(run) == []
    assert not Timer.objects.filter(state="pending").exists()


def test_somebody_pauses_the_run_and_lets_it_go_on(review, paper, reviewer, head):
    run = start(review, paper, MONDAY)
    with clock.at(at("2026-06-01 14:00")):
        control.pause(instance_id=run.pk, by=head, rights=rights_of(head), why="The author is ill.")
    assert timers.sweep(now=at("2026-06-08 10:00")) == 0
    assert HumanTask.objects.get().due_at is None
    with clock.at(at("2026-06-08 10:00")):
        control.resume(instance_id=run.pk, by=head, rights=rights_of(head))
    assert HumanTask.objects.get().due_at == at("2026-06-08 16:00")  # six of ten hours were left
    timers.sweep(now=at("2026-06-08 10:59"))
    assert [action for action, _ in sla_entries(run)] == ["sla_paused", "sla_resumed"]
    timers.sweep(now=at("2026-06-08 11:00"))
    assert [action for action, _ in sla_entries(run)][2:] == ["sla_warning", "sla_rung"]


@pytest.mark.parametrize(
    ("due", "again", "left"),
    [("2 working hours", "2026-06-08 17:00", 3600), ("3 hours", "2026-06-08 18:00", 2 * 3600)],
)
def test_a_due_date_without_a_clock_stands_still_too(publish, paper, head, due, again, left):
    run = start(publish("due", DUE.replace("2 working hours", due)), paper, MONDAY)
    with clock.at(at("2026-06-01 11:00")):
        control.pause(instance_id=run.pk, by=head, rights=rights_of(head))
    assert (timers.sweep(now=at("2026-06-08 10:00")), HumanTask.objects.get().due_at) == (0, None)
    with clock.at(at("2026-06-08 16:00")):
        control.resume(instance_id=run.pk, by=head, rights=rights_of(head))
    assert HumanTask.objects.get().due_at == at(again)
    said = dict(sla_entries(run))
    assert list(said) == ["sla_paused", "sla_resumed"] and said["sla_paused"]["left_seconds"] == left
    timers.sweep(now=at(again) - timedelta(seconds=1))
    assert not HumanTask.objects.get().breached
    timers.sweep(now=at(again))
    assert HumanTask.objects.get().breached


def test_what_was_late_before_is_late_and_paused_twice_nothing_is_lost(publish, paper, head):
    late, twice = start(publish("due", DUE), paper, MONDAY), start(publish("again", DUE), paper, MONDAY)
    for pause, resume in (("2026-06-01 10:30", "2026-06-01 20:00"), ("2026-06-01 20:30", "2026-06-02 09:00")):
        with clock.at(at(pause)):
            control.pause(instance_id=twice.pk, by=head, rights=rights_of(head))
        with clock.at(at(resume)):
            control.resume(instance_id=twice.pk, by=head, rights=rights_of(head))
    with clock.at(at("2026-06-02 10:00")):
        control.pause(instance_id=late.pk, by=head, rights=rights_of(head))
    timers.sweep(now=at("2026-06-02 10:00"))
    assert HumanTask.objects.get(instance=late).breached
    other = HumanTask.objects.get(instance=twice)
    assert (other.breached, other.due_at) == (False, at("2026-06-02 11:30"))
    assert Timer.objects.filter(instance=twice).count() == 3


def test_a_holiday_that_is_declared_moves_what_is_due(review, publish, paper, reviewer, administrator):
    run = start(review, paper, MONDAY)
    other = start(publish("take", WALL), paper, MONDAY)
    office = WorkCalendar.objects.get(key="office")
    timers.sweep(now=at("2026-06-01 15:00"))
    Holiday.objects.create(calendar=office, day=date(2026, 6, 2), name="Declared")
    with clock.at(at("2026-06-01 16:00")):
        assert reckoning.reckon(office, by=administrator) == 1
        assert reckoning.reckon(office, by=administrator) == 0
    assert SlaClock.objects.get(instance=run).due_at == at("2026-06-03 13:00")
    assert HumanTask.objects.get(instance=run).due_at == at("2026-06-03 13:00")
    assert timers.sweep(now=at("2026-06-02 13:00")) == 0
    assert [action for action, _ in sla_entries(run)] == ["sla_warning", "sla_rung", "sla_moved"]
    timers.sweep(now=at("2026-06-03 13:00"))
    assert ("sla_breached", 0) in [(action, after.get("late_seconds")) for action, after in sla_entries(run)]
    assert SlaClock.objects.get(instance=other).breached_at is not None
    moved = history.of("workflow", run.pk).get(action="sla_moved")
    assert moved.actor == administrator


def test_a_holiday_taken_back_may_make_something_late_at_once(review, paper, reviewer):
    office = WorkCalendar.objects.get(key="office")
    declared = Holiday.objects.create(calendar=office, day=date(2026, 6, 2), name="Declared")
    calendars.forget()
    run = start(review, paper, MONDAY)
    assert HumanTask.objects.get().due_at == at("2026-06-03 13:00")
    declared.delete()
    reckoning.reckon(office, by=None)
    assert HumanTask.objects.get().due_at == at("2026-06-02 13:00")
    timers.sweep(now=at("2026-06-02 14:00"))
    assert ("sla_breached", 3600) in [(action, after.get("late_seconds")) for action, after in sla_entries(run)]
