"""Dependencies that a run which is there is given, and rid of: what it does, who may, and what is written down."""

import threading
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts import history
from accounts.models import HistoryEntry
from accounts.refusals import IllegalMove, NotAllowed, NotFound
from accounts.rights import rights_of
from realtime.models import Event
from tests.workflows.running.conftest import actions, folded, paper_of
from tests.workflows.running.test_races import together
from tests.workflows.running.test_together import answer, start, work_off
from workflows import approvals, control, dependencies, happenings, proving, running
from workflows.circles import WaitsForItself
from workflows.engine.talk import Failed
from workflows.models import Dependency, HumanTask, Instance, InstanceStatus, KeptNews, SlaClock

pytestmark = pytest.mark.django_db

WORK = "- {id: one, kind: service, call: text.find, with: {words: [a]}}"
MORE = f"{WORK}\n- {{id: two, kind: timer, wait: 1 days}}"
ASK = """
- id: look
  kind: human
  candidates: [{department: operations, role: reviewer}]
- {id: two, kind: timer, wait: 1 days}
"""


@pytest.fixture
def first(publish, paper, clerk) -> Instance:
    return start(publish("first", WORK), paper, clerk)


@pytest.fixture
def second(publish, paper, clerk) -> Instance:
    return start(publish("second", MORE), paper, clerk)


def wait(run: Instance, other: Instance, by, **more) -> Dependency:
    control.wait_for(instance_id=run.pk, kind="workflow", other=other.pk, by=by, rights=rights_of(by), **more)
    return Dependency.objects.get(instance=run, key=str(other.pk))


def stop(run: Instance, dependency: Dependency, by) -> Instance:
    return control.stop_waiting(instance_id=run.pk, dependency=dependency.pk, by=by, rights=rights_of(by))


def steps_of(run: Instance) -> list[str]:
    run.refresh_from_db()
    return [token["step"] for token in run.state["tokens"].values()]


def holds(run: Instance) -> None:
    """Its chain holds, and its rows are what its history gives."""
    run.refresh_from_db()
    assert history.first_break("workflow", run.pk) is None
    assert proving.first_break(run) is None
    assert folded(run) == run.state


def test_no_new_step_of_a_run_at_work_begins_until_the_other_has_ended(first, second, head):
    wait(second, first, head, why="The order comes first.")
    answer(second)
    assert steps_of(second) == ["one"], "its job is done, and that is kept"
    assert KeptNews.objects.get().kind == "Done"
    answer(first)
    work_off("workflow.came")
    assert steps_of(second) == ["two"]
    assert not KeptNews.objects.exists()
    said = history.of("workflow", second.pk).get(action="dependency added")
    assert (said.actor, said.note, said.after["key"]) == (head, "The order comes first.", str(first.pk))
    assert actions(second)[-4:] == ["dependency added", "dependency met", "left", "entered"]
    holds(second)


def test_what_came_later_does_not_overtake_what_was_kept(publish, first, paper, clerk, head):
    both = (
        "- {id: par, kind: parallel, branches: [{steps: [{id: a, kind: service, call: text.find, with: {words: [a]}}]}"
    )
    both += ", {steps: [{id: b, kind: service, call: text.find, with: {words: [a]}}]}]}"
    run = start(publish("both", both), paper, clerk)
    wait(run, first, head)
    tokens = {token["step"]: int(number) for number, token in run.state["tokens"].items()}
    running.tell(instance_id=run.pk, news=Failed(tokens["a"], code="x", detail="First."), by=None)
    answer(first)  # all has happened, and nobody has told the run yet
    running.tell(instance_id=run.pk, news=Failed(tokens["b"], code="x", detail="Second."), by=None)
    assert KeptNews.objects.count() == 2
    work_off("workflow.came")
    told = history.of("workflow", run.pk).filter(action="incident").order_by("sequence")
    assert [entry.after["detail"] for entry in told] == ["First.", "Second."]
    holds(run)


def test_it_goes_on_when_the_last_one_is_taken_away(publish, first, second, head, paper, clerk):
    third = start(publish("third", MORE), paper, clerk)
    one, other = wait(second, first, head), wait(second, third, head)
    answer(second)
    stop(second, one, head)
    assert steps_of(second) == ["one"]
    stop(second, other, head)
    assert steps_of(second) == ["two"]
    assert not Dependency.objects.exists()
    assert actions(second).count("dependency removed") == 2
    holds(second)
    answer(first)
    assert work_off("workflow.came") == 0, "nobody waits any more"


