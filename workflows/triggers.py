"""Triggers: which workflows a document's event starts. Evaluated here; acted on by `workflows.routing`."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings

from accounts import prepared
from documents.models import Document
from workflows import bodies, conditions, context, seen
from workflows.bodies import Body
from workflows.conditions import ConditionFailed, Guarded
from workflows.engine.values import Trouble, filled

RELATED = ("newest", "source", "department", "uploaded_by")
"""What is to be fetched with a document whose triggers are looked at."""
_ACTIVE = "SELECT published_id FROM workflows_definition WHERE active AND published_id IS NOT NULL ORDER BY key"


@dataclass(frozen=True)
class Trigger:
    """One trigger of a published version (`version_id` 0: of a draft)."""

    key: str
    definition_id: int
    version_id: int
    number: int
    index: int
    said: Mapping[str, Any]
    one_at_a_time: bool = True

    @property
    def priority(self) -> int:
        return int(self.said.get("priority") or 0)

    @property
    def also(self) -> bool:
        return bool(self.said.get("also"))

    @cached_property
    def reads_head(self) -> bool:
        """Whether its expressions look at the document's text."""
        return bodies.reads_head([self.said.get("when"), self.said.get("with")])


@dataclass
class Considered:
    """One trigger that was looked at, and what came of it.

    `result`: matches (nothing was chosen yet), won, also (starts besides), outranked, running (its workflow runs on the
    document already), no, error, or refused (it could not be started).
    """

    trigger: Trigger
    result: str = "no"
    error: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, Any] | None = None
    """What its expressions saw (`workflows.seen`); None: not looked up, or too much to keep."""

    @property
    def starts(self) -> bool:
        return self.result in ("won", "also")

    def said(self) -> dict[str, Any]:
        """As it is kept in a Routing."""
        trigger = self.trigger
        return {
            "definition": trigger.key,
            "version": trigger.number,
            "trigger": trigger.index,
            "when": trigger.said.get("when"),
            "priority": trigger.priority,
            "result": self.result,
            "reason": trigger.said.get("reason") or "",
            "error": self.error,
            "values": self.seen,
        }


def of_body(
    body: Mapping[str, Any], *, key: str, definition_id: int = 0, version_id: int = 0, number: int = 0
) -> list[Trigger]:
    """The triggers of a definition's body, in the order written."""
    one_at_a_time = bool(body.get("one_at_a_time", True))
    return [
        Trigger(key, definition_id, version_id, number, index, said, one_at_a_time)
        for index, said in enumerate(body.get("triggers") or [])
    ]


def active(event: str) -> list[Trigger]:
    """The triggers on this event of everything that is active and published, the most urgent first."""
    found = [trigger for trigger in _all() if trigger.said.get("on") == event]
    return in_order(found)


def in_order(found: Iterable[Trigger]) -> list[Trigger]:
    """By priority, the largest first; of equals by the key's order, then as written."""
    return sorted(found, key=lambda trigger: (-trigger.priority, trigger.key, trigger.index))


_held: dict[str, Any] = {"until": 0.0, "versions": (), "triggers": []}


def _all() -> list[Trigger]:
    """Of everything active. Looked up again after as long as a credential is held; bodies never change."""
    now = time.monotonic()
    if now < _held["until"]:
        return list(_held["triggers"])
    versions = tuple(row[0] for row in prepared.rows(_ACTIVE, []))
    if versions != _held["versions"]:
        _held["triggers"] = [trigger for pk in versions for trigger in _of(bodies.of(pk))]
        _held["versions"] = versions
    _held["until"] = now + settings.CREDENTIALS_HELD_SECONDS
    return list(_held["triggers"])


def forget() -> None:
    """Look anew what is active from now on, in this process."""
    _held.update(until=0.0)


def _of(body: Body) -> list[Trigger]:
    return of_body(
        body.data,
        key=body.key,
        definition_id=body.definition_id,
        version_id=body.version_id,
        number=body.number,
    )


def names_of(document: Document | None, event: Mapping[str, Any], *, head: bool | str) -> Guarded:
    """What conditions of triggers see. `newest`, `source`, `department` and `uploaded_by` should be there already.

    `head` as in `context.of_document`.
    """
    return Guarded({"document": context.of_document(document, head=head), "event": dict(event)})


def consider(found: Sequence[Trigger], names: Mapping[str, Any]) -> list[Considered]:
    """Which of these triggers (in order) match; `choose` says then what comes of them."""
    return [_looked_at(trigger, names) for trigger in found]


def see(considered: Sequence[Considered], names: Mapping[str, Any]) -> None:
    """Keep with each what its expressions saw of these names."""
    sight = seen.Sight(names)
    found = [sight.by(one.trigger.said.get("when")) | sight.by(one.trigger.said.get("with")) for one in considered]
    for one, kept in zip(considered, seen.bounded(found), strict=True):
        one.seen = kept


def _would(one: Considered) -> str:
    """Nobody refuses what is only asked about."""
    return ""


def choose(
    considered: Sequence[Considered],
    *,
    running: Collection[int] = (),
    start: Callable[[Considered], str] = _would,
) -> None:
    """Of those that match the first wins; those that say `also` start besides; each workflow once.

    `running` are the definitions that run on the document now: they are not started again, and have won all the same.
    `start` is called for each that is to start; where it gives a sentence instead of starting, the next has its turn.
    """
    chosen: set[int | str] = set()
    won = False
    for one in considered:
        if one.result in ("no", "error"):
            continue
        trigger = one.trigger
        name = trigger.definition_id or trigger.key
        if (won and not trigger.also) or name in chosen:
            one.result = "outranked"
            continue
        if trigger.one_at_a_time and trigger.definition_id in running:
            one.result = "running"
        elif refused := start(one):
            one.result, one.error = "refused", refused
            continue
        else:
            one.result = "also" if trigger.also else "won"
        won = won or not trigger.also
        chosen.add(name)


def _looked_at(trigger: Trigger, names: Mapping[str, Any]) -> Considered:
    when = trigger.said.get("when")
    try:
        if when and not conditions.holds(when, names):
            return Considered(trigger)
        variables = filled(trigger.said.get("with") or {}, names, "with")
    except ConditionFailed as failed:
        return Considered(trigger, "error", failed.sentence)
    except Trouble as trouble:
        return Considered(trigger, "error", trouble.detail)
    return Considered(trigger, "matches", variables=variables)
