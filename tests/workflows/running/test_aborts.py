"""A move is broken off at every statement in turn: nothing of it stays, and done again it gives the same history."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts import history
from accounts.rights import rights_of
from tests.workflows.running.aborting import Aborted, aborting_at, everything
from tests.workflows.running.conftest import folded
from workflows import approvals, clock, control, proving, running
from workflows.engine.talk import Came, Done, Failed, News, Rang
from workflows.models import HumanTask, Instance, InstanceStatus

pytestmark = pytest.mark.django_db

CHILD = """
- {id: ask, kind: service, call: amount.find}
- {id: over, kind: end, outcome: found}
"""
WHOLE = """
- id: kind_of
  kind: rule
  rules: [{when: 'document.page_count > 0', set: {size: small}, reason: It has pages.}]
- id: fork
  kind: parallel
  branches:
    - steps:
        - id: find
          kind: service
          call: text.find
          with: {words: [a]}
          save: found
          on_timeout: {after: 1 days, steps: []}
        - {id: nap, kind: timer, wait: 2 hours}
    - steps:
        - id: look
          kind: human
          title: Look at it
          candidates: [{department: operations, role: reviewer}]
          due: 1 days
          sla: {target: 2 days}
    - steps:
        - {id: sub, kind: subflow, definition: child, with: {word: x}}
- {id: ear, kind: wait_event, event: parcel}
- id: way
  kind: choice
  options:
    - when: 'steps.look.outcome == "approved"'
      steps: [{id: last, kind: service, call: amount.find}]
  otherwise: {steps: []}
"""
_VARIES = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+(?:\+\d\d:\d\d|Z)?")

EVER = 1_000_000  # no deed has as many statements

Deed = Callable[[], object]
Attempt = Callable[[Deed], object]


def plainly(deed: Deed) -> object:
    """Let it through, and count its statements."""
    with aborting_at(EVER) as asked:
        done = deed()
    plainly.statements += asked[0]
    return done


plainly.statements = 0


def stubbornly(deed: Deed) -> object:
    """Break it off at its first statement, its second, … until it comes through; each time nothing has changed."""
    number, before = 0, everything()
    while True:
        number += 1
        try:
            with aborting_at(number) as asked:
                done = deed()
        except Aborted:
            assert everything() == before, f"statement {number} left something behind"
            continue
        assert asked[0] == number - 1
        stubbornly.aborts += number - 1
        return done


stubbornly.aborts = 0


@pytest.fixture
def play(publish, paper, clerk, reviewer, administrator):
    """`play(attempt)`: a run from its start to its end, each move by way of `attempt`."""
    publish("child", CHILD, variables={"word": {"type": "string"}}, one_at_a_time=False)
    definition = publish("whole", WHOLE, variables={"size": {"type": "string"}, "found": {"type": "map"}})

    def go(attempt: Attempt) -> Instance:
        run: Any = attempt(
            lambda: running.start(definition=definition, document=paper, by=clerk, reason={"trigger": "manual"})
        )
        child = Instance.objects.get(parent=run)

        def tell(step: str, news: Callable[[int], News], of: Instance = run) -> None:
            of.refresh_from_db()
            token = next(int(number) for number, held in of.state["tokens"].items() if held["step"] == step)
            attempt(lambda: running.tell(instance_id=of.pk, news=news(token), by=None))

        tell("find", lambda token: Failed(token, code="timeout", detail="Slow."))
        rights = rights_of(administrator)
        attempt(lambda: control.retry(instance_id=run.pk, by=administrator, rights=rights, why="Again."))
        tell("find", lambda token: Done(token, result={"pages": [1]}))
        attempt(lambda: control.pause(instance_id=run.pk, by=administrator, rights=rights))
        tell("nap", lambda token: Rang(token, timer="wait"))
        attempt(lambda: control.resume(instance_id=run.pk, by=administrator, rights=rights))
        tell("ask", lambda token: Done(token, result=None), child)
        task = HumanTask.objects.get(instance=run)
        attempt(
            lambda: approvals.complete(
                task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer), door="page"
            )
        )
        tell("ear", lambda token: Came(token, event="parcel", data={"n": 1}))
        tell("last", lambda token: Done(token, result=None))
        return Instance.objects.get(pk=run.pk)

    return go


def story(run: Instance) -> list[tuple[str, str, str, str]]:
    """Its history without ids and times."""
    entries = history.of("workflow", run.pk).values_list("action", "actor_name", "after", "note")
    return [(action, who, _VARIES.sub("…", repr(after)), note) for action, who, after, note in entries]


def test_a_run_that_is_broken_off_at_every_statement_ends_with_the_same_history(play):
    with clock.at(timezone.now()):
        undisturbed = play(plainly)
        disturbed = play(stubbornly)
    assert 0.9 * plainly.statements < stubbornly.aborts <= plainly.statements  # some is remembered from the first
    assert (disturbed.status, disturbed.outcome) == (InstanceStatus.FINISHED, "done")
    assert story(disturbed) == story(undisturbed)
    for run in Instance.objects.all():
        assert folded(run) == run.state
        assert proving.first_break(run) is None
        assert history.first_break("workflow", run.pk) is None
    assert Instance.objects.exclude(status=InstanceStatus.FINISHED).count() == 0
