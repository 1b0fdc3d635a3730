"""A document's history in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts import history
from accounts.models import HistoryEntry
from documents.models import Document
from kmrl.pages import wording

AT_MOST = 60
UNTOLD = {"status", "job", "id", "sha256", "job_id"}


@dataclass(frozen=True)
class Entry:
    said: str
    who: str
    at: datetime
    tone: str
    changes: list[str]
    note: str


def of_document(document: Document) -> list[Entry]:
    """The newest entries first."""
    entries = history.of("document", document.pk).select_related("actor").order_by("-sequence")[:AT_MOST]
    return [_entry(entry) for entry in entries]


def _entry(entry: HistoryEntry) -> Entry:
    who = (entry.actor.get_full_name() if entry.actor else "") or entry.actor_name
    tone = wording.TONES.get(entry.action, "")
    return Entry(wording.deed(entry.action), who, entry.at, tone, _changes(entry.before, entry.after), entry.note)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """`Title: Jobcard → Job card` for what changed; `Version: 2` for what is only said."""
    said = []
    for key, new in after.items():
        if key in UNTOLD or (new in (None, "", [], {}) and key not in before):
            continue
        words = wording.value(key, new)
        said.append(
            f"{wording.field(key)}: {wording.value(key, before[key])} → {words}"
            if key in before
            else f"{wording.field(key)}: {words}"
        )
    return said
