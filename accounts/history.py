"""The audit trail: who did what to which subject. Append-only; each subject's entries form one hash chain.

The caller holds the subject's row lock, which makes the sequence free of gaps and of races.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone

from accounts.models import HistoryEntry, User

SYSTEM = "KMRL Gateway"


@dataclass(frozen=True)
class Deed:
    """What `record_many` writes: one per subject."""

    subject_kind: str
    subject_id: str
    action: str
    by: User | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    note: str = ""


def record(
    subject_kind: str,
    subject_id: object,
    action: str,
    *,
    by: User | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
) -> HistoryEntry:
    """Write one entry, in the caller's transaction. `by=None` is the gateway itself."""
    deed = Deed(subject_kind, str(subject_id), action, by, before or {}, after or {}, note)
    return record_many([deed])[0]


def record_many(deeds: Iterable[Deed], *, fresh: bool = False) -> list[HistoryEntry]:
    """Write entries of different subjects of one kind at once (two queries).

    `fresh=True` promises that the subjects have no history yet and saves the look at their last entries.
    """
    deeds = list(deeds)
    last = {} if fresh else _last_of(deeds)
    now = timezone.now()
    entries = []
    for deed in deeds:
        sequence, previous = last.get((deed.subject_kind, deed.subject_id), (0, ""))
        entry = HistoryEntry(
            subject_kind=deed.subject_kind,
            subject_id=deed.subject_id,
            sequence=sequence + 1,
            action=deed.action,
            actor=deed.by,
            actor_name=deed.by.get_username() if deed.by else SYSTEM,
            at=now,
            before=deed.before,
            after=deed.after,
            note=deed.note,
            previous_digest=previous,
        )
        entry.digest = digest_of(entry)
        last[(deed.subject_kind, deed.subject_id)] = (entry.sequence, entry.digest)
        entries.append(entry)
    return HistoryEntry.objects.bulk_create(entries)


def of(subject_kind: str, subject_id: object) -> "Any":
    """A subject's entries, oldest first."""
    return HistoryEntry.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).order_by("sequence")


def digest_of(entry: HistoryEntry) -> str:
    """SHA-256 over everything that the entry says and the digest before it."""
    said = [
        entry.subject_kind,
        entry.subject_id,
        entry.sequence,
        entry.action,
        entry.actor_name,
        _stamp(entry.at),
        entry.before,
        entry.after,
        entry.note,
        entry.previous_digest,
    ]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def first_break(subject_kind: str, subject_id: object) -> int | None:
    """The sequence of the first entry whose chain does not hold, or None when all do."""
    previous = ""
    for expected, entry in enumerate(of(subject_kind, subject_id), start=1):
        if entry.sequence != expected or entry.previous_digest != previous or digest_of(entry) != entry.digest:
            return expected
        previous = entry.digest
    return None


def _stamp(at: datetime) -> str:
    return at.astimezone(tz=timezone.get_fixed_timezone(0)).isoformat()


def _last_of(deeds: list[Deed]) -> dict[tuple[str, str], tuple[int, str]]:
    kinds, ids = {d.subject_kind for d in deeds}, {d.subject_id for d in deeds}
    rows = (
        HistoryEntry.objects.filter(subject_kind__in=kinds, subject_id__in=ids)
        .order_by("subject_kind", "subject_id", "-sequence")
        .distinct("subject_kind", "subject_id")
    )
    return {(row.subject_kind, row.subject_id): (row.sequence, row.digest) for row in rows}
