"""Worker processes come and go with the backlog: the rule alone, then a real supervisor with real workers."""

import subprocess
import sys

import pytest
from django.db import transaction
from django.utils import timezone

from jobs import enqueueing, kinds
from jobs.kinds import Kind
from jobs.models import Job
from kmrl import environment as env
from kmrl.supervision import processes, scaling
from kmrl.supervision.scaling import LESS_AFTER, MORE_AFTER, WAITING_A_HAND, Look, Rule, Worker
from tests.house.gateways import PROJECT

# --- the rule


def one(pid: int = 1, **more) -> Worker:
    return Worker(**{"id": f"h:{pid}:0", "pid": pid, "hands": 2, "draining": False, "running": 0, "ours": True, **more})


def said(rule: Rule, look: Look, *times: float) -> list[str]:
    return [deed.name for now in times if (deed := rule.decide(look, now))]


MUCH = 2 * WAITING_A_HAND + 1


def test_one_more_is_started_only_when_much_waits_for_a_while_and_never_beyond_the_most():
    rule, busy = Rule(1, 3), Look(MUCH, [one()])
    assert said(rule, busy, 0, MORE_AFTER - 1) == []
    assert said(rule, Look(MUCH - 1, [one()]), MORE_AFTER) == []  # once not much: the time begins anew
    assert said(rule, busy, 10, 10 + MORE_AFTER) == ["more"]
    assert said(rule, busy, 11 + MORE_AFTER, 10 + 2 * MORE_AFTER) == []  # the new one shows first what it can do
    assert said(Rule(1, 1), busy, 0, MORE_AFTER) == []


def test_hands_elsewhere_count_and_drained_ones_do_not():
    elsewhere = one(2, ours=False)
    assert said(Rule(1, 2), Look(MUCH, [one(), elsewhere]), 0, MORE_AFTER) == []
    assert said(Rule(1, 2), Look(MUCH, [one(), one(2, ours=False, draining=True)]), 0, MORE_AFTER) == ["more"]


def test_one_less_is_kept_only_when_nothing_waits_for_long_and_never_below_the_least():
    rule = Rule(1, 2)
    assert said(rule, Look(0, [one(1), one(2)]), 0, LESS_AFTER - 1) == []
    deed = rule.decide(Look(0, [one(1), one(2)]), LESS_AFTER)
    assert (deed.name, deed.worker.pid) == ("drain", 2)
    assert said(Rule(2, 3), Look(0, [one(1), one(2)]), 0, LESS_AFTER) == []


def test_who_works_is_not_stopped():
    rule = Rule(1, 2)
    assert said(rule, Look(0, [one(1, running=1), one(2, running=1)]), 0, LESS_AFTER) == []
    assert said(rule, Look(0, [one(1), one(2, running=1)]), LESS_AFTER + 1) == ["drain"]
    assert rule.drained == "h:1:0"


def test_a_drained_one_is_stopped_when_it_knows_and_runs_nothing():
    rule = Rule(1, 2, drained="h:2:0")
    assert said(rule, Look(0, [one(1), one(2, draining=True, knows=False)]), 1) == []
    assert said(rule, Look(0, [one(1), one(2, draining=True, running=1)]), 2) == []
    assert said(rule, Look(0, [one(1), one(2, draining=True)]), 3) == ["stop"]


def test_a_drained_one_stays_when_work_comes_back():
    rule = Rule(1, 2, drained="h:2:0")
    assert said(rule, Look(MUCH, [one(1), one(2, draining=True, knows=False)]), 1) == ["keep"]
    assert rule.drained == ""


def test_bounds_that_contradict_each_other_are_told(monkeypatch):
    monkeypatch.setenv("KMRL_WORKERS_MIN", "3")
    monkeypatch.setenv("KMRL_WORKERS_MAX", "2")
    with pytest.raises(env.BadSetting, match="KMRL_WORKERS_MAX is 2, and KMRL_WORKERS_MIN is 3"):
        processes.workers("x")


def test_unless_the_host_says_otherwise_nothing_scales(monkeypatch):
    for name in ("KMRL_WORKERS_MIN", "KMRL_WORKERS_MAX", "KMRL_WORKERS_DEFAULT"):
        monkeypatch.delenv(name, raising=False)
    assert not processes.scales()
    assert list(processes.workers("x")) == ["worker-high", "worker-default", "worker-low"]
    monkeypatch.setenv("KMRL_WORKERS_MIN", "2")
    assert not processes.scales()
    assert list(processes.workers("x")) == ["worker-high", "worker-default", "worker-default-2", "worker-low"]
    monkeypatch.setenv("KMRL_WORKERS_MAX", "4")
    assert processes.scales()
    monkeypatch.setenv("KMRL_WORKERS_DEFAULT", "0")
    assert not processes.scales()


# --- a real supervisor, scaler and workers, in less time

QUICK = f"""
import sys
sys.path.insert(0, {str(PROJECT)!r})
from kmrl.supervision import scaling
scaling.EVERY, scaling.MORE_AFTER, scaling.LESS_AFTER = 0.2, 0.5, 2.0
scaling.main()
"""


def test_a_real_supervisor_follows_the_backlog_and_cuts_no_work(supervisor, hands, monkeypatch):
    monkeypatch.setattr(processes, "scaling", lambda: [sys.executable, "-c", QUICK])
    kinds.register(Kind("worker.hang", perform=lambda run: None, settle=lambda done: None))
    kinds.register(Kind("worker.quick", perform=lambda run: None, settle=lambda done: None))
    bounds = {"KMRL_WORKERS_MIN": "1", "KMRL_WORKERS_MAX": "2", "KMRL_WORKERS_DEFAULT": "1"}
    hands("tests.work.worker_app", **bounds).start()

    def names() -> set[str]:
        return {child.program.name for child in supervisor.children}

    def state(word: str) -> int:
        return Job.objects.filter(state=word).count()

    assert names() == {"worker-default", "scaling"}
    with transaction.atomic():
        enqueueing.enqueue_many([enqueueing.Order(kind="worker.hang")] * 20)
    assert supervisor.wait_until(lambda: "worker-default-2" in names(), seconds=40)
    assert supervisor.wait_until(lambda: state("running") == 2, seconds=40)
    Job.objects.filter(state="queued").update(state="cancelled", finished_at=timezone.now())
    supervisor.wait_until(lambda: False, seconds=4)  # nothing waits, for twice as long as it takes: but both work
    assert names() == {"worker-default", "worker-default-2", "scaling"}
    assert state("running") == 2
    Job.objects.filter(state="running").update(state="cancelled", finished_at=timezone.now(), lease_until=None)
    assert supervisor.wait_until(lambda: len(names()) == 2, seconds=40)
    left = next(child for child in supervisor.children if child.program.name != "scaling")
    assert left.starts == 1
    with transaction.atomic():
        job = enqueueing.enqueue("worker.quick", payload={})
    assert supervisor.wait_until(lambda: Job.objects.get(pk=job.pk).state == "succeeded", seconds=20)
    assert Job.objects.exclude(state="cancelled").count() == 1


def test_the_scaler_holds_little_memory(tmp_path):
    """No Django in it: it stays while the gateway runs."""
    script = "import sys, kmrl.supervision.scaling; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True)
    assert not {name for name in loaded.stdout.split() if name.split(".")[0] in ("django", "celery", "jobs")}
    assert scaling.EVERY >= 1
