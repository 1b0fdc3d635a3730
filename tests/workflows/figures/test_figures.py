"""Figures say what the rows say, whether worked out now or kept; and to those whom they concern."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Role
from accounts.refusals import NotAllowed, NotFound
from accounts.rights import rights_of
from tests.workflows.figures.conftest import HOUR, incident, passage
from workflows import analytics, approvals, drawing, running
from workflows.analytics import refreshing, scope
from workflows.analytics.figures import Spread
from workflows.analytics.period import BadPeriod, Period
from workflows.analytics.trends import BadGrain
from workflows.models import Decision, Definition, HumanTask, StepRun
from workflows.ticks import refresh_figures


@pytest.fixture
def lived(definition: Definition, run):
    """Four ended runs of 2, 4, 6 and (cancelled) 8 hours, two alive, one of a month before any period of 30 days."""
    quick = run(definition, 50, 2, outcome="approved")
    slow = run(definition, 40, 4, outcome="approved", breached=True)
    stood = run(definition, 30, 6, outcome="rejected")
    gone = run(definition, 30, 8, status="cancelled")
    alive = run(definition, 10)
    run(definition, 5, status="incident")
    run(definition, 24 * 75, 1)
    incident(stood, resolved_at=timezone.now())
    incident(alive)
    for instance, waited in ((quick, 1.0), (slow, 3.0), (stood, 5.0), (gone, 7.0)):
        passage(instance, "read", 0, 0.5, 0.25, worked_ms=250)
        passage(instance, "review", 0.75, waited, 0.5, breached=waited > 4)
    passage(stood, "review", 6, 2.0, 1.5, round=2)
    passage(alive, "review", 0, None)
    return {"quick": quick, "slow": slow, "stood": stood, "gone": gone, "alive": alive}


def test_runs_are_counted_by_when_they_began_and_ended(lived, administrator):
    found = analytics.overview(rights_of(administrator))
    [letter] = found.definitions
    assert (letter.definition, letter.title, letter.version) == ("letter", "Letter", None)
    assert (letter.started, letter.finished, letter.cancelled, letter.alive) == (6, 3, 1, 2)
    assert (letter.succeeded, letter.failed, letter.success_rate, letter.failure_rate) == (2, 2, 0.5, 0.5)
    assert (letter.breached, letter.breach_rate) == (1, 0.25)
    assert (letter.incidents, letter.open_incidents) == (2, 1)
    assert dict(letter.outcomes) == {"approved": 2, "rejected": 1}
    assert (letter.passages, letter.reworked) == (10, 1)
    assert letter.rework == 0.1
    assert letter.throughput == pytest.approx(3 / 30)
    assert letter.duration.p50 == pytest.approx(4 * 3600)
    assert letter.duration.p95 == pytest.approx((4 + 2 * 0.9) * 3600)
    assert replace(found.total, definition="letter", title="Letter") == letter


def test_a_period_shows_what_fell_into_it_alone(lived, administrator, now):
    found = analytics.overview(rights_of(administrator), since=now - 39 * HOUR, until=now - 23 * HOUR).total
    assert (found.started, found.finished, found.cancelled) == (2, 2, 0)
    assert dict(found.outcomes) == {"approved": 1, "rejected": 1}
    assert found.alive == 2, "what is alive is of now, whatever the period"


def test_versions_are_told_apart(lived, definition, publish, run, administrator):
    second = publish("letter", "- {id: read, kind: service, call: term.find}")
    run(second, 3, 1, outcome="done")
    found = analytics.of_definition(rights_of(administrator), key="letter")
    assert [(one.version, one.started) for one in found.versions] == [(2, 1), (1, 6)]
    assert found.total.started == 7
    only = analytics.of_definition(rights_of(administrator), key="letter", version=2)
    assert (only.total.version, only.total.started, only.total.duration.p50) == (2, 1, pytest.approx(3600))
    with pytest.raises(NotFound):
        analytics.of_definition(rights_of(administrator), key="letter", version=3)
    with pytest.raises(NotFound):
        analytics.of_definition(rights_of(administrator), key="nothing")


def test_waiting_and_working_are_told_apart(lived, administrator):
    steps = {one.step: one for one in analytics.steps_of(rights_of(administrator), key="letter").steps}
    assert list(steps) == ["read", "review"], "in the order of the definition; nothing passed through the timer"
    read, review = steps["read"], steps["review"]
    assert (read.volume, read.left, read.open, read.machine) == (4, 4, 0, 1.0)
    assert (read.waiting.p50, read.working.p50) == (pytest.approx(1800), pytest.approx(900))
    assert (review.volume, review.left, review.open) == (6, 5, 1)
    assert (review.breached, review.reworked, review.rework) == (2, 1, pytest.approx(1 / 6))
    assert review.waiting.p50 == pytest.approx(3 * 3600)
    assert review.waiting.p95 == pytest.approx((5 + 2 * 0.8) * 3600)
    assert review.working.p50 == pytest.approx(1800)
    assert review.spent == pytest.approx((18 + 3.5) * 3600)
    assert read.share == pytest.approx(3 / 24.5)
    assert read.share + review.share == pytest.approx(1.0)


def test_the_slowest_step_is_named_with_the_reason(lived, administrator):
    first, second = analytics.bottlenecks(rights_of(administrator), key="letter")
    assert (first.rank, first.figures.step, second.figures.step) == (1, "review", "read")
    assert first.why == (
        "It takes 88 % of the time of all steps. Half of its passages wait longer than 3 hours until work begins."
        " 33 % miss their deadline. 1 were done over. 1 stand there now."
    )


def test_a_picture_can_be_coloured_by_them(lived, definition, administrator):
    found = analytics.heat(rights_of(administrator), version=definition.published)
    waiting, working = pytest.approx(3 * 3600), pytest.approx(1800)
    assert found["review"] == {"count": 6, "open": 1, "waiting": waiting, "working": working, "breached": 2}
    assert "2 late" in drawing.svg(definition.published.body, figures=found)


def test_a_trend_has_no_gaps(lived, administrator, now):
    found = analytics.trend(rights_of(administrator), by="day", since=now - timedelta(days=4))
    starts = [one.start for one in found.points]
    assert {later - sooner for sooner, later in itertools.pairwise(starts)} == {timedelta(days=1)}
    assert sum(one.started for one in found.points) == 6
    assert (sum(one.finished for one in found.points), sum(one.cancelled for one in found.points)) == (3, 1)
    assert sum(one.breached for one in found.points) == 1
    month = analytics.trend(rights_of(administrator), key="letter", by="month", since=now - timedelta(days=90)).points
    assert sum(one.finished for one in month) == 4
    with pytest.raises(BadGrain):
        analytics.trend(rights_of(administrator), by="hour")


def test_work_is_counted_by_person_and_department(publish, paper, reviewer, administrator):
    steps = "- {id: review, kind: human, candidates: [{department: operations, role: reviewer}], due: 1 hours}"
    definition = publish("ask", steps, one_at_a_time=False)
    for _ in range(3):
        running.start(definition=definition, document=paper, by=None, reason={})
    decided, taken, late = HumanTask.objects.order_by("pk")
    HumanTask.objects.filter(pk=decided.pk).update(opened_at=timezone.now() - 2 * HOUR)
    HumanTask.objects.filter(pk=late.pk).update(due_at=timezone.now() - HOUR)
    rights = rights_of(reviewer)
    approvals.complete(task_id=decided.pk, outcome="approved", by=reviewer, rights=rights)
    approvals.claim(task_id=taken.pk, by=reviewer, rights=rights)
    found = analytics.workload(rights_of(administrator))
    [person] = found.people
    assert (person.key, person.decided, person.open, person.overdue) == (reviewer.username, 1, 1, 0)
    assert person.median == pytest.approx(7200, abs=30)
    [department] = found.departments
    assert (department.key, department.decided, department.open, department.overdue) == ("operations", 1, 2, 1)
    assert Decision.objects.count() == 1


def test_work_begins_when_somebody_takes_it_first(publish, paper, reviewer, head):
    steps = "- {id: review, kind: human, candidates: [{department: operations, role: reviewer}]}"
    run = running.start(definition=publish("ask", steps), document=paper, by=None, reason={})
    task, passed = HumanTask.objects.get(), StepRun.objects.filter(instance=run)
    assert passed.get().begun_at is None
    approvals.claim(task_id=task.pk, by=reviewer, rights=rights_of(reviewer))
    begun = passed.get().begun_at
    assert begun == HumanTask.objects.get().claimed_at
    approvals.claim(task_id=task.pk, by=head, rights=rights_of(head), take_over=True)
    assert passed.get().begun_at == begun


def test_heads_see_their_departments_and_nobody_else_sees_any(lived, definition, run, safety, person, head, reviewer):
    run(definition, 3, 1, department=safety)
    run(definition, 3, 1, department=None)
    other = person("other_head", role=Role.HEAD, of=safety)
    assert analytics.overview(rights_of(head)).total.started == 6
    assert analytics.overview(rights_of(other)).total.started == 1
    assert analytics.overview(rights_of(other)).total.open_incidents == 0
    assert analytics.steps_of(rights_of(other), key="letter").steps == []
    assert sum(one.started for one in analytics.trend(rights_of(other)).points) == 1
    assert analytics.workload(rights_of(other)).people == []
    assert not analytics.may_look(rights_of(reviewer))
    for ask in (analytics.overview, analytics.trend, analytics.workload):
        with pytest.raises(NotAllowed):
            ask(rights_of(reviewer))
    with pytest.raises(NotAllowed):
        analytics.steps_of(rights_of(reviewer), key="letter")


def test_auditors_see_all(lived, auditor, definition, run, safety):
    run(definition, 3, 1, department=safety)
    assert analytics.overview(rights_of(auditor)).total.started == 7


def test_a_period_must_be_one(administrator, now):
    with pytest.raises(BadPeriod):
        analytics.overview(rights_of(administrator), since=now, until=now - HOUR)
    assert Period.of(now - timedelta(days=7), now).kept_as == 7
    assert Period.of(now - timedelta(days=8), now).kept_as is None
    assert Period.of(now - timedelta(days=9), now - timedelta(days=2)).kept_as is None


def test_nothing_gives_empty_figures(administrator, definition):
    found = analytics.overview(rights_of(administrator))
    assert (found.total.started, found.total.success_rate, found.definitions) == (0, None, [])
    assert found.total.duration == Spread()
    assert analytics.bottlenecks(rights_of(administrator), key="letter") == []


def test_what_is_kept_is_what_is_worked_out(lived, administrator, reviewer, operations, monkeypatch):
    rights = rights_of(administrator)
    at = timezone.now() - 3 * HOUR
    decided = HumanTask.objects.create(instance=lived["alive"], token=1, department=operations, opened_at=at)
    Decision.objects.create(task=decided, by=reviewer, outcome="approved", at=at + HOUR)
    ask = {
        "overview": lambda: analytics.overview(rights),
        "definition": lambda: analytics.of_definition(rights, key="letter", version=1),
        "steps": lambda: analytics.steps_of(rights, key="letter"),
        "version's steps": lambda: analytics.steps_of(rights, key="letter", version=1),
        "trend": lambda: analytics.trend(rights),
        "workload": lambda: analytics.workload(rights),
        "one's trend": lambda: analytics.trend(rights, key="letter", by="month"),
    }
    live = {name: question() for name, question in ask.items()}
    assert refresh_figures() == {"refreshed": True}
    monkeypatch.setattr(scope, "MANY", 0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workflows_steprun")
    Decision.objects.all().delete()
    StepRun.objects.all().delete()  # so that only what is kept can answer
    kept = {name: question() for name, question in ask.items()}
    for name, said in live.items():
        now_and_then = {"as_of": None, "since": None, "until": None}
        before, after = replace(said, **now_and_then), replace(kept[name], **now_and_then)
        assert str(_without_days(before)) == str(_without_days(after)), name


def _without_days(said):
    """Rates by day differ by the moment between the two questions."""
    if hasattr(said, "total"):
        said = replace(said, total=replace(said.total, days=30.0))
    for name in ("definitions", "versions"):
        if hasattr(said, name):
            said = replace(said, **{name: [replace(one, days=30.0) for one in getattr(said, name)]})
    return said


def test_views_are_refreshed_by_one_at_a_time(administrator, lived):
    assert refreshing.refresh()
    with connection.cursor() as cursor:
        cursor.execute("REFRESH MATERIALIZED VIEW workflows_run_figures WITH NO DATA")
    assert analytics.overview(rights_of(administrator)).total.started == 6
    assert refreshing.refresh(), "a view that was restored empty is filled"
