"""Why a document went where it went: every rule that was looked at, with what it saw then, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from documents.models import Document
from kmrl.pages import beginnings, flow_words, reasons, rule_words
from kmrl.pages.rule_words import Saw
from workflows.models import Definition, Routing

SHOWN = 3


@dataclass(frozen=True)
class Rule:
    """One rule that was looked at, in words of its definition. `result` is the key (won, also, outranked, …), `said`
    its word."""

    workflow: str
    result: str
    said: str
    words: str
    saw: Saw
    priority: int
    error: str

    @property
    def chosen(self) -> bool:
        return self.result in ("won", "also")


@dataclass(frozen=True)
class Route:
    """What was looked at when something happened to the document; `chosen` won, the others are beside."""

    event: str
    at: datetime
    version: int
    chosen: list[Rule]
    others: list[Rule]


def of_document(document: Document) -> list[Route]:
    """The newest first."""
    routings = list(Routing.objects.filter(document=document).order_by("-at")[:SHOWN])
    if not routings:
        return []
    keys = {one.get("definition", "") for routing in routings for one in routing.considered}
    definitions = {one.key: one for one in Definition.objects.filter(key__in=keys)}
    return [_route(routing, definitions) for routing in routings]


def words_of(reason: str, definition: Definition | None) -> str:
    """What a rule is for: its own reason; where it has none, what its workflow is for."""
    return beginnings.in_words(reason) or (definition.description.strip().partition("\n\n")[0] if definition else "")


def _route(routing: Routing, definitions: Mapping[str, Definition]) -> Route:
    rules = [_rule(one, definitions) for one in routing.considered]
    said = str(flow_words.TRIGGERS.get(routing.event, routing.event))
    chosen = [one for one in rules if one.chosen]
    return Route(said, routing.at, routing.document_version, chosen, [one for one in rules if not one.chosen])


def _rule(one: Mapping[str, Any], definitions: Mapping[str, Definition]) -> Rule:
    key, result = str(one.get("definition", "")), str(one.get("result", ""))
    definition = definitions.get(key)
    return Rule(
        flow_words.titled(definition) if definition else key,
        result,
        str(flow_words.RESULTS.get(result, result)),
        words_of(str(one.get("reason") or ""), definition),
        rule_words.kept(one),
        int(one.get("priority") or 0),
        reasons.in_words(str(one.get("error") or "")),
    )