def test_open_tasks_are_decided_and_the_decision_waits(publish, first, paper, clerk, head, reviewer):
    run = start(publish("ask", ASK), paper, clerk)
    wait(run, first, head)
    task = HumanTask.objects.get(instance=run)
    approvals.complete(
        task_id=task.pk, outcome="approved", comment="", by=reviewer, rights=rights_of(reviewer), door="api"
    )
    task.refresh_from_db()
    assert (task.state, steps_of(run)) == ("completed", ["look"])
    answer(first)
    work_off("workflow.came")
    assert steps_of(run) == ["two"]
    assert run.state["steps"]["look"]["by"] == ["reviewer"]
    holds(run)


def test_deadlines_go_on_as_for_dependencies_given_at_the_start(publish, first, paper, clerk, head):
    definition = publish("timed", MORE, sla={"target": "2 days"}, one_at_a_time=False)
    late = start(definition, paper, clerk)
    early = start(definition, paper, clerk, after=[("workflow", first.pk)])
    due = SlaClock.objects.get(instance=late).due_at
    wait(late, first, head)
    clocks = {clock.instance_id: clock for clock in SlaClock.objects.all()}
    assert clocks[late.pk].state == clocks[early.pk].state == "running"
    assert clocks[late.pk].due_at == due


def test_a_run_that_has_not_begun_waits_for_one_more(publish, first, paper, clerk, head):
    third = start(publish("third", WORK), paper, clerk)
    run = start(publish("later", MORE), paper, clerk, after=[("workflow", first.pk)])
    wait(run, third, head)
    for other, begun in ((first, False), (third, True)):
        answer(other)
        work_off("workflow.came")
        run.refresh_from_db()
        assert bool(run.state) == begun
    assert actions(run).count("dependency met") == 2
    holds(run)


def test_a_paused_run_waits_too_and_hears_nothing_before_both_are_over(first, second, head):
    control.pause(instance_id=second.pk, by=head, rights=rights_of(head))
    dependency = wait(second, first, head)
    answer(second)
    control.resume(instance_id=second.pk, by=head, rights=rights_of(head))
    assert steps_of(second) == ["one"]
    control.pause(instance_id=second.pk, by=head, rights=rights_of(head))
    stop(second, dependency, head)
    assert steps_of(second) == ["one"]
    control.resume(instance_id=second.pk, by=head, rights=rights_of(head))
    assert steps_of(second) == ["two"]
    holds(second)


def test_what_failed_is_not_tried_again_while_it_waits(first, second, head):
    token = int(next(iter(second.state["tokens"])))
    running.tell(instance_id=second.pk, news=Failed(token, code="timeout", detail="Slow."), by=None)
    wait(second, first, head)
    before = actions(second)
    with pytest.raises(IllegalMove):
        control.retry(instance_id=second.pk, by=head, rights=rights_of(head))
    assert actions(second) == before


def test_a_run_that_waits_is_cancelled_all_the_same(first, second, head):
    wait(second, first, head)
    answer(second)
    control.cancel(instance_id=second.pk, by=head, rights=rights_of(head))
    second.refresh_from_db()
    assert (second.status, KeptNews.objects.count()) == (InstanceStatus.CANCELLED, 0)
    answer(first)
    work_off("workflow.came")
    holds(second)


def test_it_waits_until_a_document_is_read(second, operations, clerk, api_source, head):
    scan = paper_of(operations, clerk, api_source, "Scan")
    type(scan).objects.filter(pk=scan.pk).update(status="processing")
    control.wait_for(instance_id=second.pk, kind="document", other=scan.pk, by=head, rights=rights_of(head))
    answer(second)
    assert steps_of(second) == ["one"]
    happenings.happen(event="document.processed", key=str(scan.pk), data={})
    work_off("workflow.came")
    assert steps_of(second) == ["two"]
    holds(second)


def test_a_document_that_is_read_again_is_waited_for_again(second, paper, head):
    for _ in range(2):
        type(paper).objects.filter(pk=paper.pk).update(status="processing")
        control.wait_for(instance_id=second.pk, kind="document", other=paper.pk, by=head, rights=rights_of(head))
        assert dependencies.awaited(second) == 1
        happenings.happen(event="document.processed", key=str(paper.pk), data={})
        work_off("workflow.came")
        assert dependencies.awaited(second) == 0
        holds(second)
    assert Dependency.objects.count() == 1


