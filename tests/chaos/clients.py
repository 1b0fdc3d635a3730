"""Clients as they should be: each paper has its Idempotency-Key, and is sent until the gateway has given a receipt."""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.papers import Paper

AGAIN = {409, 429, 500, 502, 503, 504}  # busy, or a moment's trouble: the same request may be sent again
BOUNDARY = "----kmrl-chaos"


@dataclass(frozen=True)
class Receipt:
    """A 202 answer: the document that the gateway answers for."""

    document: str
    paper: Paper
    attempts: int


@dataclass
class Clients:
    """`count` clients that send `papers` together; `receipts` and `refused` grow while they do.

    After `patience` seconds for all of them they give up.
    """

    port: int
    api_key: str
    department: str
    papers: Iterable[Paper]
    count: int
    dice: random.Random
    patience: float = 120.0
    receipts: list[Receipt] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        self._waiting = iter([(paper, self._key()) for paper in self.papers])
        self._until = time.monotonic() + self.patience
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send_all, daemon=True) for _ in range(self.count)]
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        for thread in self._threads:
            thread.join()

    @property
    def sending(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _key(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def _send_all(self) -> None:
        while True:
            with self._lock:
                paper, key = next(self._waiting, (None, ""))
            if paper is None:
                return
            self._send(paper, key)

    def _send(self, paper: Paper, key: str) -> None:
        attempts = 0
        while time.monotonic() < self._until:
            attempts += 1
            try:
                status, answer = self._post(paper, key)
            except (OSError, http.client.HTTPException) as problem:
                self.troubles[type(problem).__name__] += 1
            else:
                if status == 202:
                    self.receipts.append(Receipt(json.loads(answer)["id"], paper, attempts))
                    return
                if status not in AGAIN:
                    self.refused.append(f"{paper.name}: {status} {answer[:300]!r}")
                    return
                self.troubles[str(status)] += 1
            time.sleep(min(0.05 * attempts, 0.5))
        self.refused.append(f"{paper.name}: no receipt after {attempts} attempts")

    def _post(self, paper: Paper, key: str) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request("POST", "/api/v1/documents/upload/", _body(paper, self.department), self._headers(key))
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def _headers(self, key: str) -> dict[str, str]:
        return {
            "X-API-Key": self.api_key,
            "Idempotency-Key": key,
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        }


def _body(paper: Paper, department: str) -> bytes:
    fields = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {"source": "api", "department": department}.items()
    )
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{paper.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return fields.encode() + head.encode() + paper.content + f"\r\n--{BOUNDARY}--\r\n".encode()
