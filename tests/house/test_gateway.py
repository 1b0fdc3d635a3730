"""A whole gateway, started as `bin/up` starts it, looked at from outside. One for all; those who break it come last."""

import hashlib
import os
import re
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kmrl.supervision import instance
from tests.house.gateways import PROJECT, Gateway, environment, free_port, until, working_on

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc"),
]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    found = Gateway(tmp_path_factory.mktemp("gateway") / "data")
    try:
        yield found.start()
    finally:
        found.stop()


def start_again(data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kmrl.supervision"],
        cwd=PROJECT,
        env=environment(data, **more),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_screen_says_how_to_sign_in_and_it_is_true(gateway):
    name, password = re.search(r"sign in +(\S+) / (\S+)", gateway.said()).groups()
    status, tokens = gateway.ask("/api/v1/auth/token/", {"username": name, "password": password})
    assert (status, set(tokens)) == (200, {"access", "refresh"})


def test_the_screen_names_address_data_and_logs(gateway):
    for word in (
        f"http://127.0.0.1:{gateway.port}/",
        str(gateway.data),
        "private PostgreSQL",
        "private Valkey",
        "beat",
    ):
        assert word in gateway.said()
    assert len(gateway.said().splitlines()) <= 24


def test_its_data_is_closed_to_others(gateway):
    for place in ("services", "secrets", "log"):
        assert stat.S_IMODE((gateway.data / place).stat().st_mode) == 0o700, place
    for place in ("secret.key", "addresses.json", "lock", "secrets/postgres", "secrets/valkey", "log/web.log"):
        assert stat.S_IMODE((gateway.data / place).stat().st_mode) == 0o600, place


def test_no_secret_stands_on_a_command_line(gateway):
    secrets = [
        (gateway.data / place).read_text().strip() for place in ("secrets/postgres", "secrets/valkey", "secret.key")
    ]
    commands = " ".join(working_on(gateway.data).values())
    assert "valkey-server" in commands
    assert not [secret for secret in secrets if secret in commands]


def test_the_first_administrators_password_is_told_to_no_child(tmp_path_factory, gateway):
    told = Path(f"/proc/{gateway.process('web')}/environ").read_bytes()
    assert b"DATABASE_URL=" in told
    assert b"DJANGO_SUPERUSER_PASSWORD" not in told


def test_other_commands_on_the_host_find_its_services(gateway):
    done = subprocess.run(
        [sys.executable, "manage.py", "seed"],
        cwd=PROJECT,
        env=environment(gateway.data),
        capture_output=True,
        text=True,
    )
    names = ("departments", "sources", "queues", "calendars", "holidays", "shifts", "definitions")
    assert done.stdout == ", ".join(f"0 {name}" for name in names) + " added\n", done.stderr


def test_static_files_are_served_packed_and_for_ever(gateway):
    with urllib.request.urlopen(f"http://127.0.0.1:{gateway.port}/admin/login/") as page:
        link = re.search(r'href="(/static/[^"]+\.css)"', page.read().decode()).group(1)
    wanted = urllib.request.Request(f"http://127.0.0.1:{gateway.port}{link}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(wanted) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_second_start_on_the_same_data_is_refused(gateway):
    done = start_again(gateway.data, KMRL_PORT=str(free_port()))
    assert done.returncode == 1
    assert f"A gateway already runs on {gateway.data} (process {gateway.pid})" in done.stderr
    assert gateway.is_ready()


def test_a_port_in_use_is_refused_before_anything_is_started(gateway, tmp_path):
    done = start_again(tmp_path / "data", KMRL_PORT=str(gateway.port))
    assert (done.returncode, done.stderr) == (
        1,
        f"Port {gateway.port} is in use by another programme: choose one with KMRL_PORT.\n",
    )
    assert not (tmp_path / "data" / "services").exists()


def test_workers_report_and_readiness_is_whole(gateway):
    def checks() -> dict:
        return gateway.ask("/health/ready")[1].get("checks", {})

    until(lambda: gateway.ask("/health/ready")[1].get("status") == "ready", 30)
    assert set(checks()) == {"postgresql", "storage", "redis", "workers"}
    until(lambda: checks()["workers"]["seen"] == 3, 30)


@pytest.mark.parametrize("name", ["worker-high", "beat", "valkey", "postgres", "web", "watchdog"])
def test_a_child_that_is_killed_is_started_again(gateway, name):
    before = gateway.process(name)
    os.kill(before, signal.SIGKILL)
    after = until(lambda: (pid := gateway.process(name)) != before and pid)
    assert after not in (0, before)
    until(gateway.is_ready)
    assert name == "watchdog" or f"{name} ended (SIGKILL); starting it again" in gateway.said()


def test_killed_it_leaves_nothing_and_the_next_start_finds_its_data(gateway):
    assert len(working_on(gateway.data)) > 8
    os.kill(gateway.pid, signal.SIGKILL)
    gateway.supervisor.wait(5)
    until(lambda: not working_on(gateway.data), 6)
    gateway.start()
    assert "admin, with the password given at the first start" in gateway.said()


def test_started_over_while_its_old_processes_still_end(gateway):
    os.kill(gateway.pid, signal.SIGKILL)
    gateway.supervisor.wait(5)
    gateway.start()
    assert gateway.is_ready()
    assert "admin, with the password given at the first start" in gateway.said()
    lock = (gateway.data / "services" / "postgres" / "postmaster.pid").read_text().splitlines()
    assert int(lock[0]) == gateway.process("postgres")  # the old server does not hold the data any more


def test_two_live_side_by_side_and_each_stops_clean(gateway, tmp_path):
    """The other one below a path too long for a socket, and served by daphne."""
    other = Gateway(
        tmp_path / ("long" * 30) / "data",
        DJANGO_SUPERUSER_USERNAME="meera",
        DJANGO_SUPERUSER_PASSWORD="Aluva-to-1",
        KMRL_ASGI_SERVER="daphne",
    )
    other.data.parent.mkdir()
    try:
        other.start()
        assert "meera, with the password of DJANGO_SUPERUSER_PASSWORD" in other.said()
        assert b"daphne" in Path(f"/proc/{other.process('web')}/cmdline").read_bytes()
        assert other.ask("/api/v1/auth/token/", {"username": "meera", "password": "Aluva-to-1"})[0] == 200
        assert gateway.ask("/api/v1/auth/token/", {"username": "meera", "password": "Aluva-to-1"})[0] == 401
    finally:
        took = other.stop()
    assert other.supervisor.returncode == 0
    assert took < 8
    assert not working_on(other.data)
    assert not (other.data / "addresses.json").exists()
    assert not Path(f"/tmp/kmrl-{hashlib.sha256(os.fsencode(other.data / 'services')).hexdigest()[:12]}").exists()
    assert gateway.is_ready()
    instance.check_port("127.0.0.1", other.port)
