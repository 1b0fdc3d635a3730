"""A whole house: that nobody works is seen and written about although no worker is there to see it."""

import json
import socketserver
import threading
import time
from pathlib import Path

import pytest

from bench.instance import Instance

pytestmark = [pytest.mark.chaos, pytest.mark.long]
PATIENCE = 90


class Postman(socketserver.ThreadingTCPServer):
    """A mail server that takes everything and keeps what it was given."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.mails: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self._say("354 go on")
                lines = []
                while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    lines.append(line)
                self.server.mails.append("\n".join(lines))
            self._say("221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def postman():
    server = Postman()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def wait_for(question, seconds: float = PATIENCE):
    until = time.monotonic() + seconds
    while not (found := question()) and time.monotonic() < until:
        time.sleep(0.5)
    return found


def test_a_house_without_workers_says_so_once_over_all_web_processes_and_a_restart(tmp_path: Path, postman):
    settings = {f"KMRL_WORKERS_{queue}": "0" for queue in ("HIGH", "DEFAULT", "LOW")} | {
        "KMRL_WEB_WORKERS": "2",
        "KMRL_ALERT_EVERY": "1",
        "KMRL_ALERT_EMAILS": "duty@example.com",
        "EMAIL_URL": f"smtp://127.0.0.1:{postman.port}",
    }
    house = Instance(tmp_path / "house", settings=settings)
    names = "SELECT name, cleared_at IS NULL FROM jobs_alert WHERE name = 'no_worker' ORDER BY id"
    try:
        house.start(within=60)  # degraded: uploads are taken in, and nobody works
        with house.database() as database:
            assert wait_for(lambda: database.execute(names).fetchall()) == [("no_worker", True)]
            assert wait_for(lambda: postman.mails)
        house.stop()
        house.settings |= {"KMRL_WORKERS_LOW": "1"}
        house.start(within=60)
        with house.database() as database:
            over = [("no_worker", False)]
            assert wait_for(lambda: database.execute(names).fetchall() == over)
            events = database.execute(
                "SELECT data FROM realtime_event WHERE type = 'system.alert' AND data ->> 'code' = 'no_worker'"
                " ORDER BY position"
            ).fetchall()
        assert [data["cleared"] for (data,) in events] == [False, True], json.dumps(events)
        assert wait_for(lambda: len([mail for mail in postman.mails if "no_worker" in mail]) == 2, 15)
    finally:
        house.stop()
