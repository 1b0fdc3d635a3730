"""The way of a document or a run as a timeline: each step with its people, times, voices and comments."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Role
from accounts.rights import Rights
from documents.models import Document
from kmrl.pages import due, flow_words, labels, reasons
from kmrl.pages.due import Due
from workflows import bodies, clock
from workflows.definitions import steps
from workflows.models import (
    Acknowledgement,
    Candidate,
    Decision,
    HumanTask,
    Incident,
    Instance,
    InstanceStatus,
    StepRun,
    TaskState,
)
from workflows.tasks.standing import name_of

RUNS_SHOWN = 5
PASSAGES_SHOWN = 300
UNTOLD = {"choice", "parallel", "repeat", "foreach", "end"}
"""Steps that only hold others: a timeline for people leaves them out."""


@dataclass(frozen=True)
class Voice:
    """What somebody decided, or (without an outcome) said."""

    who: str
    said: str
    comment: str
    at: datetime
    filled: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Stop:
    """One passage through a step. `tone` is that of the states: processed, processing, attention, failed, queued."""

    key: str
    token: int
    title: str
    kind: str
    tone: str
    said: str
    entered_at: datetime
    left_at: datetime | None
    round: int = 1
    took: str = ""
    due: Due | None = None
    late: bool = False
    who: str = ""
    task: HumanTask | None = None
    voices: list[Voice] = field(default_factory=list)
    incident: Incident | None = None
    trouble: str = ""
    outcome_given: bool = False
    found: str = ""


@dataclass(frozen=True)
class Way:
    """One run."""

    instance: Instance
    title: str
    status: str
    tone: str
    icon: str
    reason: str
    due: Due | None
    stops: list[Stop]
    standing: str = ""

    @property
    def outcome(self) -> str:
        return flow_words.outcome(self.instance.outcome) if self.instance.outcome else ""

    @property
    def alive(self) -> bool:
        return self.instance.is_alive


def of_document(document: Document, rights: Rights) -> list[Way]:
    """The newest runs on it, newest first."""
    found = Instance.objects.visible_to(rights).filter(document=document)
    return of_runs(list(ready(found).order_by("-started_at", "-id")[:RUNS_SHOWN]), rights)


def ready(instances: Any) -> Any:
    """`instances` with what their words speak of."""
    return instances.select_related("definition", "version", "document", "department", "started_by")


def of_runs(instances: Sequence[Instance], rights: Rights, *, every: bool = False) -> list[Way]:
    """Their timelines, in eight queries for all of them; `every` also has the steps that only hold others."""
    ids = [one.pk for one in instances]
    passages: dict[UUID, list[StepRun]] = defaultdict(list)
    for passage in StepRun.objects.filter(instance__in=ids).order_by("-entered_at", "-token")[:PASSAGES_SHOWN]:
        passages[passage.instance_id].append(passage)
    tasks = _tasks(ids, rights)
    incidents = {(i.instance_id, i.token): i for i in Incident.objects.filter(instance__in=ids, resolved_at=None)}
    return [_way(one, passages[one.pk][::-1], tasks, incidents, every=every) for one in instances]


def due_of(instance: Instance) -> Due | None:
    """The deadline of the whole run, while it is alive."""
    if instance.due_at is None or not instance.is_alive:
        return None
    return due.between(instance.started_at, instance.due_at, breached=instance.breached)


def since(at: datetime) -> str:
    """`3 h`: how long ago, for where nothing keeps it current."""
    passed = clock.now() - at
    return due.amount(passed) if passed >= timedelta(minutes=1) else _("now")


def where(instance: Instance) -> str:
    """The steps at which a run stands now, in words; blocks around others are left out."""
    found = [token["step"] for token in (instance.state.get("tokens") or {}).values() if token.get("state") != "inside"]
    body = steps.by_id(bodies.of(instance.version_id).data) if found else {}
    titles = dict.fromkeys(flow_words.step_title(body.get(key), key) for key in found)
    return ", ".join(titles)


def asked(task: HumanTask) -> str:
    """Whom a task asks, in words: `Legal: reviewer or head, Meera Krishnan`."""
    return ", ".join(dict.fromkeys(_candidate(row) for row in task.candidates.all()))


def _candidate(row: Candidate) -> str:
    if row.user is not None:
        name = name_of(row.user)
        return _("{name} (for {other})").format(name=name, other=name_of(row.for_user)) if row.for_user else name
    roles = row.roles if set(row.roles) - {Role.HEAD} else [Role.HEAD]
    lowest = next((role for role in (Role.CLERK, Role.REVIEWER, Role.HEAD) if role in roles), Role.HEAD)
    return f"{labels.department(row.department)}: {labels.role(lowest)}"


def voices_of(task: HumanTask) -> list[Voice]:
    """Decisions and comments, oldest first."""
    found = [_decided(one, task) for one in task.decisions.all()]
    found += [Voice(name_of(one.by), "", one.text, one.at) for one in task.comments.all()]
    return sorted(found, key=lambda one: one.at)


def filled(form: Sequence[dict[str, Any]], values: dict[str, Any]) -> list[tuple[str, str]]:
    """What was filled in, by the titles of the fields."""
    said = []
    for one in form:
        value = values.get(one.get("name", ""))
        if value in (None, ""):
            continue
        words = (_("yes") if value else _("no")) if isinstance(value, bool) else str(value)
        said.append((flow_words.titled(one), words))
    return said


def _decided(one: Decision, task: HumanTask) -> Voice:
    who = name_of(one.by)
    if one.for_user is not None:
        who = _("{name} (for {other})").format(name=who, other=name_of(one.for_user))
    said = flow_words.outcome(one.outcome, task.outcomes)
    return Voice(who, said, one.comment, one.at, filled(task.form, one.form))


def _tasks(ids: Iterable[UUID], rights: Rights) -> dict[tuple[UUID, int], HumanTask]:
    found = HumanTask.objects.visible_to(rights).filter(instance__in=list(ids)).select_related("assignee")
    found = found.prefetch_related("decisions__by", "decisions__for_user", "comments__by", "acknowledgements")
    found = found.prefetch_related("candidates__user", "candidates__for_user", "candidates__department")
    return {(task.instance_id, task.token): task for task in found.order_by("opened_at")}


def _way(
    instance: Instance,
    passages: Sequence[StepRun],
    tasks: dict[tuple[UUID, int], HumanTask],
    incidents: dict[tuple[UUID, int], Incident],
    *,
    every: bool,
) -> Way:
    body = steps.by_id(bodies.of(instance.version_id).data)
    stops = [
        _stop(
            passage,
            body,
            tasks.get((instance.pk, passage.token)),
            incidents.get((instance.pk, passage.token)),
            found=_found(instance, passage),
        )
        for passage in passages
        if every or passage.kind not in UNTOLD or (instance.pk, passage.token) in incidents
    ]
    status = InstanceStatus(instance.status)
    return Way(
        instance,
        flow_words.titled(instance.definition),
        flow_words.status(instance),
        flow_words.TONES[status],
        flow_words.ICONS[status],
        flow_words.reason(instance),
        due_of(instance),
        stops,
        where(instance) if instance.is_alive else "",
    )


def _found(instance: Instance, passage: StepRun) -> str:
    """What the newest passage through a service step found."""
    left = (instance.state.get("steps") or {}).get(passage.step) or {}
    newest = passage.kind == "service" and passage.left_at is not None and left.get("round") == passage.round
    return flow_words.found(left.get("result")) if newest else ""


def _stop(
    passage: StepRun, body: dict[str, Any], task: HumanTask | None, incident: Incident | None, *, found: str
) -> Stop:
    step = body.get(passage.step)
    long = passage.left_at - passage.entered_at if passage.left_at else timedelta()
    open_task = task is not None and task.is_undecided
    return Stop(
        key=passage.step,
        token=passage.token,
        title=flow_words.step_title(step, passage.step),
        kind=flow_words.kind(passage.kind),
        tone=_tone(passage, incident),
        said=_said(passage, task, incident),
        entered_at=passage.entered_at,
        left_at=passage.left_at,
        round=passage.round,
        took=due.amount(long) if long >= timedelta(minutes=1) else "",
        due=due.of_task(task) if task is not None and open_task else None,
        late=passage.breached or bool(task and task.breached),
        who=_who(task) if task is not None else "",
        task=task,
        voices=voices_of(task) if task is not None else [],
        incident=incident,
        trouble=reasons.in_words(incident.detail) if incident else "",
        outcome_given=bool(passage.outcome),
        found=found,
    )


def _tone(passage: StepRun, incident: Incident | None) -> str:
    if incident is not None:
        return "failed"
    if passage.left_at is None:
        return "processing"
    return "attention" if passage.failed else "cancelled" if passage.outcome in ("", "superseded") else "processed"


def _said(passage: StepRun, task: HumanTask | None, incident: Incident | None) -> str:
    if incident is not None:
        return _("stands still")
    if passage.left_at is None:
        return _("now") if task is None or task.state != TaskState.CLAIMED else _("taken")
    if task is not None and task.state in (TaskState.CANCELLED, TaskState.SUPERSEDED):
        return str(flow_words.TASKS[TaskState(task.state)])
    return flow_words.outcome(passage.outcome, task.outcomes if task else ()) if passage.outcome else _("not needed")


def _who(task: HumanTask) -> str:
    """Who has it or is asked; nothing once the voices say it."""
    readings: list[Acknowledgement] = list(task.acknowledgements.all())
    if readings:
        confirmed = sum(one.acknowledged_at is not None for one in readings)
        said = ngettext("{done} of {n} person has confirmed", "{done} of {n} people have confirmed", len(readings))
        return said.format(done=confirmed, n=len(readings))
    if not task.is_undecided:
        return ""
    return name_of(task.assignee) if task.state == TaskState.CLAIMED and task.assignee else asked(task)
