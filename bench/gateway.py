"""Our side: a private instance, used by a clerk of three departments with an API key."""

import json
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import psycopg

from bench import httpload, papers
from bench.instance import Instance
from bench.sides import Corpus

ENDED = "('processed', 'failed', 'cancelled', 'quarantined')"


class Gateway:
    """KMRL Gateway, started anew in an empty folder of its own below `scratch`, which the caller removes in the end.

    Not before all is measured: where a file system keeps no journal, ext4 passes over the numbers of files that were
    removed in the last minutes, one by one for every new file, and originals are files.
    """

    name = "gateway"
    accepted = "202"
    socket_path = "/ws/"

    def __init__(self, scratch: Path) -> None:
        self.instance = Instance(Path(tempfile.mkdtemp(prefix="gateway-", dir=scratch)))
        self.port = self.instance.port
        self.started_in = 0.0
        self._clerk: dict[str, Any] = {}
        self._database: psycopg.Connection[tuple[Any, ...]] | None = None

    def start(self) -> None:
        self.started_in = self.instance.start(within=120)
        self._clerk = json.loads(self.instance.run("-m", "bench.clerk"))
        self._database = self.instance.database()

    def stop(self) -> None:
        try:
            if self._database is not None:
                self._database.close()
            self.instance.stop()
        finally:
            self.instance.kill_left()

    def hold_work(self) -> None:
        self._change("UPDATE jobs_queue SET paused = true")

    def let_work(self) -> None:
        self._change("UPDATE jobs_queue SET paused = false")
        self.wait_until_done(300)

    def wait_until_done(self, within: float) -> None:
        until = time.monotonic() + within
        while self.unfinished() and time.monotonic() < until:
            time.sleep(0.05)

    def requests(self, corpus: Corpus, mark: str) -> list[bytes]:
        fields = {"source": "api", "department": self._clerk["department"], "metadata": '{"bench": true}'}
        return [
            httpload.upload(
                "/api/v1/documents/upload/",
                name,
                papers.distinct(content, mark),
                fields,
                {"X-API-Key": self._clerk["key"], "Idempotency-Key": str(uuid.uuid4())},
            )
            for name, content in corpus.contents()
        ]

    def settled(self) -> int:
        return self._count(f"SELECT count(*) FROM documents_document WHERE status IN {ENDED}")  # noqa: S608 (constant)

    def failed(self) -> int:
        return self._count("SELECT count(*) FROM documents_document WHERE status = 'failed'")

    def unfinished(self) -> int:
        return self._count("SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'waiting', 'running', 'failed')")

    def unindexed(self) -> int:
        """Pages that search does not find yet."""
        return self._count(
            "SELECT count(*) FROM documents_page p WHERE NOT EXISTS"
            " (SELECT 1 FROM documents_pageindex i WHERE i.page_id = p.id)"
        )

    def is_settled(self, answer: bytes) -> bool:
        pk = json.loads(answer)["id"]
        found = f"SELECT count(*) FROM documents_document WHERE id = %s AND status IN {ENDED}"  # noqa: S608 (constant)
        return self._count(found, pk) == 1

    def roots(self) -> list[int]:
        return [self.instance.pid]

    def greeting(self, number: int) -> str | None:
        listeners = self._clerk["listeners"]
        return json.dumps({"action": "authenticate", "token": listeners[number % len(listeners)]})

    def tell(self, count: int, between: float) -> None:
        self.instance.run("-m", "bench.teller", str(count), str(between))

    def ingest_command(self, folder: Path) -> list[str]:
        return [
            "manage.py",
            "ingest",
            str(folder),
            "--source",
            "api",
            "--department",
            self._clerk["department"],
            "--as",
            self._clerk["user"],
            "--wait",
        ]

    def _count(self, query: str, *values: object) -> int:
        assert self._database is not None, "not started"  # noqa: S101 (a mistake of ours)
        row = self._database.execute(query.encode(), values or None).fetchone()
        return int(row[0]) if row else 0

    def _change(self, statement: str) -> None:
        assert self._database is not None, "not started"  # noqa: S101 (a mistake of ours)
        self._database.execute(statement.encode())
