"""PostgreSQL or Redis really away from a running gateway, and processing without workers; all of it from outside.

Some seconds in the ordinary run, a minute with --long.
"""

import http.client
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import papers, processes
from bench.instance import Instance
from tests.chaos import audit
from tests.chaos.clients import Clients, _body
from tests.chaos.listener import Listener
from tests.faults.served import Served

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]
AWAY = [4.0, pytest.param(60.0, marks=pytest.mark.long)]
PAPERS, CLIENTS = 40, 3


@pytest.fixture
def served(tmp_path_factory, request) -> Iterator[tuple[Served, Instance]]:
    """What can be taken away (`request.param`), and a gateway that stands on it."""
    room = tmp_path_factory.mktemp("away")
    with Served(room / "services", request.param) as service:
        gateway = Instance(room / "gateway", settings=service.come())
        try:
            gateway.start()
            yield service, gateway
        finally:
            gateway.kill_left()


def sender(gateway: Instance, who: dict[str, str], seed: int) -> Clients:
    sent = papers.many(PAPERS, seed=seed)
    return Clients(gateway.port, who["key"], who["department"], sent, CLIENTS, random.Random(seed), patience=180)


def post(gateway: Instance, who: dict[str, str], number: int) -> tuple[int, dict, dict]:
    """One upload; its status, headers and body."""
    line = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
    try:
        headers = {"X-API-Key": who["key"], "Content-Type": "multipart/form-data; boundary=----kmrl-chaos"}
        body = _body(papers.make(number, seed=77), who["department"])
        line.request("POST", "/api/v1/documents/upload/", body, headers)
        answer = line.getresponse()
        return answer.status, dict(answer.headers), json.loads(answer.read())
    finally:
        line.close()


def everything_is_whole(gateway: Instance, receipts: list, listener: Listener) -> None:
    with gateway.database() as database:
        assert audit.wait_until_settled(database, within=120) >= 0
        whole = listener.caught_up(database)
        assert audit.wrong_with(database, gateway.data / "originals", receipts, whole) == []


def is_worked_off(database, *, within: float) -> bool:
    """Whether no document is in work and no job unfinished (nobody listens here, so nobody numbers events)."""
    until = time.monotonic() + within
    while any(database.execute(query).fetchone()[0] for query in (audit.IN_WORK, audit.UNFINISHED)):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def worker_cpu(gateway: Instance) -> float:
    """Seconds that the worker processes (not their parsers) have spent."""
    return sum(process.cpu for process in gateway.of_role("worker") if process.parent == gateway.pid)


def logged(gateway: Instance) -> int:
    return sum(place.stat().st_size for place in Path(gateway.data / "log").glob("worker-*.log"))


@pytest.mark.parametrize("seconds", AWAY)
@pytest.mark.parametrize("served", ["postgres"], indirect=True)
def test_nothing_is_lost_while_postgresql_is_away(served, seconds):
    service, gateway = served
    who = json.loads(gateway.run("-m", "bench.clerk"))
    listener = Listener(gateway.port, who["key"])
    listener.start()
    before, meanwhile = sender(gateway, who, 1), sender(gateway, who, 2)
    before.start()
    while len(before.receipts) < PAPERS // 2:
        time.sleep(0.01)
    service.go()  # in the middle of uploads and of work
    spent, said = worker_cpu(gateway), logged(gateway)
    status, headers, problem = post(gateway, who, 1)
    assert (status, problem["code"]) == (503, "unavailable"), problem
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["retry-after"]) > 0
    meanwhile.start()
    time.sleep(seconds)
    assert worker_cpu(gateway) - spent < 3 + 0.5 * seconds, "workers spin"
    assert logged(gateway) - said < 100_000 + 4_000 * seconds, "workers flood their logs"
    service.come()
    before.wait()
    meanwhile.wait()
    assert before.refused + meanwhile.refused == []
    assert "500" not in before.troubles | meanwhile.troubles
    everything_is_whole(gateway, before.receipts + meanwhile.receipts, listener)
    listener.stop()


@pytest.mark.parametrize("seconds", AWAY)
@pytest.mark.parametrize("served", ["valkey"], indirect=True)
def test_uploads_are_taken_and_worked_off_while_redis_is_away(served, seconds):
    service, gateway = served
    who = json.loads(gateway.run("-m", "bench.clerk"))
    before, meanwhile = sender(gateway, who, 1), sender(gateway, who, 2)
    before.start()
    while len(before.receipts) < PAPERS // 2:
        time.sleep(0.01)
    service.go()
    before.wait()
    meanwhile.start()
    meanwhile.wait()
    assert before.refused + meanwhile.refused == []
    assert meanwhile.troubles == {}  # whoever sends does not notice
    with gateway.database() as database:
        assert is_worked_off(database, within=60)  # by the workers' own poll
    spent, said = worker_cpu(gateway), logged(gateway)
    time.sleep(seconds)
    assert worker_cpu(gateway) - spent < 3 + 0.5 * seconds, "workers spin"
    assert logged(gateway) - said < 50_000 + 2_000 * seconds, "workers flood their logs"
    assert post(gateway, who, 1)[0] == 202
    service.come()
    with gateway.database() as database:
        assert is_worked_off(database, within=60)
        rows = database.execute("SELECT status, count(*) FROM documents_document GROUP BY 1").fetchall()
    assert rows == [("processed", 2 * PAPERS + 1)]


def test_a_gateway_without_workers_processes_in_the_request(tmp_path):
    nobody = {"KMRL_WORKERS_HIGH": "0", "KMRL_WORKERS_DEFAULT": "0", "KMRL_WORKERS_LOW": "0"}
    gateway = Instance(tmp_path, settings={"KMRL_PROCESS_INLINE": "true", **nobody})
    try:
        gateway.start()
        who = json.loads(gateway.run("-m", "bench.clerk"))
        assert not [process for process in processes.tree(gateway.pid) if "kmrl worker" in process.command]
        status, _, receipt = post(gateway, who, 1)
        assert status == 202
        with gateway.database() as database:
            query = "SELECT d.status, count(p.id) FROM documents_document d JOIN documents_page p"
            query += " ON p.version_id = d.newest_id WHERE d.id = %s GROUP BY 1"
            assert database.execute(query, [receipt["id"]]).fetchall() == [("processed", papers.make(1, seed=77).pages)]
            assert is_worked_off(database, within=5)
    finally:
        gateway.kill_left()
