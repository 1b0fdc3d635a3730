"""The private services, started by a supervisor as a gateway starts them."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis
from kombu import Connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from kmrl import bus
from kmrl.embedded import addresses, memory, postgres, remains, runner, services, sockets
from kmrl.embedded.postgres import Postgres
from kmrl.embedded.runner import CannotRun, Runner
from tests.house.gateways import PROJECT, environment, until

SERVE = """
import sys, signal
from pathlib import Path
from kmrl.embedded import services
from kmrl.supervision import foundations
from kmrl.supervision.supervisor import StopAsked, Supervisor
data = services.folder(Path(sys.argv[1]))
with Supervisor(data / "log") as supervisor:
    found = foundations.start(supervisor, data, with_postgres=True, with_valkey=True)
    print("up", *(child.pid for child in supervisor.children), flush=True)
    supervisor.keep()
    supervisor.stop()
    foundations.stopped(found, data)
"""


@contextmanager
def serving(data: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The services on `data`; yields their supervisor and the process id of PostgreSQL."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(data)],
        cwd=PROJECT,
        env=environment(data),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        first = process.stdout.readline().split()
        assert first[:1] == ["up"], "the services did not start"
        yield process, int(first[2])
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("services") / "data"
    with serving(place):
        yield place


def ask(data: Path, query: str, **more) -> list[tuple]:
    with psycopg.connect(addresses.read(data)["DATABASE_URL"], **more) as connection:
        found = connection.execute(query)
        return found.fetchall() if found.description else []


def test_the_record_keeps_what_it_promises(data):
    names = ["fsync", "full_page_writes", "synchronous_commit", "listen_addresses", "autovacuum_naptime", "TimeZone"]
    found = dict(ask(data, "SELECT name, setting FROM pg_settings"))
    assert {name: found[name] for name in names} == {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "autovacuum_naptime": "5",
        "TimeZone": "UTC",
    }


def test_words_are_compared_alike_on_every_machine(data):
    query = "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'kmrl'"
    assert ask(data, query) == [("b", "C.UTF-8", "UTF8")]
    assert ask(data, "SELECT lower('ÄLUVA'), 'ആലുവ' ~ '^\\w'") == [("äluva", True)]


def test_the_gateway_is_not_the_superuser_but_may_make_test_databases(data):
    query = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    assert ask(data, query) == [(False, True)]


def test_nobody_gets_in_without_the_password(data):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(data, "SELECT 1", password="guess")
    line = redis.Redis.from_url(addresses.read(data)["REDIS_URL"])
    assert line.ping()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=line.connection_pool.connection_kwargs["path"], retry=Retry(NoBackoff(), 0)).ping()


def test_the_bus_gives_up_caches_but_no_message(data):
    line = redis.Redis.from_url(addresses.read(data)["REDIS_URL"], decode_responses=True)
    assert line.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}
    assert int(line.config_get("maxmemory")["maxmemory"]) >= 64 * 2**20
    assert line.config_get("save") == {"save": ""}


def test_celery_sends_messages_through_the_closed_socket(data):
    with Connection(bus.broker_url(addresses.read(data)["REDIS_URL"])) as connection:
        queue = connection.SimpleQueue("errand")
        queue.put({"wake": "up"})
        assert queue.get(timeout=5).payload == {"wake": "up"}
        queue.close()
    assert bus.broker_url("redis://10.0.0.1:6379/2") == "redis://10.0.0.1:6379/2"


def test_the_folders_are_closed(data):
    for place in (data / "services", data / "services" / "run", data / "services" / "postgres", data / "secrets"):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700, place
    assert stat.S_IMODE((data / "addresses.json").stat().st_mode) == 0o600


@pytest.mark.chaos
def test_killed_postgres_comes_back_with_everything(tmp_path):
    with serving(tmp_path / "data") as (_, pid):
        ask(tmp_path / "data", "CREATE TABLE kept (number integer)")
        ask(tmp_path / "data", "INSERT INTO kept VALUES (7)")
        ask_nothing = psycopg.connect(addresses.read(tmp_path / "data")["DATABASE_URL"])
        os.kill(pid, signal.SIGKILL)
        until(lambda: answers(tmp_path / "data"), 20)
        assert ask(tmp_path / "data", "SELECT number FROM kept") == [(7,)]
        ask_nothing.close()
    assert addresses.read(tmp_path / "data") == {}


def answers(data: Path) -> bool:
    try:
        return ask(data, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def test_a_lock_file_that_names_somebody_elses_process_is_made_harmless(tmp_path):
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{tmp_path}\n1700000000\n5432\n")
    remains.clear(tmp_path)
    assert lock.read_text() == f"{remains.NOBODY_HAS_IT}\n{tmp_path}\n1700000000\n5432\n"


def test_a_lock_file_that_was_never_written_is_removed(tmp_path):
    (tmp_path / "postmaster.pid").touch()
    remains.clear(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


@pytest.mark.chaos
def test_an_old_server_on_the_same_data_is_ended_first(tmp_path):
    hears_quit = "import signal, time; signal.signal(signal.SIGQUIT, signal.SIG_DFL); print(flush=True); time.sleep(60)"
    old = subprocess.Popen([sys.executable, "-c", hears_quit], cwd=tmp_path, stdout=subprocess.PIPE)
    assert old.stdout and old.stdout.readline()  # a shell's background work is born deaf to SIGQUIT; now it hears
    (tmp_path / "postmaster.pid").write_text(f"{old.pid}\n")
    remains.clear(tmp_path)
    assert old.wait(1) == -signal.SIGQUIT


def test_a_long_path_gets_a_short_socket_that_is_closed_and_taken_away_again(tmp_path):
    home = tmp_path / ("deep" * 25)
    home.mkdir()
    place = sockets.folder_for(home, postgres.SOCKET, Runner())
    try:
        assert len(str(place / postgres.SOCKET)) < 60
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert sockets.folder_for(home, postgres.SOCKET, Runner()) == place
    finally:
        sockets.forget(place, home)
    assert not place.exists()


def test_a_short_path_keeps_its_socket_below_the_data(tmp_path):
    home = Path("/tmp") / tmp_path.name
    try:
        assert sockets.folder_for(home, postgres.SOCKET, Runner()) == home / "run"
        sockets.forget(home / "run", home)
        assert (home / "run").exists()
    finally:
        (home / "run").rmdir()
        home.rmdir()


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CannotRun, match="is not writable: choose another folder with KMRL_DATA"):
        services.folder(tmp_path)


def test_given_services_are_not_started(tmp_path):
    data = tmp_path / "data"
    found = services.of(data, with_postgres=False, with_valkey=False)
    assert (found.postgres, found.valkey, found.addresses()) == (None, None, {})
    assert not data.exists()


def test_memory_is_that_of_the_machine():
    assert 128 < memory.megabytes() < 2**24


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root needs a way")
@pytest.mark.parametrize("way", ["namespace", "search", "override"])
def test_root_runs_postgres_below_a_closed_folder(way, tmp_path):
    """Each of the ways, where the machine grants it at all."""
    closed = tmp_path / "closed" / "below"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    home = closed / "services"
    user = runner._user_for(home)
    ours = Runner(user.pw_uid, user.pw_gid, way, (str(home), str(postgres.packages())))
    ours.own(home)
    said = runner._problem(ours, home, postgres.trial(home))
    if "not permitted" in said:
        pytest.skip(f"not granted here: {said}")
    assert said == ""
    plain = Runner(user.pw_uid, user.pw_gid)
    assert runner._problem(plain, home, postgres.trial(home)) != ""


def test_a_cluster_is_synced_as_a_whole_before_it_gets_its_name(tmp_path, monkeypatch):
    """What makes it syncs nothing by itself; a machine that dies meanwhile finds no cluster, and makes one."""
    ran: list[tuple[list[str], bool]] = []

    def run(self: Postgres, command: list[str], said: str = "") -> None:
        (self.home / "postgres.new").mkdir(exist_ok=True)
        ran.append((command, self.data.exists()))

    monkeypatch.setattr(Postgres, "_run", run)
    Postgres(tmp_path, Runner(), tmp_path / "run", "secret").prepare()
    made, filled, synced = (command for command, _ in ran)
    assert "--no-sync" in made and "-F" in filled and "--sync-only" in synced
    assert [named for _, named in ran] == [False, False, False]
    assert (tmp_path / "postgres").exists()
