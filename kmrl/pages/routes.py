"""Why a document went where it went: every rule that was looked at, with what it looked at, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from documents.models import Document
from kmrl.pages import flow_words, reasons
from workflows import context
from workflows.models import Definition, Routing

SHOWN = 3


@dataclass(frozen=True)
class Rule:
    """One rule that was looked at. `result` is the key (won, also, outranked, …), `said` its word."""

    workflow: str
    result: str
    said: str
    reason: str
    when: str
    values: list[tuple[str, str]]
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
    """The newest first. The document comes with source, department and uploader."""
    routings = list(Routing.objects.filter(document=document).order_by("-at")[:SHOWN])
    if not routings:
        return []
    keys = {one.get("definition", "") for routing in routings for one in routing.considered}
    titles = {one.key: flow_words.titled(one) for one in Definition.objects.filter(key__in=keys)}
    seen = seen_of(document)
    return [_route(routing, titles, seen) for routing in routings]


def seen_of(document: Document) -> dict[str, Any]:
    """The document as conditions see it, without its text."""
    return context.of_document(document, head=False)


def _route(routing: Routing, titles: dict[str, str], seen: dict[str, Any]) -> Route:
    rules = [_rule(one, titles, seen) for one in routing.considered]
    said = str(flow_words.TRIGGERS.get(routing.event, routing.event))
    chosen = [one for one in rules if one.chosen]
    return Route(said, routing.at, routing.document_version, chosen, [one for one in rules if not one.chosen])


def _rule(one: dict[str, Any], titles: dict[str, str], seen: dict[str, Any]) -> Rule:
    key, result, when = str(one.get("definition", "")), str(one.get("result", "")), str(one.get("when") or "")
    return Rule(
        titles.get(key, key),
        result,
        str(flow_words.RESULTS.get(result, result)),
        str(one.get("reason") or ""),
        when,
        flow_words.values_in(when, seen),
        int(one.get("priority") or 0),
        reasons.in_words(str(one.get("error") or "")),
    )
