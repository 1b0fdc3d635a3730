"""A document's history in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts import history
from accounts.models import Department, HistoryEntry
from documents.models import Document, Source
from kmrl.pages import labels, wording

Names = dict[tuple[str, str], str]
AT_MOST = 60
UNTOLD = {"status", "job", "id", "sha256", "job_id", "as", "duplicate_of"}
SAME = {"as", "duplicate_of"}


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
    entries = list(history.of("document", document.pk).select_related("actor").order_by("-sequence")[:AT_MOST])
    names = _names(entries)
    return [_entry(entry, names) for entry in entries]


def _names(entries: list[HistoryEntry]) -> Names:
    """What departments and sources are called that the entries know by their keys."""

    def keys(field: str) -> set[str]:
        return {str(side[field]) for entry in entries for side in (entry.before, entry.after) if side.get(field)}

    departments = Department.objects.filter(key__in=keys("department"))
    sources = Source.objects.filter(key__in=keys("source"))
    return {("department", one.key): labels.department(one) for one in departments} | {
        ("source", one.key): labels.source(one) for one in sources
    }


def _entry(entry: HistoryEntry, names: Names) -> Entry:
    who = (entry.actor.get_full_name() if entry.actor else "") or entry.actor_name
    tone = wording.TONES.get(entry.action, "")
    return Entry(
        wording.deed(entry.action), who, entry.at, tone, _changes(entry.before, entry.after, names), entry.note
    )


def _changes(before: dict[str, Any], after: dict[str, Any], names: Names) -> list[str]:
    """`Title: Jobcard → Job card` for what changed; `Version: 2` for what is only said."""
    said = [_("The same file was received before.")] if SAME & after.keys() else []
    for key, new in after.items():
        if key in UNTOLD or (new in (None, "", [], {}) and key not in before):
            continue
        words = _value(key, new, names)
        said.append(
            f"{wording.field(key)}: {_value(key, before[key], names)} → {words}"
            if key in before
            else f"{wording.field(key)}: {words}"
        )
    return said


def _value(key: str, said: Any, names: Names) -> str:
    return names.get((key, str(said))) or wording.value(key, said)