@pytest.mark.parametrize("long", [0, 1, 2, 3])
def test_a_circle_of_any_length_is_refused_and_leaves_nothing(publish, paper, clerk, head, long):
    definition = publish("ring", MORE, one_at_a_time=False)
    runs = [start(definition, paper, clerk) for _ in range(long + 1)]
    for run, other in pairwise(runs):
        wait(run, other, head)
    before = (Dependency.objects.count(), HistoryEntry.objects.count(), Event.objects.count())
    with pytest.raises(WaitsForItself):
        wait(runs[-1], runs[0], head)
    assert (Dependency.objects.count(), HistoryEntry.objects.count(), Event.objects.count()) == before


def test_a_circle_through_a_subflow_and_a_listener_is_refused(publish, paper, clerk, head):
    publish("child", WORK)
    parent = start(publish("parent", "[{id: sub, kind: subflow, definition: child}]"), paper, clerk)
    child = Instance.objects.get(parent=parent)
    ear = f"[{{id: ear, kind: wait_event, event: workflow.finished, key: '{parent.pk}'}}]"
    listener = start(publish("listener", ear), paper, clerk)
    with pytest.raises(WaitsForItself):
        wait(child, parent, head)
    with pytest.raises(WaitsForItself):
        wait(child, listener, head)
    assert wait(parent, child, head), "a parent waits for its subflow anyway"


def test_what_has_ended_happened_or_is_awaited_is_refused(publish, first, second, paper, clerk, head):
    over = start(publish("over", "[{id: over, kind: end, outcome: done}]"), paper, clerk)
    wait(second, first, head)
    before = actions(second)
    for other in (over, first):
        with pytest.raises(IllegalMove):
            wait(second, other, head)
    with pytest.raises(IllegalMove):
        control.wait_for(instance_id=second.pk, kind="document", other=paper.pk, by=head, rights=rights_of(head))
    with pytest.raises(IllegalMove):
        wait(over, first, head)
    assert (actions(second), Dependency.objects.count()) == (before, 1)


def test_so_many_and_no_more(publish, first, second, paper, clerk, head, monkeypatch):
    monkeypatch.setattr(dependencies, "MOST", 1)
    wait(second, first, head)
    with pytest.raises(IllegalMove):
        wait(second, start(publish("third", WORK), paper, clerk), head)


def test_what_has_happened_or_was_never_added_is_not_taken_away(first, second, head):
    dependency = wait(second, first, head)
    with pytest.raises(NotFound):
        stop(first, dependency, head)
    answer(first)
    with pytest.raises(IllegalMove):
        stop(second, dependency, head)


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("clerk", NotAllowed), ("reviewer", NotAllowed), ("auditor", NotAllowed), ("outsider", NotFound), ("head", None)],
)
def test_who_controls_the_run_says_what_it_waits_for(first, second, head, who, refusal, request):
    person = request.getfixturevalue(who)
    if refusal is None:
        stop(second, wait(second, first, person), person)
        return
    dependency = wait(second, first, head)
    before = actions(second)
    with pytest.raises(refusal):
        wait(first, second, person)
    with pytest.raises(refusal):
        stop(second, dependency, person)
    assert (actions(second), Dependency.objects.count()) == (before, 1)


def test_nobody_waits_for_what_he_may_not_see(publish, second, safety, clerk, api_source, head):
    hidden = paper_of(safety, clerk, api_source, "Hidden")
    type(hidden).objects.filter(pk=hidden.pk).update(status="processing", access="restricted")
    other = start(publish("hidden", WORK), hidden)
    for kind, pk in (("workflow", other.pk), ("document", hidden.pk)):
        with pytest.raises(NotFound) as refused:
            control.wait_for(instance_id=second.pk, kind=kind, other=pk, by=head, rights=rights_of(head))
        assert "to wait for" in refused.value.detail
    assert not Dependency.objects.exists()


