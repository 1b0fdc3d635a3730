"""Walking a run's path in memory, up to the first thing that waits for somebody: the engine, and nobody who listens.

Service steps are passed where their action is quick and only finds something in the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.refusals import Refusal
from documents.models import Document
from jobs.models import Priority
from workflows import actions
from workflows.actions import Given
from workflows.engine import core
from workflows.engine.core import Context
from workflows.engine.state import EMPTY
from workflows.engine.talk import (
    Begin,
    Done,
    Effect,
    Failed,
    Finish,
    Listen,
    Moved,
    News,
    OpenIncident,
    OpenTask,
    RunService,
    SetTimer,
    StartChild,
)
from workflows.engine.values import BadVariables
from workflows.models import Instance

SERVICES = 10  # service steps that are passed on one path


@dataclass(frozen=True)
class Stop:
    """Where a path comes to rest. `kind`: human, acknowledge, service, timer, wait_event, subflow, incident or end."""

    kind: str
    step: str = ""
    title: str = ""
    who: tuple[str, ...] = ()
    detail: str = ""


def walk(
    body: Mapping[str, Any], document: Document, seen: Mapping[str, Any], *, variables: dict[str, Any], now: datetime
) -> "Walk":
    """The path that a run of this body would take on a document; `seen` is what conditions see of it."""
    priority = Priority(document.priority).label
    instance = {"id": "", "key": body.get("key"), "started_by": "", "priority": priority, "started_at": now.isoformat()}
    found = Walk(dict(body), Context(document=dict(seen), instance=instance, now=now), document, now)
    try:
        found.tell(Begin(variables=variables))
    except BadVariables as wrong:
        found.wrong = str(wrong)
    return found


class Walk:
    """One run in memory: told on while a quick look is all that it waits for."""

    def __init__(self, body: dict[str, Any], context: Context, document: Document, now: datetime) -> None:
        self.body, self.context, self.document, self.now = body, context, document, now
        self.state: dict[str, Any] = EMPTY
        self.path: list[str] = []
        self.stops: list[Stop] = []
        self.wrong = ""
        self.services = 0

    def tell(self, news: News) -> None:
        moved: Moved = core.move(self.body, self.state, news, self.context)
        self.state = moved.state
        self.path += [fact.data["step"] for fact in moved.facts if fact.action == "entered"]
        for effect in moved.effects:
            answer = self._answer(effect) if isinstance(effect, RunService) else None
            if answer is not None:
                self.tell(answer)
            elif (stop := _stop_of(effect)) is not None:
                self.stops.append(stop)

    def _answer(self, effect: RunService) -> News | None:
        """What the action finds in this document; None where it does more than to find, or takes long."""
        try:
            action = actions.get(effect.call)
        except KeyError:
            return None
        if not action.quick or not action.only_finds or effect.undo or self.services >= SERVICES:
            return None
        self.services += 1
        try:
            params = action.filled(effect.params)
            given = Given(
                params=params, instance=Instance(document=self.document), document=self.document, now=self.now
            )
            return Done(effect.token, action.perform(given))
        except Refusal as refusal:
            return Failed(effect.token, refusal.code, refusal.detail)


def _stop_of(effect: Effect) -> Stop | None:
    step = effect.step
    kind, said = str(step.get("kind") or ""), str(step.get("title") or step.get("id") or "")
    match effect:
        case OpenTask():
            who = effect.values.get("candidates") or effect.values.get("people") or []
            return Stop(kind, step["id"], said, tuple(_who(entry) for entry in who))
        case RunService():
            return Stop("service", step["id"], said, detail=effect.call)
        case SetTimer() if effect.timer == "wait":
            return Stop("timer", step["id"], said, detail=effect.after or effect.at)
        case Listen():
            return Stop("wait_event", step["id"], said, detail=effect.event)
        case StartChild():
            return Stop("subflow", step["id"], said, detail=effect.definition)
        case OpenIncident():
            return Stop("incident", step["id"], said, detail=effect.detail)
        case Finish():
            return Stop("end", detail=effect.outcome)
    return None


def _who(entry: Mapping[str, Any]) -> str:
    """One entry of candidates in words."""
    if "department" in entry:
        return f"{entry.get('role') or 'reviewer'} of {_value(entry['department'])}"
    if "head_of" in entry:
        return f"head of {_value(entry['head_of'])}"
    if entry.get("uploader"):
        return "whoever sent it"
    return _value(entry.get("user", entry))


def _value(held: Any) -> str:
    found = held.get("value") if isinstance(held, Mapping) else held
    return ", ".join(str(one) for one in found) if isinstance(found, list) else str(found or "")
