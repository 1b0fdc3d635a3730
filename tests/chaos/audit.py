"""Looks at everything that the gateway has kept, and says what does not hold. An empty list is what is wanted."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

from tests.chaos.clients import Receipt
from tests.chaos.listener import Listener

IN_WORK = "SELECT count(*) FROM documents_document WHERE status IN ('queued', 'processing')"
UNFINISHED = "SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'waiting', 'running', 'failed')"
UNNUMBERED = "SELECT count(*) FROM realtime_event WHERE position IS NULL"

Connection = psycopg.Connection[tuple[Any, ...]]


def wait_until_settled(database: Connection, *, within: float) -> float:
    """Wait until no document is in work, no job unfinished, no event unnumbered; the seconds that took, or -1."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        if not any(database.execute(query).fetchone()[0] for query in (IN_WORK, UNFINISHED, UNNUMBERED)):
            return time.monotonic() - began
        time.sleep(0.2)
    return -1


def run_again(database: Connection) -> int:
    """How many jobs were begun more than once: those that a kill hit."""
    return database.execute("SELECT count(*) FROM jobs_job WHERE fence > 1").fetchone()[0]


def wrong_with(database: Connection, originals: Path, receipts: Iterable[Receipt], listener: Listener) -> list[str]:
    """Every sentence is one promise broken."""
    receipts = list(receipts)
    promised = {receipt.document: receipt for receipt in receipts}
    return [
        *_wrong_receipts(database, receipts),
        *_wrong_versions(database, promised),
        *_wrong_pages(database, promised),
        *_wrong_jobs(database, promised),
        *_wrong_history(database, promised),
        *_wrong_events(database, promised),
        *_wrong_telling(database, listener),
        *_wrong_bytes(database, originals, promised),
    ]


def _wrong_receipts(database: Connection, receipts: list[Receipt]) -> list[str]:
    """Each paper was sent under one key: it has one receipt, the receipt one document, and there are no others."""
    kept = {str(pk) for (pk,) in database.execute("SELECT id FROM documents_document")}
    named = Counter(receipt.document for receipt in receipts)
    wrong = [f"{pk}: a receipt without its document" for pk in named if pk not in kept]
    wrong += [f"{pk}: {count} papers got this receipt" for pk, count in named.items() if count > 1]
    wrong += [
        f"{pk}: a document that nobody got a receipt for, so a paper was taken in twice" for pk in kept - set(named)
    ]
    return wrong


def _wrong_versions(database: Connection, promised: dict[str, Receipt]) -> list[str]:
    rows = database.execute(
        "SELECT d.id, d.status, d.newest_id = d.readable_id, count(v.id), min(v.status), max(v.page_count),"
        " max(v.error_code)"
        " FROM documents_document d LEFT JOIN documents_version v ON v.document_id = d.id GROUP BY d.id"
    )
    wrong = []
    for pk, status, readable, versions, version_status, pages, error in rows:
        expected = promised[str(pk)].paper.pages if str(pk) in promised else pages
        found = (status, readable, versions, version_status, pages, error)
        if found != ("processed", True, 1, "processed", expected, ""):
            wrong.append(f"{pk}: status, readable, versions, version's status, pages, error are {found}")
    return wrong


def _wrong_pages(database: Connection, promised: dict[str, Receipt]) -> list[str]:
    rows = database.execute(
        "SELECT v.document_id, array_agg(p.number ORDER BY p.number), bool_and(p.text LIKE '%Job card KMRL-%'),"
        " count(i.page_id) FROM documents_version v JOIN documents_page p ON p.version_id = v.id"
        " LEFT JOIN documents_pageindex i ON i.page_id = p.id GROUP BY v.document_id",
    )
    found = {str(pk): (numbers, phrase, indexed) for pk, numbers, phrase, indexed in rows}
    wrong = []
    for pk, receipt in promised.items():
        expected = list(range(1, receipt.paper.pages + 1))
        if found.get(pk) != (expected, True, len(expected)):
            wrong.append(f"{pk}: pages, phrase and indexed pages are {found.get(pk)}, expected {expected}")
    text = dict(
        database.execute(
            "SELECT v.document_id::text, p.text FROM documents_version v JOIN documents_page p ON p.version_id = v.id"
            " WHERE p.number = 1"
        ).fetchall()
    )
    wrong += [
        f"{pk}: the text is another paper's" for pk, r in promised.items() if r.paper.phrase not in text.get(pk, "")
    ]
    return wrong


