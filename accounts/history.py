"""The audit trail: who did what to which subject. Append-only; each subject's entries form one hash chain.

The caller holds the subject's row lock, which makes the sequence free of gaps and of races.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Protocol

import orjson
from django.db.models import QuerySet
from django.utils import timezone

from accounts import prepared, writing
from accounts.models import HistoryEntry, User

SYSTEM = "KMRL Gateway"
_LAST = """
SELECT g.kind, g.id, last.sequence, last.digest
FROM unnest(%s::text[], %s::text[]) AS g (kind, id) CROSS JOIN LATERAL (
    SELECT sequence, digest FROM accounts_historyentry
    WHERE subject_kind = g.kind AND subject_id = g.id ORDER BY sequence DESC LIMIT 1
) AS last
"""
EXACT = 2**53  # beyond it floats skip whole numbers, and parsers of JSON differ


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
    """Write entries of many subjects at once (two queries), in the order given.

    `fresh=True` promises that the subjects have no history yet and saves the look at their last entries.
    What JSON cannot say is written down as text (`plain`).
    """
    deeds = list(deeds)
    entries = entries_of(deeds, last={} if fresh else last_of(deeds))
    writing.insert(entries)
    return entries


def entries_of(deeds: Iterable[Deed], *, last: dict[tuple[str, str], tuple[int, str]]) -> list[HistoryEntry]:
    """The entries of these deeds, not written yet; `last` says each subject's last sequence and digest, if any."""
    now = timezone.now()
    entries = []
    for deed in deeds:
        subject = (deed.subject_kind, deed.subject_id)
        sequence, previous = last.get(subject, (0, ""))
        entry = HistoryEntry(
            subject_kind=deed.subject_kind,
            subject_id=deed.subject_id,
            sequence=sequence + 1,
            action=deed.action,
            actor=deed.by,
            actor_name=deed.by.get_username() if deed.by else SYSTEM,
            at=now,
            before=plain(deed.before),
            after=plain(deed.after),
            note=plain(deed.note),
            previous_digest=previous,
        )
        entry.digest = digest_of(entry)
        last[subject] = (entry.sequence, entry.digest)
        entries.append(entry)
    return entries


def of(subject_kind: str, subject_id: object) -> QuerySet[HistoryEntry]:
    """A subject's entries, oldest first."""
    return HistoryEntry.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).order_by("sequence")


def plain(value: Any) -> Any:
    """The value as it comes back from the database: what digests are taken over must survive the way there.

    Numbers that JSON or PostgreSQL would write otherwise, dates, UUIDs and the like become text; NUL and halves of
    surrogate pairs, which PostgreSQL refuses, become U+FFFD.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = str(value)
        return text if text.isprintable() else text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, int | float):
        return (value + 0 if value else 0) if -EXACT < value < EXACT else str(value)
    if isinstance(value, Mapping):
        return {plain(key if isinstance(key, str) else str(key)): plain(held) for key, held in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(held) for held in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(held) for held in value]
    return value.isoformat() if isinstance(value, date | time) else plain(str(value))


class Written(Protocol):
    """What an entry says: a row of HistoryEntry, or of `accounts.verifying`."""

    @property
    def subject_kind(self) -> str: ...
    @property
    def subject_id(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def action(self) -> str: ...
    @property
    def actor_name(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def before(self) -> Any: ...
    @property
    def after(self) -> Any: ...
    @property
    def note(self) -> str: ...
    @property
    def previous_digest(self) -> str: ...
    @property
    def digest(self) -> str: ...


def digest_of(entry: Written) -> str:
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
    for found in breaks(of(subject_kind, subject_id)):
        return found.sequence
    return None


@dataclass(frozen=True)
class Break:
    """The first entry of a subject's chain that does not hold; `sequence` is the one that was expected there.

    `why` is said where the chain holds, and what it tells does not (`accounts.verifying`).
    """

    subject_kind: str
    subject_id: str
    sequence: int
    why: str = ""


def breaks(entries: Iterable[Written]) -> Iterator[Break]:
    """Each subject's first break. The entries of a subject come together, oldest first."""
    for (kind, subject_id), chain in itertools.groupby(
        entries, key=lambda entry: (entry.subject_kind, entry.subject_id)
    ):
        previous = ""
        for expected, entry in enumerate(chain, start=1):
            if entry.sequence != expected or entry.previous_digest != previous or digest_of(entry) != entry.digest:
                yield Break(kind, subject_id, expected)
                break
            previous = entry.digest


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def last_of(deeds: Sequence[Deed]) -> dict[tuple[str, str], tuple[int, str]]:
    """Sequence and digest of the last entry of each subject that has one, as `entries_of` wants them."""
    subjects = list({(deed.subject_kind, deed.subject_id) for deed in deeds})
    rows = prepared.rows(_LAST, [[kind for kind, _ in subjects], [pk for _, pk in subjects]])
    return {(kind, pk): (sequence, digest) for kind, pk, sequence, digest in rows}
