"""What the API and the pages say of tasks and runs: stable fields, as far as the rights show what they speak of."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from accounts.models import User
from accounts.rights import Action, Rights
from documents.models import Document
from jobs.models import Priority
from workflows import awaiting, routed
from workflows.approvals import Result
from workflows.approvals.claiming import may_reassign
from workflows.awaiting import Awaited
from workflows.confirmations import standing as confirmed
from workflows.migrating import Plan
from workflows.models import Candidate, Decision, HumanTask, Instance, TaskKind, TaskState
from workflows.tasks import quorum, standing
from workflows.tasks.standing import Rows

_LINE = ("name", "shift", "due_at", "acknowledged_at", "document_version", "chased", "late")


def task_as_json(task: HumanTask, rights: Rights) -> dict[str, Any]:
    """One task with everything that hangs on it; take it from `visible_to` first.

    Beside the fields of the list: `question question_ml form candidates excluded decisions comments`, and `can` with
    the deeds that are open to the caller now (`why_not` says in a sentence why he does not decide it).
    """
    prefetch_related_objects([task], "comments__by", "decisions__by", "decisions__for_user")
    rows = Rows.of(task)
    mine = standing.of(task, rights, rows=rows)
    decides = task.is_undecided and task.kind == "human" and mine.decides
    free = not (standing.holds(task) and task.assignee_id not in mine.voices)
    reassigns = task.is_undecided and may_reassign(task, rights)
    return {
        **_short(task, decides),
        "question": task.question,
        "question_ml": task.question_ml,
        "form": [{"default": None, **one} for one in task.form],
        "candidates": [_candidate(row) for row in rows.candidates],
        "excluded": [
            {"user": row.user.get_username(), "reason": row.reason}
            for row in task.exclusions.select_related("user").order_by("pk")
        ],
        "decisions": [_decision(one) for one in task.decisions.all()],
        "comments": [{"by": one.by.get_username(), "text": one.text, "at": one.at} for one in task.comments.all()],
        "can": {
            "decide": decides and free,
            "claim": decides and free and task.quorum == 1 and task.assignee_id != rights.user_id,
            "take_over": decides and not free and reassigns and not rights.runs_house,
            "release": task.state == TaskState.CLAIMED
            and (task.assignee_id == rights.user_id or reassigns)
            and rights.scope_allows(Action.CONTROL),
            "delegate": decides and free and task.may_delegate,
            "reassign": reassigns,
        },
        "why_not": mine.why_not.detail if mine.why_not else None,
    }


def tasks_as_json(tasks: Iterable[HumanTask], rights: Rights) -> list[dict[str, Any]]:
    """The tasks of a page of a list; whether they wait for the caller (`mine`) is asked once for all."""
    tasks = list(tasks)
    ids = [task.pk for task in tasks]
    mine = set(HumanTask.objects.decidable_by(rights).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [_short(task, task.pk in mine) for task in tasks]


def confirmations_as_json(task: HumanTask) -> dict[str, Any] | None:
    """Who has confirmed and who has not, of what is to be read; None of a task that is decided."""
    if task.kind != TaskKind.ACKNOWLEDGE:
        return None
    found = confirmed.standing(task)
    people = [{"user": line.username, **{name: getattr(line, name) for name in _LINE}} for line in found.lines]
    return {
        "asked": found.all.asked,
        "acknowledged": found.all.acknowledged,
        "needed": found.needed,
        "people": people,
    }


def results_as_json(results: Iterable[Result]) -> dict[str, Any]:
    """What became of tasks that were decided together."""
    rows = [
        {
            "task": one.task_id,
            "state": str(one.task.state) if one.task else None,
            "code": one.refusal.code if one.refusal else None,
            "detail": one.refusal.detail if one.refusal else None,
            "errors": (one.refusal.errors or None) if one.refusal else None,
        }
        for one in results
    ]
    refused = sum(row["code"] is not None for row in rows)
    return {"decided": len(rows) - refused, "refused": refused, "results": rows}


def plan_as_json(plan: Plan, *, moved: bool) -> dict[str, Any]:
    """What moving runs to another version would do, or did."""
    places = [
        {"instance": one.instance, "version": one.version, "fits": one.fits, "why": list(one.why)}
        for one in plan.places
    ]
    return {"definition": plan.definition, "to": plan.to, "fits": plan.fits, "moved": moved, "runs": places}


def instance_as_json(instance: Instance, rights: Rights) -> dict[str, Any]:
    """One run with where it stands: `tokens` are live, `incidents` are open, `tasks` are undecided and visible.

    `waits_for` is what it waits for, or waited for; what the rights do not show has no `of`, title and status.
    """
    shown = HumanTask.objects.visible_to(rights).undecided().filter(instance=instance)
    tokens = instance.state.get("tokens", {})
    run = _run(instance, _documents_shown([instance.document_id], rights))
    return {
        **run,
        "reason": instance.reason,
        "routing": _routing(instance) if run["document"] else None,
        "variables": instance.state.get("vars", {}),
        "steps": instance.state.get("steps", {}),
        "tokens": [{"token": int(pk), **token} for pk, token in sorted(tokens.items(), key=lambda one: int(one[0]))],
        "incidents": [
            {
                "id": one.pk,
                "token": one.token,
                "step": one.step,
                "code": one.code,
                "detail": one.detail,
                "opened_at": one.opened_at,
            }
            for one in instance.incidents.filter(resolved_at=None).order_by("pk")
        ],
        "tasks": [str(pk) for pk in shown.order_by("pk").values_list("pk", flat=True)],
        "parent": instance.parent_id,
        "waits_for": [_awaited(one) for one in awaiting.of(instance, rights)],
    }


def _awaited(one: Awaited) -> dict[str, Any]:
    found = one.run or one.document
    title = one.run.definition.title if one.run else one.document.title if one.document else None
    return {
        "id": one.row.pk,
        "kind": one.kind,
        "of": found.pk if found else None,
        "title": title,
        "status": str(found.status) if found else None,
        "met_at": one.row.met_at,
    }


def instances_as_json(instances: Iterable[Instance], rights: Rights) -> list[dict[str, Any]]:
    """The runs of a page of a list."""
    instances = list(instances)
    prefetch_related_objects(instances, "definition", "version", "department", "started_by", "document")
    shown = _documents_shown([one.document_id for one in instances], rights)
    return [_run(one, shown) for one in instances]


def _short(task: HumanTask, mine: bool) -> dict[str, Any]:
    return {
        "id": task.pk,
        "workflow": task.instance.definition.key,
        "workflow_title": task.instance.definition.title,
        "instance": task.instance_id,
        "step": task.step,
        "round": task.round,
        "kind": str(task.kind),
        "title": task.title,
        "title_ml": task.title_ml,
        "state": str(task.state),
        "outcome": task.outcome or None,
        "outcomes": task.outcomes,
        "document": _document(task.document) if task.document else None,
        "document_version": task.document_version,
        "bound_to_version": task.bound_to_version,
        "department": task.department.key if task.department else None,
        "priority": Priority(task.priority).label,
        "quorum": "all" if task.quorum == quorum.ALL else task.quorum,
        "may_delegate": task.may_delegate,
        "assignee": _username(task.assignee),
        "claimed_at": task.claimed_at,
        "opened_at": task.opened_at,
        "due_at": task.due_at,
        "completed_at": task.completed_at,
        "completed_by": _username(task.completed_by),
        "warned": task.warned,
        "breached": task.breached,
        "rung": task.rung,
        "mine": mine,
    }


def _document(document: Document) -> dict[str, Any]:
    """Who sees a task sees its document."""
    return {
        "id": document.pk,
        "title": document.title,
        "status": str(document.status),
        "version": document.newest.number if document.newest else 0,
    }


def _candidate(row: Candidate) -> dict[str, Any]:
    return {
        "user": _username(row.user),
        "department": row.department.key if row.department else None,
        "roles": row.roles,
        "origin": row.origin,
        "for_user": _username(row.for_user),
    }


def _decision(one: Decision) -> dict[str, Any]:
    return {
        "by": one.by.get_username(),
        "for_user": _username(one.for_user),
        "outcome": one.outcome,
        "comment": one.comment,
        "form": one.form,
        "document_version": one.document_version,
        "door": one.door,
        "at": one.at,
    }


def _run(instance: Instance, shown: Collection[UUID]) -> dict[str, Any]:
    document = instance.document if instance.document_id in shown else None
    return {
        "id": instance.pk,
        "definition": instance.definition.key,
        "title": instance.definition.title,
        "title_ml": instance.definition.title_ml,
        "category": str(instance.definition.category),
        "version": instance.version.number,
        "status": str(instance.status),
        "outcome": instance.outcome or None,
        "document": _document(document) if document else None,
        "document_version": instance.document_version,
        "department": instance.department.key if instance.department else None,
        "priority": Priority(instance.priority).label,
        "started_by": _username(instance.started_by),
        "started_at": instance.started_at,
        "finished_at": instance.finished_at,
        "due_at": instance.due_at,
        "breached": instance.breached,
    }


def _routing(instance: Instance) -> dict[str, Any] | None:
    """What chose it, with the values that each rule saw then: only for who sees the document. None: nothing did."""
    found = routed.of(instance)
    if found is None:
        return None
    return {
        "event": found.event,
        "document_version": found.document_version,
        "at": found.at,
        "considered": [{"values": None, **one} for one in found.considered],
    }


def _documents_shown(ids: Iterable[UUID | None], rights: Rights) -> set[UUID]:
    wanted = {pk for pk in ids if pk is not None}
    if not wanted:
        return set()
    return set(Document.objects.visible_to(rights).filter(pk__in=wanted).values_list("pk", flat=True))


def _username(user: User | None) -> str | None:
    return user.get_username() if user else None
