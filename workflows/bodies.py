"""What runs: the bodies of published versions, kept in memory. They never change, so they are never looked up again."""

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson

from workflows.models import DefinitionVersion

KEPT = 512
_HEAD = re.compile(rb"\bdocument\b(?!\s*\.\s*\w)|\bdocument\s*\.\s*head\b")  # the whole map, or that field


@dataclass(frozen=True)
class Body:
    """One published version: `data` as the engine reads it. `reads_head`: its conditions look at the text.
    `pauses`: clocks of it stand still in some steps."""

    version_id: int
    definition_id: int
    key: str
    number: int
    data: dict[str, Any]
    reads_head: bool
    pauses: bool

    @property
    def title(self) -> str:
        return str(self.data.get("title") or self.key)

    @property
    def calendar(self) -> str:
        """The key of the calendar in which the run counts working time."""
        return str((self.data.get("sla") or {}).get("calendar") or "office")


_kept: OrderedDict[int, Body] = OrderedDict()


def of(version_id: int) -> Body:
    """The body of this version; one query when this process meets it first. Raises DoesNotExist."""
    if (known := _kept.get(version_id)) is not None:
        return known
    version = DefinitionVersion.objects.select_related("definition").get(pk=version_id)
    text = orjson.dumps(version.body)
    body = Body(
        version_id=version.pk,
        definition_id=version.definition_id,
        key=version.definition.key,
        number=version.number,
        data=version.body,
        reads_head=reads_head(version.body.get("steps")),
        pauses=b'"pause_while":["' in text,
    )
    _kept[version_id] = body
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return body


def reads_head(said: Any) -> bool:
    """Whether expressions in this part of a body look at the document's text: where they do not, nobody fetches it."""
    return bool(_HEAD.search(orjson.dumps(said)))


def forget() -> None:
    """Look everything up anew: for tests that empty the tables."""
    _kept.clear()