def test_each_change_is_told(first, second, head):
    dependency = wait(second, first, head)
    stop(second, dependency, head)
    wait(second, first, head)
    answer(first)
    work_off("workflow.came")
    told = [event.data for event in Event.objects.filter(type="workflow.dependency").order_by("pk")]
    assert [(one["change"], one["waiting"], one["by"]) for one in told] == [
        ("added", 1, "head"),
        ("removed", 0, "head"),
        ("added", 1, "head"),
        ("met", 0, None),
    ]
    assert {(one["id"], one["kind"]) for one in told} == {(str(second.pk), "workflow")}
    assert all(str(first.pk) not in str(one) for one in told), "who sees the run may not see the other"


def test_verify_history_finds_what_nobody_added_or_took_away(first, second, head):
    wait(second, first, head)
    assert list(proving.breaks()) == []
    Dependency.objects.all().delete()
    assert [found.subject_id for found in proving.breaks()] == [str(second.pk)]
    Dependency.objects.create(instance=first, event="workflow.finished", key=str(second.pk))
    assert len(list(proving.breaks())) == 2


def test_by_the_command_line(first, second, administrator, capsys):
    call_command("workflow", "wait", str(second.pk), "--run", str(first.pk), "--why", "So.")
    assert "waits for 1" in capsys.readouterr().out
    entry = history.of("workflow", second.pk).get(action="dependency added")
    assert (entry.actor, entry.note) == (administrator, "So.")
    with pytest.raises(CommandError, match="waits for this run itself"):
        call_command("workflow", "wait", str(first.pk), "--run", str(second.pk))
    call_command("workflow", "stop-waiting", str(second.pk), str(Dependency.objects.get().pk))
    assert not Dependency.objects.exists()
    with pytest.raises(CommandError, match="does not wait"):
        call_command("workflow", "stop-waiting", str(second.pk), "99999999")


# --- at the same moment, in transactions of their own


@pytest.mark.django_db(transaction=True)
def test_of_additions_at_once_one_that_would_close_a_circle_is_refused(publish, clerk, administrator):
    definition = publish("ring", MORE)
    for long in (2, 3, 4, 2, 3):
        runs = [start(definition, by=clerk) for _ in range(long)]  # of no document, whose lock would keep them apart
        pairs = list(zip(runs, [*runs[1:], runs[0]], strict=True))
        answers = together(*[lambda a=a, b=b: wait(a, b, administrator) for a, b in pairs])
        refused = [one for one in answers if isinstance(one, WaitsForItself)]
        assert len(refused) == 1 and Dependency.objects.filter(instance__in=runs).count() == long - 1
        for run in runs:
            holds(run)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_ends_while_somebody_has_another_wait_for_it_is_not_missed(publish, paper, clerk, administrator):
    ending, staying = publish("ending", WORK, one_at_a_time=False), publish("staying", MORE, one_at_a_time=False)
    for _ in range(8):
        first, second = start(ending, paper, clerk), start(staying, paper, clerk)
        together(lambda first=first: answer(first), lambda a=second, b=first: wait(a, b, administrator))
        work_off("workflow.came")
        answer(second)
        assert steps_of(second) == ["two"]
        holds(second)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_away_one_does(first, second, administrator):
    dependency = wait(second, first, administrator)
    answer(second)
    answers = together(*[lambda: stop(second, dependency, administrator)] * 3)
    assert sum(isinstance(one, NotFound) for one in answers) == 2
    assert steps_of(second) == ["two"]
    assert actions(second).count("dependency removed") == 1
    holds(second)


@pytest.mark.django_db(transaction=True)
def test_the_look_for_circles_is_held_until_commit(first, second, administrator):
    """Without the lock this addition would not wait for the other's commit, and would not see it."""
    began, done = threading.Event(), threading.Event()

    def other() -> None:
        began.set()
        try:
            wait(first, second, administrator)
        except WaitsForItself:
            done.set()
        finally:
            connection.close()

    with transaction.atomic():
        dependencies.add(second, kind="workflow", pk=first.pk)
        thread = threading.Thread(target=other)
        thread.start()
        began.wait(5)
        assert not done.wait(0.5)
    thread.join(10)
    assert done.is_set()


@pytest.mark.django_db(transaction=True)
def test_who_ends_meanwhile_waits_to_see_what_is_noted(first, second):
    def end() -> None:
        try:
            answer(first)
        finally:
            connection.close()

    with transaction.atomic():
        dependencies.add(second, kind="workflow", pk=first.pk)
        thread = threading.Thread(target=end)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), "its end is not written before this is"
    thread.join(10)
    assert Dependency.objects.get().met_at is not None
