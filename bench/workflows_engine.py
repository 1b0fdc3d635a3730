"""Automatic workflows through the queue: ten steps each, from their start to their end, with a durable history."""

import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction

from bench import processes, queue_ours, workflows_app, workflows_house
from bench.measures import Figures
from bench.queue_ours import workers
from jobs.models import Job
from workflows import running, starting
from workflows.models import Definition, Instance
from workflows.turn import Turn

AT_ONCE = 16  # runs that are started in one transaction
STEPS = 10
_SERVICE = "- {{id: s{n}, kind: service, call: bench.count, with: {{n: {{expr: vars.n}}}}, save: got}}"
_RULE = "- {{id: r{n}, kind: rule, rules: [{{when: vars.n >= 0, set: {{n: {{expr: vars.n + 1}}}}, reason: Count.}}]}}"
_CHOICE = """\
- id: c{n}
  kind: choice
  options:
    - when: vars.n > 100
      steps: [{{id: never{n}, kind: end, outcome: never}}]
    - when: vars.n >= 0
      steps:
        - {{id: s{inner}, kind: service, call: bench.count, with: {{n: {{expr: vars.n}}}}, save: got}}
  otherwise: {{steps: []}}"""


def source(key: str = "bench-ten") -> str:
    """Five service steps, three tables and two choices: ten steps are passed."""
    parts = [
        _SERVICE.format(n=1), _RULE.format(n=1), _SERVICE.format(n=2), _CHOICE.format(n=1, inner=3),
        _RULE.format(n=2), _SERVICE.format(n=4), _CHOICE.format(n=2, inner=5), _RULE.format(n=3),
    ]  # fmt: skip
    head = f"key: {key}\ntitle: Ten steps\ncategory: standard\n"
    return (
        f"{head}variables:\n  n: {{type: number, default: 0}}\n  got: {{type: map}}\nsteps:\n" + "\n".join(parts) + "\n"
    )


def rates(*, runs: int, log: Path) -> Figures:
    """Runs and steps a second from the first start to the last end, and the CPU that each step cost."""
    workflows_app.register()
    queue_ours.clear()  # what other parts have ordered
    definition = workflows_house.publish(source())
    with workers(log, app="bench.workflows_app") as started:
        _all_the_way(definition, max(runs // 10, 64))  # statements are prepared, batches have found their size
        pids = [process.pid for process in started.values()]
        server = _postgres()
        before, served = processes.cpu(pids), processes.cpu([server])
        own = time.process_time()
        seconds = _all_the_way(definition, runs)
        spent, served = processes.cpu(pids) - before, processes.cpu([server]) - served
        own = time.process_time() - own
    steps = runs * STEPS
    return {
        "runs per s": runs / seconds,
        "steps per s": steps / seconds,
        "step worker CPU us": spent / steps * 1e6,
        "step PostgreSQL CPU us": served / steps * 1e6,
        "start CPU us": own / runs * 1e6,
    }


def _all_the_way(definition: Definition, runs: int) -> float:
    """Start so many while the workers work on them; seconds from the first start to the last end."""
    begun: list[Instance] = []
    for _ in _groups(runs):
        with transaction.atomic():
            turn = Turn()
            begun += [
                starting.create(
                    turn, definition=definition, document=None, by=None, given={}, reason={"trigger": "api"}
                )
                for _ in range(AT_ONCE)
            ]
            running.finish(turn)
    ids = [run.pk for run in begun[:runs]]
    unfinished = Instance.objects.filter(pk__in=ids).exclude(status="finished")
    queue_ours.until(lambda: not unfinished.exists(), 600, every=0.1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM max(i.finished_at) - min(i.started_at)), (SELECT count(*) FROM workflows_steprun"
            " WHERE instance_id = ANY(%s)) FROM workflows_instance i WHERE i.id = ANY(%s)",
            [ids, ids],
        )
        span, steps = cursor.fetchone()
    if steps != runs * STEPS or Job.objects.filter(kind="workflow.service", state="dead").exists():
        raise RuntimeError(f"{steps} steps were passed instead of {runs * STEPS}.")
    return float(span)


def _groups(runs: int) -> Iterator[int]:
    return iter(range(-(-runs // AT_ONCE)))


def _postgres() -> int:
    """The server that has our connection's process below it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = processes.look(int(cursor.fetchone()[0]))
    if mine is None:
        raise RuntimeError("PostgreSQL runs on another machine; it is to be ours.")
    return mine.parent
