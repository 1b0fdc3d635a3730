"""Two at once: one wins, the other hears why not, and nothing is written twice."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts import history
from accounts.refusals import Refusal
from accounts.rights import rights_of
from tests.workflows.people.conftest import fresh, new_version, run_of
from workflows import approvals, links, locks, running
from workflows.engine.talk import Superseded
from workflows.models import Decision, HumanTask, TaskLink

pytestmark = pytest.mark.django_db(transaction=True)


def together(*deeds: Callable[[], Any]) -> list[str]:
    """What became of deeds that begin at the same moment: "" or the code of the refusal, in their order."""
    found = [""] * len(deeds)
    begin = threading.Barrier(len(deeds))

    def run(place: int, deed: Callable[[], Any]) -> None:
        begin.wait()
        try:
            deed()
        except Refusal as refusal:
            found[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_who_decide_at_once_one_wins(ask, reviewer, colleague, attempt):
    task = ask()

    def decide(by, outcome):
        approvals.complete(task_id=task.pk, outcome=outcome, comment="So.", by=by, rights=rights_of(by))

    found = together(lambda: decide(reviewer, "approved"), lambda: decide(colleague, "rejected"))
    assert sorted(found) == ["", "already_decided"]
    decision = Decision.objects.get(task=task)
    assert fresh(task).outcome == decision.outcome == run_of(task).state["steps"]["review"]["outcome"]
    assert history.first_break("workflow", task.instance_id) is None
    assert history.of("workflow", task.instance_id).filter(action="task_decided").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_who_take_it_at_once_one_has_it(ask, reviewer, colleague, attempt):
    task = ask()
    found = together(
        *(lambda by=by: approvals.claim(task_id=task.pk, by=by, rights=rights_of(by)) for by in (reviewer, colleague))
    )
    assert sorted(found) == ["", "already_claimed"]
    assert fresh(task).assignee == (reviewer if found[0] == "" else colleague)
    assert history.of("workflow", task.instance_id).filter(action="task_claimed").count() == 1


def test_one_person_who_clicks_twice_decides_once(ask, reviewer, colleague):
    task = ask("quorum: 2")

    def decide():
        approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))

    assert sorted(together(decide, decide)) == ["", "decided_before"]
    assert Decision.objects.count() == 1 and fresh(task).state == "open"


def test_the_last_two_voices_at_once_move_the_run_once(ask, reviewer, colleague):
    task = ask("quorum: 2")
    found = together(
        *(
            lambda by=by: approvals.complete(task_id=task.pk, outcome="approved", by=by, rights=rights_of(by))
            for by in (reviewer, colleague)
        )
    )
    assert found == ["", ""]
    assert fresh(task).state == "completed" and run_of(task).status == "finished"
    assert history.of("workflow", task.instance_id).filter(action="task_completed").count() == 1


def test_a_link_serves_once_however_often_it_is_sent(ask, reviewer, colleague, head):
    task = ask("quorum: 2")
    secret = links.make(task=task, user=reviewer)

    def decide():
        links.decide(secret, outcome="approved", by=reviewer, rights=rights_of(reviewer))

    found = together(decide, decide)
    assert found.count("") == 1 and set(found) <= {"", "link_used", "decided_before"}
    assert Decision.objects.count() == 1 and TaskLink.objects.get().used_at is not None


def test_a_decision_that_waits_behind_a_new_version_is_refused(ask, paper, reviewer):
    """It had seen the task open; when its turn comes the version is there."""
    task = ask()
    came, found = threading.Event(), []

    def decide() -> None:
        came.set()
        try:
            approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))
        except Refusal as refusal:
            found.append(refusal.code)
        finally:
            connection.close()

    thread = threading.Thread(target=decide)
    with transaction.atomic():
        held = locks.hold([task.instance_id])
        thread.start()
        came.wait(10)
        new_version(paper, reviewer)
        assert held
        running.tell(instance_id=task.instance_id, news=Superseded(task.token), by=None)
    thread.join(30)
    assert found == ["superseded"]
    assert not Decision.objects.exists()
    assert HumanTask.objects.get(state="open").document_version == 2