def _wrong_jobs(database: Connection, promised: dict[str, Receipt]) -> list[str]:
    rows = database.execute(
        "SELECT subject_id, kind, array_agg(state) FROM jobs_job WHERE subject_kind = 'document' GROUP BY 1, 2"
    )
    found = {(pk, kind): states for pk, kind, states in rows}
    wrong = [
        f"{pk}: jobs {kind} are {found.get((pk, kind))}"
        for pk in promised
        for kind in ("document.process", "document.index")
        if found.get((pk, kind)) != ["succeeded"]
    ]
    others = database.execute("SELECT id, kind, state FROM jobs_job WHERE state <> 'succeeded'").fetchall()
    return wrong + [f"job {pk} {kind} is {state}" for pk, kind, state in others]


def _wrong_history(database: Connection, promised: dict[str, Receipt]) -> list[str]:
    """One entry says that it arrived, one that it was read; the sequence has no gap."""
    rows = database.execute(
        "SELECT subject_id, array_agg(sequence ORDER BY sequence),"
        " count(*) FILTER (WHERE sequence = 1), count(*) FILTER (WHERE after->>'status' = 'processed')"
        " FROM accounts_historyentry WHERE subject_kind = 'document' GROUP BY subject_id"
    )
    found = {pk: rest for pk, *rest in rows}
    wrong = []
    for pk in promised:
        sequence, arrived, finished = found.get(pk, ([], 0, 0))
        if (arrived, finished) != (1, 1) or sequence != list(range(1, len(sequence) + 1)):
            wrong.append(f"{pk}: history has {arrived} arrivals, {finished} finishes, sequence {sequence}")
    return wrong


def _wrong_events(database: Connection, promised: dict[str, Receipt]) -> list[str]:
    rows = database.execute(
        "SELECT data->>'id', count(*) FILTER (WHERE type = 'document.received'),"
        " count(*) FILTER (WHERE type = 'document.status' AND data->>'status' = 'processed'),"
        " count(*) FILTER (WHERE type = 'document.failed') FROM realtime_event GROUP BY 1"
    )
    found = {pk: tuple(counts) for pk, *counts in rows}
    return [
        f"{pk}: events received, processed, failed are {found.get(pk)}" for pk in promised if found.get(pk) != (1, 1, 0)
    ]


def _wrong_telling(database: Connection, listener: Listener) -> list[str]:
    """Positions are dense; the listener heard each event of its audience once, in order, across all its connections."""
    positions = [p for (p,) in database.execute("SELECT position FROM realtime_event ORDER BY position")]
    wrong = []
    if positions != list(range(1, len(positions) + 1)):
        wrong.append("the positions of events are not 1, 2, 3 …")
    told = [
        p
        for (p,) in database.execute(
            "SELECT position FROM realtime_event WHERE type LIKE 'document.%' ORDER BY position"
        )
    ]
    heard = [event["position"] for event in listener.heard if event["type"].startswith("document.")]
    if heard != told:
        missing, twice = len(set(told) - set(heard)), len(heard) - len(set(heard))
        wrong.append(f"of {len(told)} events the listener missed {missing}, and heard {twice} again or out of order")
    if listener.resets:
        wrong.append(f"the listener was told {listener.resets} times to start over")
    return wrong


def _wrong_bytes(database: Connection, originals: Path, promised: dict[str, Receipt]) -> list[str]:
    rows = dict(database.execute("SELECT document_id::text, blob_id FROM documents_version").fetchall())
    wrong = []
    for pk, receipt in promised.items():
        digest = hashlib.sha256(receipt.paper.content).hexdigest()
        place = originals / "sha256" / digest[:2] / digest[2:4] / digest
        if rows.get(pk) != digest:
            wrong.append(f"{pk}: its bytes are {rows.get(pk)}, sent were {digest}")
        elif not place.exists() or hashlib.sha256(place.read_bytes()).hexdigest() != digest:
            wrong.append(f"{pk}: its bytes are not in storage as they were sent")
    return wrong
