"""A browser's socket as it should be: it comes back after every break and says the last position that it saw."""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect


@dataclass
class Listener:
    """Listens until `stop`. `heard` holds the durable events in the order in which they came."""

    port: int
    api_key: str
    heard: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    resets: int = 0
    last: int = 0

    def start(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(10)

    def caught_up(self, database: "psycopg.Connection[tuple[Any, ...]]", *, within: float = 15) -> "Listener":
        """Itself, once it has heard the newest event of documents, or when time is up."""
        newest = "SELECT max(position) FROM realtime_event WHERE type LIKE 'document.%'"
        until = time.monotonic() + within
        while time.monotonic() < until and self.last < (database.execute(newest).fetchone() or (0,))[0]:
            time.sleep(0.1)
        return self

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                with connect(f"ws://127.0.0.1:{self.port}/ws/", open_timeout=5, proxy=None) as line:
                    line.send(json.dumps({"action": "authenticate", "token": self.api_key}))
                    self._follow(line)
            except (OSError, TimeoutError, WebSocketException, EOFError):
                time.sleep(0.2)

    def _follow(self, line: ClientConnection) -> None:
        while not self._over.is_set():
            try:
                said = json.loads(line.recv(timeout=0.5))
            except TimeoutError:
                continue
            for event in said if isinstance(said, list) else [said]:
                self._take(line, event)

    def _take(self, line: ClientConnection, event: dict[str, Any]) -> None:
        if event["type"] == "connected":
            self.connections += 1
            line.send(json.dumps({"action": "resume", "after": self.last, "topics": []}))
        elif event["type"] == "reset":
            self.resets += 1
        elif "position" in event:
            self.heard.append(event)
            self.last = event["position"]
            line.send(json.dumps({"action": "ack", "position": self.last}))
