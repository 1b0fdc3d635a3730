"""The part of the walk that goes through workflows, and what their events are compared with."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from documents.models import Document
from jobs import inline
from jobs.models import Job
from workflows import bodies, timers

AT = "/api/v1/workflows/"
STARTED, STEP, FINISHED, INCIDENT = "workflow.started", "workflow.step", "workflow.finished", "workflow.incident"
DEPENDENCY, TRIED = "workflow.dependency", "workflow.tried"
ASKED, DONE, ESCALATED = "task.assigned", "task.completed", "task.escalated"
WARNING, BREACHED, BELL = "sla.warning", "sla.breached", "notification"
ASK = """
key: ask
title: Ask
one_at_a_time: false
steps:
  - id: review
    kind: human
    title: Review
    candidates: [{department: operations, role: head}]
"""
TIMED = """    sla:
      target: 2 hours
      warn_at: 0.5
      ladder:
        - {after: 150 %, do: raise_priority, to_priority: emergency}
"""
DUE = "    due: 4 hours\n"
BROKEN = "key: broken\ntitle: Broken\nsteps: [{id: bad, kind: rule, rules: [{when: 'false', set: {}}]}]\n"


def go_through(walk: Any, root: Any, mine: Any, paper: Document) -> None:
    """Each function of workflows that tells or records, once: by the API where it has a call for it."""
    bodies.forget()

    def say(client: Any, method: str, path: str, body: Any = None) -> Any:
        answer = getattr(client, method)(AT + path, body or {}, format="json")
        assert 200 <= answer.status_code < 300, answer.content
        return answer.json() if answer.content else None

    def published(text: str) -> None:
        key = say(root, "post", "definitions/", {"source": text})["key"]
        say(root, "post", f"definitions/{key}/publish/")

    def begun(key: str) -> tuple[str, str]:
        run = say(root, "post", "instances/", {"definition": key, "document": str(paper.pk)})
        return f"instances/{run['id']}/", next((f"tasks/{task}/" for task in run["tasks"]), "")

    published(ASK)
    say(root, "patch", "definitions/ask/", {"active": False})
    say(root, "patch", "definitions/ask/", {"active": True})
    walk.step()
    _, task = begun("ask")
    walk.step(STARTED, STEP, ASKED, BELL)
    say(mine, "post", f"{task}claim/")
    walk.step(ASKED)
    say(mine, "post", f"{task}comment/", {"text": "Page 2 is hard to read."})
    walk.step()
    say(mine, "post", f"{task}complete/", {"outcome": "approved"})
    walk.step(DONE, STEP, FINISHED)

    published(ASK.replace("key: ask", "key: timed") + TIMED)
    run, _ = begun("timed")
    walk.step(STARTED, STEP, ASKED, BELL)
    say(root, "post", f"{run}pause/")
    say(root, "post", f"{run}resume/")
    walk.step()
    now = timezone.now()
    timers.sweep(now=now + timedelta(minutes=70))
    walk.step(WARNING, BELL)
    timers.sweep(now=now + timedelta(minutes=130))
    walk.step(BREACHED, BELL)
    timers.sweep(now=now + timedelta(minutes=190))
    walk.step(ESCALATED)
    say(root, "post", f"{run}cancel/")
    walk.step(DONE, STEP, FINISHED)

    published(ASK.replace("key: ask", "key: due") + DUE)
    run, _ = begun("due")
    walk.step(STARTED, STEP, ASKED, BELL)
    say(root, "post", f"{run}pause/")
    say(root, "post", f"{run}resume/")
    walk.step()

    other, _ = begun("ask")
    walk.step(STARTED, STEP, ASKED, BELL)
    body = {"kind": "workflow", "id": other.split("/")[1]}
    number = say(root, "post", f"{run}dependencies/", body)["waits_for"][0]["id"]
    walk.step(DEPENDENCY)
    say(root, "delete", f"{run}dependencies/{number}/")
    walk.step(DEPENDENCY)
    say(root, "post", f"{run}dependencies/", body)
    walk.step(DEPENDENCY)
    say(root, "post", f"{other}cancel/")
    walk.step(DONE, STEP, FINISHED)
    inline.work(list(Job.objects.filter(kind="workflow.came", state="queued").values_list("pk", flat=True)))
    walk.step(DEPENDENCY)

    tried = say(root, "post", "definitions/ask/dry-run/", {"last": 600})
    walk.step()
    say(root, "post", f"dry-runs/{tried['id']}/cancel/")
    walk.step(TRIED)

    published(BROKEN)
    run, _ = begun("broken")
    walk.step(STARTED, STEP, INCIDENT, BELL)
    say(root, "post", f"{run}cancel/")
    walk.step(STEP, FINISHED)

    days = {"first_day": "2031-03-01", "last_day": "2031-03-02"}
    absence = say(mine, "post", "absences/", days)["id"]
    say(mine, "put", f"absences/{absence}/", {**days, "last_day": "2031-03-03"})
    say(mine, "delete", f"absences/{absence}/")
    walk.step()


def compare(kind: str, data: dict[str, Any], look: Any) -> None:
    """What an event of a run or task says is what the API answers of it now."""
    if kind.startswith("task."):
        _compare_task(kind, data, look(f"workflows/tasks/{data['id']}/"))
        return
    if kind == TRIED:
        trial = look(f"workflows/dry-runs/{data['id']}/")
        assert {name: data[name] for name in ("definition", "state")} == {
            name: trial[name] for name in ("definition", "state")
        }
        return
    run = look(f"workflows/instances/{data['id']}/")
    assert data["document"] == run["document"]["id"]
    if kind in (STARTED, FINISHED):
        assert {name: data[name] for name in ("definition", "version", "title")} == {
            name: run[name] for name in ("definition", "version", "title")
        }
    if kind == STARTED:
        assert (data["trigger"], data["started_by"]) == (run["reason"]["trigger"], run["started_by"])
    elif kind == FINISHED:
        assert (data["state"], data["outcome"] or None) == (run["status"], run["outcome"])
    elif kind == INCIDENT:
        said = {name: data[name] for name in ("step", "code", "detail")}
        assert said in [{name: one[name] for name in said} for one in run["incidents"]]
    elif kind == DEPENDENCY:
        waits = {one["id"]: one for one in run["waits_for"]}
        assert data["waiting"] == sum(one["met_at"] is None for one in waits.values())
        assert (data["dependency"] in waits) is (data["change"] != "removed")
    elif kind == STEP:
        stands = {(one["step"], str(one["token"])) for one in run["tokens"]}
        assert ((data["step"], data["token"]) in stands) is (data["state"] in ("entered", "failed"))
        if data["state"] == "left":
            assert data["outcome"] == run["steps"][data["step"]]["outcome"]
    else:
        task = look(f"workflows/tasks/{data['task']}/")
        assert (task["instance"], task["step"]) == (data["id"], data["step"])
        assert task["warned"] if kind == WARNING else task["breached"]
        assert _same_moment(data["due_at"], task["due_at"]), (data, task["due_at"])


def _compare_task(kind: str, data: dict[str, Any], task: dict[str, Any]) -> None:
    for name in ("workflow", "title", "instance", "step"):
        assert data[name] == task[name], name
    assert data["document"] == task["document"]["id"]
    if kind == ASKED:
        assert data["assignee"] == task["assignee"]
        assert _same_moment(data["due_at"], task["due_at"]), (data, task["due_at"])
    elif kind == DONE:
        assert data["outcome"] == (task["outcome"] or task["state"])
        assert data["completed_by"] == (task["completed_by"] or "")
        assert task["state"] in ("completed", "cancelled")
    else:
        assert (task["rung"], task["priority"]) == (data["rung"], "emergency")


def _same_moment(told: str | None, fetched: str | None) -> bool:
    if told is None or fetched is None:
        return told == fetched
    return abs(datetime.fromisoformat(told) - datetime.fromisoformat(fetched)) < timedelta(seconds=1)
